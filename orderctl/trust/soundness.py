"""Can a policy work? Flows and rights in, what is wrong with them out: unknown names, circles, seats nobody can fill.

Time that merely passes changes no verdict: who is there is judged at the instant that the manifest was issued.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from orderctl.codes import policy as codes
from orderctl.model import Finding
from orderctl.trust.keys import APPROVALS, COMMITS, Key
from orderctl.trust.people import SERVICE
from orderctl.trust.policy_files import FLOWS, PERMISSIONS, wrong

EVIDENCE = "evidence"
"""The name in permissions of files in an evidence folder."""
POLICY = "policy"
_TWICE = ("编号 {id} 写了两次", "the id {id} is there twice", "换一个编号", "choose another id")


def flow_faults(data: Mapping[str, Any], kinds: Iterable[str], version: int) -> Iterator[Finding]:
    """Yield what is wrong with the flows themselves. ``version``: the policy's own."""
    known, flows = frozenset(kinds), data["flows"]
    subjects = {flow["subject"] for flow in flows}
    for n, need in enumerate(data.get("requires", ())):
        if need["kind"] not in known:
            yield _unknown_kind(FLOWS, f"/requires/{n}/kind", need["kind"])
        if need["subject"] not in subjects:
            yield wrong(
                FLOWS,
                f"/requires/{n}/subject",
                f"没有审批 {need['subject']} 的流程",
                f"no flow approves {need['subject']}",
                "改正单据类型，或为它写一条流程",
                "set the kind right, or write a flow for it",
            )
    yield from _twice([flow["id"] for flow in flows], "/flows")
    for n, flow in enumerate(flows):
        at, ids = f"/flows/{n}", [stage["id"] for stage in flow["stages"]]
        yield from _twice(ids, f"{at}/stages")
        if flow["subject"] == POLICY and "when" in flow:
            yield wrong(
                FLOWS,
                f"{at}/when",
                f"政策的流程 {flow['id']} 带有条件，可能没有流程适用，政策就再也改不了",
                f"the flow {flow['id']} of the policy has conditions: if none fits, nobody could change it again",
                "删去 when",
                "take when out",
            )
        if flow.get("since", 0) > version:
            yield wrong(
                FLOWS,
                f"{at}/since",
                f"since 是 {flow['since']}，政策才到第 {version} 版",
                f"since is {flow['since']}, the policy is at version {version}",
                f"最多写 {version}，即本次政策的版本",
                f"write {version} at most, the version of this policy",
            )
        yield from _stage_faults(flow, ids, at, known)


def _stage_faults(flow: Mapping[str, Any], ids: Sequence[str], at: str, kinds: frozenset[str]) -> Iterator[Finding]:
    for m, stage in enumerate(flow["stages"]):
        place = f"{at}/stages/{m}"
        for k, name in enumerate(stage.get("after", ())):
            if name not in ids:
                yield wrong(
                    FLOWS,
                    f"{place}/after/{k}",
                    f"流程 {flow['id']} 没有环节 {name}",
                    f"the flow {flow['id']} has no stage {name}",
                    f"写本流程的环节编号：{'、'.join(ids)}",
                    f"write stages of this flow: {', '.join(ids)}",
                )
        if SERVICE in (*_roles(stage), stage.get("escalate")):
            yield wrong(
                FLOWS,
                place,
                "系统服务不能审批",
                "a service can't approve",
                "写由人担任的角色",
                "name a role that people have",
            )
        for k, look in enumerate(stage.get("looks_at", ())):
            if look["kind"] not in kinds:
                yield _unknown_kind(FLOWS, f"{place}/looks_at/{k}/kind", look["kind"])
    if len(set(ids)) < len(ids):
        return
    try:
        TopologicalSorter(_waits(flow)).prepare()
    except CycleError as error:
        names = " → ".join(dict.fromkeys(reversed(error.args[1])))
        yield codes.POLICY_CYCLIC.at(FLOWS, at, what_zh="环节", what_en="stages", names=names, commit="", person="")


def _waits(flow: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return which stages each stage waits for, as the flow is written."""
    found: dict[str, list[str]] = {}
    before: list[str] = []
    for stage in flow["stages"]:
        found[stage["id"]] = list(stage.get("after", [] if flow.get("parallel") else before))
        before = [stage["id"]]
    return found


def permission_faults(data: Mapping[str, Any], kinds: Iterable[str]) -> Iterator[Finding]:
    """Yield what is wrong with the rights: kinds that don't exist, paths that can't."""
    known = {*kinds, EVIDENCE}
    for n, right in enumerate(data["rights"]):
        for k, kind in enumerate(right.get("kinds", ())):
            if kind not in known:
                yield _unknown_kind(PERMISSIONS, f"/rights/{n}/kinds/{k}", kind)
        for k, path in enumerate(right.get("paths", ())):
            if {"", ".", ".."} & set(path.removesuffix("/").split("/")):
                yield wrong(
                    PERMISSIONS,
                    f"/rights/{n}/paths/{k}",
                    f"路径 {path} 含有 . 或 .. 或空的一级",
                    f"the path {path} has a part that is empty, . or ..",
                    "自工作区根目录写起，如 docs/ 或 README.md",
                    "write it from the workspace's root, such as docs/ or README.md",
                )


def seat_faults(
    flows: Mapping[str, Any], people: Mapping[str, Any], keys: Sequence[Key], issued: int, last_day: str
) -> Iterator[Finding]:
    """Yield the flows that can't be completed: a person has one seat in a flow, as when approvals are counted.

    ``issued``: when the policy was, in seconds since 1970; ``last_day``: the company's day then: its leavers are gone.
    The policy's own flow counts only persons who can prove who they are, else nobody could ever change it again.
    """
    there = {p["id"]: p for p in people["people"] if p.get("left_on", "9999") > last_day}
    holders: dict[str, set[str]] = {}
    for id, person in there.items():
        for role in person["roles"]:
            holders.setdefault(role, set()).add(id)
    owned: dict[str, list[Key]] = {}
    for key in keys:
        owned.setdefault(key.person, []).append(key)
    own = False
    for n, flow in enumerate(flows["flows"]):
        own = own or flow["subject"] == POLICY
        seats: list[tuple[int, frozenset[str]]] = []
        for stage in flow["stages"]:
            able = frozenset(id for role in _roles(stage) for id in holders.get(role, ()))
            if flow["subject"] == POLICY:
                able = frozenset(id for id in able if _can_prove(there[id], stage, owned.get(id, ()), issued))
            seats.append((stage.get("needs", 1), able))
        short = next((m for m, (needs, able) in enumerate(seats) if len(able) < needs), None)
        empty = _unfilled(seats) if short is None else None
        if short is not None:
            yield _short(flow, f"/flows/{n}/stages/{short}", flow["stages"][short], len(seats[short][1]))
        elif empty is not None:
            yield _crowded(flow, f"/flows/{n}/stages/{empty}", flow["stages"][empty])
        elif flow["subject"] == POLICY and all(stage.get("ratify") for stage in flow["stages"]):
            yield _no_flow(f"/flows/{n}/stages", flow["id"])
    if not own:
        yield _no_flow("/flows", POLICY)


def _roles(stage: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(stage.get("roles", ())) or (stage.get("role", ""),)


def _can_prove(person: Mapping[str, Any], stage: Mapping[str, Any], keys: Sequence[Key], at: int) -> bool:
    """Tell whether a person has a key (of ``keys``, all theirs) that holds, or an account, as the evidence asks for."""
    evidence = set(stage.get("evidence", ("signature", "commit")))
    wanted = {space for word, space in (("signature", APPROVALS), ("commit", COMMITS)) if word in evidence}
    for key in keys:
        ended = (key.retired_at is not None and key.retired_at <= at) or key.compromised_since is not None
        ended = ended or (key.active_from is not None and key.active_from > at)
        if not ended and key.revoked_since is None and wanted & key.namespaces:
            return True
    return "review" in evidence and bool(person.get("forge"))


def _unfilled(stages: Sequence[tuple[int, frozenset[str]]]) -> int | None:
    """Return the first stage (how many it needs, who is able) that no different persons are left for, None if all can
    be filled: a matching of seats and persons, in which the seats of a stage are alike."""
    sits: dict[str, int] = {}
    for stage, (needs, able) in enumerate(stages):
        free = sorted(able - sits.keys())
        sits |= dict.fromkeys(free[:needs], stage)
        for _ in range(needs - len(free)):
            if not _moved_up(stage, stages, sits):
                return stage
    return None


def _moved_up(stage: int, stages: Sequence[tuple[int, frozenset[str]]], sits: dict[str, int]) -> bool:
    """Give a stage one more person by moving others from stage to stage; False if nobody is left who could help."""
    came: dict[int, tuple[int, str]] = {}
    waiting = deque([stage])
    while waiting:
        at = waiting.popleft()
        able = stages[at][1]
        if free := min(able - sits.keys(), default=""):
            while True:  # everybody on the way moves up one seat
                sits[free] = at
                if at == stage:
                    return True
                at, free = came[at]
        for person in able:
            if sits[person] != stage and sits[person] not in came:
                came[sits[person]] = (at, person)
                waiting.append(sits[person])
    return False


def _short(flow: Mapping[str, Any], at: str, stage: Mapping[str, Any], able: int) -> Finding:
    needs, roles = stage.get("needs", 1), "/".join(_roles(stage))
    proof = flow["subject"] == POLICY
    return codes.POLICY_UNSATISFIABLE.at(
        FLOWS,
        at,
        flow=flow["id"],
        reason_zh=f"环节 {stage['id']} 要 {needs} 个在职{'且有密钥或账号' if proof else ''}的 {roles}，只有 {able} 个",
        reason_en=f"the stage {stage['id']} needs {needs} of {roles} {'with a key or account ' if proof else ''}"
        f"who haven't left, there are {able}",
        advice_zh="在 policy/people.yaml 中给够人数的人加上角色" + ("和密钥" if proof else "") + "，或减少 needs",
        advice_en=f"give enough people the role{' and a key' if proof else ''} in policy/people.yaml, or lower needs",
        commit="",
        person="",
    )


def _crowded(flow: Mapping[str, Any], at: str, stage: Mapping[str, Any]) -> Finding:
    return codes.POLICY_UNSATISFIABLE.at(
        FLOWS,
        at,
        flow=flow["id"],
        reason_zh=f"轮到环节 {stage['id']} 时已无人可用，一个人在一条流程里只算一次",
        reason_en=f"nobody is left for the stage {stage['id']}, since a person counts once in a flow",
        advice_zh="把角色分给不同的人，或删减环节",
        advice_en="give the roles to different people, or take a stage out",
        commit="",
        person="",
    )


def _no_flow(at: str, name: str) -> Finding:
    return codes.POLICY_UNSATISFIABLE.at(
        FLOWS,
        at,
        flow=name,
        reason_zh="没有任何环节批准政策的修改",
        reason_en="no stage approves changes of the policy",
        advice_zh="写一条 subject: policy 的流程，至少一个非补签环节",
        advice_en="write a flow with subject: policy and at least one stage that doesn't ratify",
        commit="",
        person="",
    )


def _unknown_kind(path: str, pointer: str, kind: str) -> Finding:
    return wrong(
        path,
        pointer,
        f"没有 {kind} 这种单据",
        f"there is no kind of document {kind}",
        "写 orderctl schemas list 列出的类型",
        "write a kind that orderctl schemas list shows",
    )


def _twice(ids: Sequence[str], at: str) -> Iterator[Finding]:
    for n, id in enumerate(ids):
        if id in ids[:n]:
            zh, en, advice_zh, advice_en = (text.format(id=id) for text in _TWICE)
            yield wrong(FLOWS, f"{at}/{n}/id", zh, en, advice_zh, advice_en)
