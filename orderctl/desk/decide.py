"""May this person decide this here and now? A matter and what they want in; nothing out, or one sentence why not.

Everything that is refused here the gate would refuse too, only later and to somebody else's annoyance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from orderctl.approvals import StageState, authors, may_decide, stands_in_for
from orderctl.desk.statements import Decision, digest_of, instant
from orderctl.digest import digest_without
from orderctl.model import SetupError
from orderctl.terminal import visible
from orderctl.workdays import moment

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk, Matter
    from orderctl.model import Document

DENIED = 11
"""The exit code of what the gate would deny."""
_STATES = {
    "waiting": ("未轮到", "its turn has not come"),
    "open": ("待审批", "open"),
    "approved": ("已批准", "approved"),
    "rejected": ("已驳回", "rejected"),
}


def denied(code: str, zh: str, en: str, exit_code: int = DENIED) -> SetupError:
    """Return a refusal."""
    return SetupError(f"desk.{code}", zh, en, exit_code)


def check_submitted(matter: Matter) -> None:
    """Raise SetupError for an order that wasn't submitted, or changed since."""
    number, revision = matter.subject.number, matter.subject.revision
    if matter.subject.document.kind != "order":
        return
    submission = matter.submission
    if submission is None or submission["revision"] != revision:
        had = f"（已提交的是第 {submission['revision']} 版）" if submission else ""
        has = f" (revision {submission['revision']} was)" if submission else ""
        raise denied(
            "not_submitted",
            f"订单 {number} 第 {revision} 版还没有提交审批{had}。请经办人先运行 orderctl submit {number}",
            f"order {number}, revision {revision}, was not submitted{has}. "
            f"Its maker runs orderctl submit {number} first",
        )
    left_out = submission.get("immaterial")
    if left_out is not None and digest_without(matter.subject.document.data, left_out) != submission["digest"]:
        raise denied(
            "changed",
            f"订单 {number} 在提交后又被修改。请经办人再次运行 orderctl submit {number}",
            f"order {number} was changed after it was submitted. Its maker runs orderctl submit {number} again",
        )


def check_flow(matter: Matter) -> None:
    """Raise SetupError when nothing is to be decided: no flow of the policy fits, or it is the first policy."""
    if matter.subject.document.kind == "policy" and "previous" not in matter.subject.document:
        raise denied(
            "first_policy",
            "这是第一版政策，没有更早的政策可以要求审批，无须审批",
            "this is the first policy: there was none before it that could ask for an approval",
        )
    if not matter.stages:
        name = matter.subject.number
        raise denied(
            "no_flow",
            f"policy/flows.yaml 中没有适用于 {name} 的审批流程。请政策管理员补上",
            f"no flow of policy/flows.yaml fits {name}. A policy administrator has to add one",
        )


def choose_stage(matter: Matter, wanted: str, person: str, for_: str, at: Desk) -> StageState:
    """Return the stage that is meant: the one named, else the only open one at which the person may decide."""
    if wanted:
        stage = next((s for s in matter.stages if s.id == wanted), None)
        if stage is not None:
            return stage
        zh, en = _stages(at, matter.stages)
        raise denied(
            "stage",
            f"{matter.subject.number} 没有“{visible(wanted)}”这个环节。环节有：{zh}",
            f"{matter.subject.number} has no stage “{visible(wanted)}”. There are: {en}",
            2,
        )
    turn = [s for s in matter.stages if s.state == "open"]
    for fitting in (_theirs(turn, matter, person, for_, at), _theirs(matter.stages, matter, person, for_, at), turn):
        if len(fitting) == 1:
            return fitting[0]
    zh, en = _stages(at, matter.stages)
    raise denied("stage", f"请用 --stage 指明环节。环节有：{zh}", f"name the stage with --stage. There are: {en}", 2)


def _theirs(stages: Iterable[StageState], matter: Matter, person: str, for_: str, at: Desk) -> Sequence[StageState]:
    subject = matter.subject.document
    return [s for s in stages if may_decide(person, s, subject, "", at.rules, for_=for_)]


def _stages(at: Desk, stages: Iterable[StageState]) -> tuple[str, str]:
    """Return every stage with its state and whose turn it is, in both languages."""
    names, zh, en = at.names, [], []
    for stage in stages:
        who, turn = names.listed("person", stage.who, "en"), names.listed("person", stage.who, "zh")
        zh.append(f"{names.stage(stage.id, 'zh')}：{_STATES[stage.state][0]}{f'，轮到 {turn}' if who else ''}")
        en.append(f"{names.stage(stage.id, 'en')}: {_STATES[stage.state][1]}{f', waits for {who}' if who else ''}")
    return "；".join(zh), "; ".join(en)


def check_decision(at: Desk, matter: Matter, said: Decision, stage: StageState, *, review: bool = False) -> None:
    """Raise SetupError when this person may not say this here now. ``review``: it is proved by a forge review."""
    number, names = matter.subject.number, at.names
    if said.decision == "approve":
        _check_author(at, matter, said)
    _check_state(at, matter, said, stage)
    person_zh, person_en = names.person(said.person, "zh"), names.person(said.person, "en")
    stage_zh, stage_en = names.stage(stage.id, "zh"), names.stage(stage.id, "en")
    subject, now = matter.subject.document, instant(at.now, at.policy.zone)
    if stage.since and moment(now) < moment(stage.since):
        raise denied(
            "before",
            f"环节 {stage_zh}在 {stage.since} 才开始，而现在的时间是 {now}，更早的决定不算数。"
            "请核对电脑的时钟，或稍后再试",
            f"stage {stage_en} opened at {stage.since}, and it is {now}: a decision from before doesn't count. "
            "See whether your clock is right, or wait",
        )
    role = may_decide(said.person, stage, subject, now, at.rules, for_=said.for_)
    if not role:
        raise _not_theirs(at, matter, said, stage)
    if role == stage.escalate and role not in stage.roles and not said.reason:
        raise denied(
            "reason",
            f"环节 {stage_zh}已超时，由 {names.role(role, 'zh')}代为决定时请用 --reason 说明原因",
            f"stage {stage_en} is late and you decide as {names.role(role, 'en')}: say why with --reason",
        )
    seated = next((s.id for s in matter.stages if s.id != stage.id and any(_seat(d, said) for d in s.decisions)), "")
    if seated:
        raise denied(
            "same_person",
            f"{person_zh}已在环节 {names.stage(seated, 'zh')}审批过 {number}，"
            "同一人在一个流程中只算一次。请由其他人决定",
            f"{person_en} decided on {number} at stage {names.stage(seated, 'en')} already, and a person counts once "
            "in a flow. Somebody else has to decide",
        )
    if review and "review" not in stage.evidence:
        raise denied(
            "evidence",
            f"环节 {stage_zh}不接受平台评审作为凭证，只接受 {', '.join(stage.evidence)}。请本人签名审批",
            f"stage {stage_en} accepts no forge review, only {', '.join(stage.evidence)}. The person has to sign",
        )
    if not review and not {"signature", "commit"} & set(stage.evidence):
        raise denied(
            "evidence",
            f"环节 {stage_zh}只接受平台评审。请运行 orderctl approve {number} --stage {stage.id} "
            f"--prepare {said.person}，再在合并请求上批准",
            f"stage {stage_en} accepts forge reviews only. Run orderctl approve {number} --stage {stage.id} "
            f"--prepare {said.person}, then approve the pull request",
        )


def _seat(decision: Document, said: Decision) -> bool:
    taken = {str(decision["person"]), str(decision.get("for", ""))} - {""}
    return bool(taken & {said.person, said.for_})


def _check_author(at: Desk, matter: Matter, said: Decision) -> None:
    made = authors(matter.subject.document, matter.submission)
    own = next((p for p in (said.person, said.for_) if p in made), "")
    if own:
        number, names = matter.subject.number, at.names
        raise denied(
            "own_order",
            f"{names.person(own, 'zh')}是 {number} 的经手人（{names.listed('person', sorted(made), 'zh')}），"
            "不能审批自己的单据。请由其他人审批",
            f"{names.person(own, 'en')} had a hand in {number} "
            f"(authors: {names.listed('person', sorted(made), 'en')}) and can't decide on it. "
            "Somebody else has to",
        )


def _check_state(at: Desk, matter: Matter, said: Decision, stage: StageState) -> None:
    number, names = matter.subject.number, at.names
    stage_zh, stage_en = names.stage(stage.id, "zh"), names.stage(stage.id, "en")
    mine = next((d for d in stage.decisions if d["person"] == said.person), None)
    if mine is not None and mine["decision"] == said.decision:
        raise denied(
            "already",
            f"{names.person(said.person, 'zh')}已于 {mine['issued']} 在环节 {stage_zh}给出同样的决定。无须重复；"
            f"要改主意请先运行 orderctl withdraw {number} --stage {stage.id}",
            f"{names.person(said.person, 'en')} decided the same at stage {stage_en} on {mine['issued']}. "
            f"Nothing is left to do; to think again, run orderctl withdraw {number} --stage {stage.id}",
        )
    if stage.state == "approved":
        by = [str(d["person"]) for d in stage.decisions]
        raise denied(
            "approved",
            f"{number} 的环节 {stage_zh}已由 {names.listed('person', by, 'zh')}批准，无须再审批",
            f"stage {stage_en} of {number} was approved by {names.listed('person', by, 'en')} already; "
            "nothing is left to decide",
        )
    rejected = next((s for s in matter.stages if s.state == "rejected"), None)
    if rejected and stage.state != "rejected":
        by = [str(d["person"]) for d in rejected.decisions]
        who_zh, who_en = names.listed("person", by, "zh"), names.listed("person", by, "en")
        raise denied(
            "rejected",
            f"{number} 已在环节 {names.stage(rejected.id, 'zh')}被 {who_zh}驳回。"
            "请经办人修改后重新提交，或由驳回人撤回驳回",
            f"{number} was rejected at stage {names.stage(rejected.id, 'en')} by {who_en}. "
            "Its maker mends it and submits anew, or who rejected it withdraws",
        )
    if stage.state == "waiting":
        zh, en = _stages(at, (s for s in matter.stages if s.state == "open"))
        raise denied(
            "waiting",
            f"还没有轮到环节 {stage_zh}，现在是：{zh or '无'}",
            f"it isn't the turn of stage {stage_en} yet; now it is: {en or 'nobody’s'}",
        )


def _not_theirs(at: Desk, matter: Matter, said: Decision, stage: StageState) -> SetupError:
    names = at.names
    stage_zh, stage_en = names.stage(stage.id, "zh"), names.stage(stage.id, "en")
    roles_zh, roles_en = names.listed("role", stage.roles, "zh"), names.listed("role", stage.roles, "en")
    who_zh, who_en = names.listed("person", stage.who, "zh"), names.listed("person", stage.who, "en")
    if said.for_:
        return denied(
            "deputy",
            f"{names.person(said.person, 'zh')}现在不能在环节 {stage_zh}代理 {names.person(said.for_, 'zh')}："
            "policy/people.yaml 的 deputies 中没有涵盖此时、此角色、此流程和此金额的条目。"
            f"可决定的人：{who_zh or '无'}",
            f"{names.person(said.person, 'en')} may not stand in for {names.person(said.for_, 'en')} "
            f"at stage {stage_en}: no line of deputies in policy/people.yaml covers this time, role, flow and total. "
            f"Who may decide: {who_en or 'nobody'}",
        )
    if deputy := stands_in_for(said.person, stage, matter.subject.document, at.rules):
        return denied(
            "role",
            f"环节 {stage_zh}须由角色 {roles_zh}决定。您可以代理 {names.listed('person', deputy, 'zh')}："
            f"请加上 --for {deputy[0]}",
            f"stage {stage_en} is decided by {roles_en}. "
            f"You may stand in for {names.listed('person', deputy, 'en')}: add --for {deputy[0]}",
        )
    return denied(
        "role",
        f"环节 {stage_zh}须由角色 {roles_zh}决定，{names.person(said.person, 'zh')}没有这个角色。"
        f"可决定的人：{who_zh or '无'}",
        f"stage {stage_en} is decided by {roles_en}; {names.person(said.person, 'en')} doesn't hold that role. "
        f"Who may decide: {who_en or 'nobody'}",
    )


def to_withdraw(at: Desk, matter: Matter, stage: str, person: str) -> tuple[Document, bytes]:
    """Return the person's newest decision at a stage that still stands, and its bytes; raise SetupError if none is."""
    own = [s for s in matter.statements if s["person"] == person and (not stage or s["stage"] == stage)]
    own = [s for s in own if s["revision"] == matter.subject.revision]
    raw = {s.path: at.state.read(s.path) or b"" for s in own}
    gone = {str(s.get("withdraws", "")) for s in own if s["decision"] == "withdraw"}
    left: Sequence[Document] = [s for s in own if s["decision"] != "withdraw" and digest_of(raw[s.path]) not in gone]
    if not left:
        number, names, at_zh, at_en = matter.subject.number, at.names, "", ""
        if stage:
            at_zh = f"在环节 {visible(names.stage(stage, 'zh'))}"
            at_en = f", at stage {visible(names.stage(stage, 'en'))},"
        raise denied(
            "nothing",
            f"{names.person(person, 'zh')}对 {number} 第 {matter.subject.revision} 版{at_zh}没有可撤回的意见",
            f"{names.person(person, 'en')} has no decision on {number}, revision {matter.subject.revision}{at_en} "
            "that could be withdrawn",
            2,
        )
    newest = max(left, key=lambda s: (moment(s["issued"]), s.path))
    return newest, raw[newest.path]
