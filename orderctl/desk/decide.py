"""May this person decide this here and now? A matter and what they want in; nothing out, or one sentence why not.

Everything that is refused here the gate would refuse too, only later and to somebody else's annoyance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from orderctl.approvals import StageState, asks_for_change, authors, is_bare, may_decide, stands_in_for
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


def check_opinion(decision: str, opinion: str) -> None:
    """Raise SetupError for an opinion that says nothing: a bare yes or no, a rejection that asks for nothing."""
    shown = visible(opinion.strip())
    if not shown and decision != "withdraw":
        raise denied(
            "opinion",
            "意见是空的。请写明核对了什么、要改什么，例如 --opinion “账期内无逾期，额度尚余 38,300 元”",
            "the opinion is empty. Say what you looked at or what must change, "
            "for example --opinion “no overdue invoices, 38,300 of the credit limit left”",
        )
    if is_bare(opinion) and decision != "withdraw":
        raise denied(
            "opinion",
            f"意见“{shown}”没有说明审核了什么。请写明依据，例如 --opinion “账期内无逾期，额度尚余 38,300 元”",
            f"the opinion “{shown}” doesn't say what was looked at. Say what you decide on, "
            "for example --opinion “no overdue invoices, 38,300 of the credit limit left”",
        )
    if decision == "reject" and not asks_for_change(opinion):
        raise denied(
            "opinion_asks",
            f"驳回意见“{shown}”没有说明要改什么。请写明，例如 --opinion “交期请改到 5 月 25 日以后”",
            f"the opinion “{shown}” doesn't say what must change. Say it, "
            "for example --opinion “please move the due date to 25 May or later”",
        )
    if decision == "withdraw" and not opinion.strip():
        raise denied(
            "opinion",
            "撤回也要说明原因，例如 --opinion “额度算错了，需重新核对”",
            "a withdrawal needs its reason too, for example --opinion “the limit was added up wrongly”",
        )


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
        zh, en = _stages(matter.stages)
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
    zh, en = _stages(matter.stages)
    raise denied("stage", f"请用 --stage 指明环节。环节有：{zh}", f"name the stage with --stage. There are: {en}", 2)


def _theirs(stages: Iterable[StageState], matter: Matter, person: str, for_: str, at: Desk) -> Sequence[StageState]:
    subject = matter.subject.document
    return [s for s in stages if may_decide(person, s, subject, "", at.rules, for_=for_)]


def _stages(stages: Iterable[StageState]) -> tuple[str, str]:
    """Return every stage with its state and whose turn it is, in both languages."""
    zh, en = [], []
    for stage in stages:
        who, turn = ", ".join(stage.who), "、".join(stage.who)
        zh.append(f"{stage.id}（{_STATES[stage.state][0]}{f'，轮到 {turn}' if who else ''}）")
        en.append(f"{stage.id} ({_STATES[stage.state][1]}{f', waits for {who}' if who else ''})")
    return "、".join(zh), ", ".join(en)


def check_decision(at: Desk, matter: Matter, said: Decision, stage: StageState, *, review: bool = False) -> None:
    """Raise SetupError when this person may not say this here now. ``review``: it is proved by a forge review."""
    number, person = matter.subject.number, said.person
    if said.decision == "approve":
        _check_author(matter, said)
    _check_state(matter, said, stage)
    subject, now = matter.subject.document, instant(at.now, at.policy.zone)
    if stage.since and moment(now) < moment(stage.since):
        raise denied(
            "before",
            f"环节 {stage.id} 在 {stage.since} 才开始，而现在的时间是 {now}，更早的决定不算数。"
            "请核对电脑的时钟，或稍后再试",
            f"stage {stage.id} opened at {stage.since}, and it is {now}: a decision from before doesn't count. "
            "See whether your clock is right, or wait",
        )
    role = may_decide(person, stage, subject, now, at.rules, for_=said.for_)
    if not role:
        raise _not_theirs(at, matter, said, stage)
    if role == stage.escalate and role not in stage.roles and not said.reason:
        raise denied(
            "reason",
            f"环节 {stage.id} 已超时，由 {role} 代为决定时请用 --reason 说明原因",
            f"stage {stage.id} is late and you decide as {role}: say why with --reason",
        )
    seated = next((s.id for s in matter.stages if s.id != stage.id and any(_seat(d, said) for d in s.decisions)), "")
    if seated:
        raise denied(
            "same_person",
            f"{person} 已在环节 {seated} 审批过 {number}，同一人在一个流程中只算一次。请由其他人决定",
            f"{person} decided on {number} at stage {seated} already, and a person counts once in a flow. "
            "Somebody else has to decide",
        )
    if review and "review" not in stage.evidence:
        raise denied(
            "evidence",
            f"环节 {stage.id} 不接受平台评审作为凭证，只接受 {', '.join(stage.evidence)}。请本人签名审批",
            f"stage {stage.id} accepts no forge review, only {', '.join(stage.evidence)}. The person has to sign",
        )
    if not review and not {"signature", "commit"} & set(stage.evidence):
        raise denied(
            "evidence",
            f"环节 {stage.id} 只接受平台评审。请运行 orderctl approve {number} --stage {stage.id} --prepare {person}，"
            "再在合并请求上批准",
            f"stage {stage.id} accepts forge reviews only. Run orderctl approve {number} --stage {stage.id} "
            f"--prepare {person}, then approve the pull request",
        )


def _seat(decision: Document, said: Decision) -> bool:
    taken = {str(decision["person"]), str(decision.get("for", ""))} - {""}
    return bool(taken & {said.person, said.for_})


def _check_author(matter: Matter, said: Decision) -> None:
    made = authors(matter.subject.document, matter.submission)
    own = next((p for p in (said.person, said.for_) if p in made), "")
    if own:
        number = matter.subject.number
        raise denied(
            "own_order",
            f"{own} 是 {number} 的经手人（{', '.join(sorted(made))}），不能审批自己的单据。请由其他人审批",
            f"{own} had a hand in {number} (authors: {', '.join(sorted(made))}) and can't decide on it. "
            "Somebody else has to",
        )


def _check_state(matter: Matter, said: Decision, stage: StageState) -> None:
    number = matter.subject.number
    mine = next((d for d in stage.decisions if d["person"] == said.person), None)
    if mine is not None and mine["decision"] == said.decision:
        raise denied(
            "already",
            f"{said.person} 已于 {mine['issued']} 在环节 {stage.id} 给出同样的决定。无须重复；"
            f"要改主意请先运行 orderctl withdraw {number} --stage {stage.id}",
            f"{said.person} decided the same at stage {stage.id} on {mine['issued']}. Nothing is left to do; "
            f"to think again, run orderctl withdraw {number} --stage {stage.id}",
        )
    if stage.state == "approved":
        who = ", ".join(str(d["person"]) for d in stage.decisions)
        raise denied(
            "approved",
            f"{number} 的环节 {stage.id} 已由 {who} 批准，无须再审批",
            f"stage {stage.id} of {number} was approved by {who} already; nothing is left to decide",
        )
    rejected = [
        (s.id, ", ".join(str(d["person"]) for d in s.decisions)) for s in matter.stages if s.state == "rejected"
    ]
    if rejected and stage.state != "rejected":
        where, who = rejected[0]
        raise denied(
            "rejected",
            f"{number} 已在环节 {where} 被 {who} 驳回。请经办人修改后重新提交，或由 {who} 撤回驳回",
            f"{number} was rejected at stage {where} by {who}. Its maker mends it and submits anew, or {who} withdraws",
        )
    if stage.state == "waiting":
        zh, en = _stages(s for s in matter.stages if s.state == "open")
        raise denied(
            "waiting",
            f"还没有轮到环节 {stage.id}，现在是：{zh or '无'}",
            f"it isn't the turn of stage {stage.id} yet; now it is: {en or 'nobody’s'}",
        )


def _not_theirs(at: Desk, matter: Matter, said: Decision, stage: StageState) -> SetupError:
    roles, who = ", ".join(stage.roles), ", ".join(stage.who)
    by_zh, by_en = (f"（{'、'.join(stage.who)}）", f" ({who})") if who else ("", "")
    if said.for_:
        return denied(
            "deputy",
            f"{said.person} 现在不能在环节 {stage.id} 代理 {said.for_}：policy/people.yaml 的 deputies 中"
            f"没有涵盖此时、此角色、此流程和此金额的条目。可决定的人：{'、'.join(stage.who) or '无'}",
            f"{said.person} may not stand in for {said.for_} at stage {stage.id}: no line of deputies in "
            f"policy/people.yaml covers this time, role, flow and total. Who may decide: {who or 'nobody'}",
        )
    if deputy := stands_in_for(said.person, stage, matter.subject.document, at.rules):
        return denied(
            "role",
            f"环节 {stage.id} 须由角色 {roles} 决定。您可以代理 {', '.join(deputy)}：请加上 --for {deputy[0]}",
            f"stage {stage.id} is decided by {roles}. You may stand in for {', '.join(deputy)}: add --for {deputy[0]}",
        )
    return denied(
        "role",
        f"环节 {stage.id} 须由角色 {roles}{by_zh}决定，{said.person} 没有这个角色",
        f"stage {stage.id} is decided by {roles}{by_en}; {said.person} doesn't hold that role",
    )


def to_withdraw(at: Desk, matter: Matter, stage: str, person: str) -> tuple[Document, bytes]:
    """Return the person's newest decision at a stage that still stands, and its bytes; raise SetupError if none is."""
    own = [s for s in matter.statements if s["person"] == person and (not stage or s["stage"] == stage)]
    own = [s for s in own if s["revision"] == matter.subject.revision]
    raw = {s.path: at.state.read(s.path) or b"" for s in own}
    gone = {str(s.get("withdraws", "")) for s in own if s["decision"] == "withdraw"}
    left: Sequence[Document] = [s for s in own if s["decision"] != "withdraw" and digest_of(raw[s.path]) not in gone]
    if not left:
        number, at_zh, at_en = matter.subject.number, "", ""
        if stage:
            at_zh, at_en = f"在环节 {visible(stage)} ", f", at stage {visible(stage)},"
        raise denied(
            "nothing",
            f"{person} 对 {number} 第 {matter.subject.revision} 版{at_zh}没有可撤回的意见",
            f"{person} has no decision on {number}, revision {matter.subject.revision}{at_en} that could be withdrawn",
            2,
        )
    newest = max(left, key=lambda s: (moment(s["issued"]), s.path))
    return newest, raw[newest.path]
