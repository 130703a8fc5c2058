"""One decision by itself: each fault is one finding; said twice, by a deputy, at a stage that passed on; in process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderctl.trust.change import judge_step
from orderctl.trust.state import State
from orderctl.workdays import add_working_hours, moment
from tests.trust.histories import (
    DAY,
    Commit,
    Doc,
    Flows,
    People,
    Raw,
    Sig,
    Statement,
    Submission,
    instant,
    render,
    start,
)
from tests.trust.judging import Gate
from tests.trust.steps import (
    CASE,
    NOW,
    ORDER,
    POLICY,
    SUBMISSION,
    SUPERVISOR,
    approval,
    approvals,
    on,
    rewritten,
    said,
    signed,
    submitted,
)

LANDED = {f"{CASE}/order.yaml": ORDER, **submitted()}


ALONE: dict[str, tuple[Statement, str, set[str]]] = {
    "as it should be": (said(SUPERVISOR), "chen-jie", set()),
    "a second ahead": (replace(said(SUPERVISOR), at=NOW + 601), "chen-jie", {"approval.ahead"}),
    "expired": (replace(said(SUPERVISOR), expires=NOW), "chen-jie", {"approval.expired"}),
    "bare": (replace(said(SUPERVISOR), bare=True), "chen-jie", {"approval.opinion"}),
    "a bare no": (replace(said(SUPERVISOR), decision="reject", bare=True), "chen-jie", {"approval.opinion"}),
    "another's role": (replace(said(SUPERVISOR), person="he-cang"), "he-cang", {"role.inactive"}),
    "before it was submitted": (replace(said(SUPERVISOR), at=DAY - 1), "chen-jie", {"approval.order"}),
    "a no from before": (replace(said(SUPERVISOR), at=DAY - 1, decision="reject"), "chen-jie", {"approval.order"}),
    "another signature": (said(SUPERVISOR), "su-cai", {"approval.signer"}),
}


@pytest.mark.parametrize("name", ALONE)
def test_one_fault_is_one_finding(gate: Gate, waiting: Commit, name: str) -> None:
    one, key, codes = ALONE[name]
    assert gate.codes(waiting, on(gate, waiting, signed(SUPERVISOR, one, key)), NOW) == codes


@pytest.mark.parametrize("later", [-60, 0, 60])
def test_who_says_it_twice_has_said_it(gate: Gate, waiting: Commit, later: int) -> None:
    one = said(SUPERVISOR)
    again = replace(one, at=one.at + later, nonce="again")
    both = {**signed(SUPERVISOR, one, one.person), **signed(f"{CASE}/approvals/again.yaml", again, one.person)}
    assert gate.codes(waiting, on(gate, waiting, both), NOW) == set()
    landed = on(gate, waiting, signed(SUPERVISOR, one, one.person))
    assert gate.codes(landed, on(gate, landed, signed(f"{CASE}/approvals/again.yaml", again, one.person)), NOW) == set()


def deputed(gate: Gate, until: int, principal: str = "chen-jie", key: str = "tang-gong") -> set[str]:
    """Return what is said of a deputy's approval; the line ends at ``until``."""
    line = (
        f"{{for: {principal}, deputy: {key}, roles: [sales-supervisor], from: {instant(DAY)}, until: {instant(until)}"
    )
    people = Raw(render(People()) + f"deputies: [{line}, reason: away}}]\n".encode())
    root = gate.store.commit((), {**start(), "policy/people.yaml": people}, DAY - 3600, "gao-yuan")
    made = signed(SUBMISSION, Submission(ORDER, "lin-xiao", ("bo-wen", "lin-xiao")), "lin-xiao")
    before = on(gate, root, {f"{CASE}/order.yaml": ORDER, **made})
    one = rewritten(replace(said(SUPERVISOR), person=key), rf"^person: {key}$", f"person: {key}\nfor: {principal}")
    return gate.codes(before, on(gate, before, {SUPERVISOR: one, f"{SUPERVISOR}.sig": Sig(one, key)}), NOW)


def test_a_deputy_decides_while_they_are_one(gate: Gate) -> None:
    """When it was signed and when it lands: a line that is over is over for good."""
    assert [deputed(gate, until) for until in (NOW + 1, NOW, DAY + 3601, DAY + 3600)] == [
        set(), {"role.inactive"}, {"role.inactive"}, {"role.inactive"},
    ]  # fmt: skip
    assert deputed(gate, NOW + 1, "bo-wen") == {"sod.self"}  # who wrote the order


def test_the_first_stages_hours_count_from_the_submission(gate: Gate) -> None:
    """Dated Monday, pushed on Wednesday: four hours later on Wednesday the director may decide, not before."""
    flows = rewritten(
        Flows(), r"role: sales-supervisor, hours: 4", "role: sales-supervisor, hours: 4, escalate: sales-director"
    )
    root = gate.store.commit((), {**start(), "policy/flows.yaml": flows}, DAY - 3600, "gao-yuan")
    files = {**root.files, f"{CASE}/order.yaml": ORDER, **submitted()}
    before = gate.store.commit((root,), files, DAY + 2 * 86400, "lin-xiao")
    path = f"{CASE}/approvals/order-1-sales-supervisor.jiang-ming.yaml"
    for hours, codes in ((1, {"role.early"}), (24, set())):
        one = Statement(ORDER, "sales-supervisor", "jiang-ming", POLICY, DAY + 2 * 86400 + hours * 3600, "late")
        assert gate.codes(before, on(gate, before, signed(path, one, "jiang-ming")), NOW) == codes


def test_a_late_stage_in_a_repository_that_began_with_the_order(gate: Gate) -> None:
    """All that the branch ever held has the order: its hours count from the first commit."""
    flows = rewritten(Flows(), r"role: production, hours: 8", "role: production, hours: 8, escalate: sales-director")
    two = {p: d for p, d in approvals().items() if "production" not in p}
    files = {**start(), "policy/flows.yaml": flows, f"{CASE}/order.yaml": ORDER, **submitted(), **two}
    root = gate.store.commit((), files, DAY + 7200, "gao-yuan")
    path = f"{CASE}/approvals/order-1-production.jiang-ming.yaml"
    one = Statement(ORDER, "production", "jiang-ming", POLICY, DAY + 2 * 86400, "late")
    assert gate.codes(root, on(gate, root, signed(path, one, "jiang-ming")), NOW) == set()


def test_what_nobody_stated_may_go_if_somebody_has_the_right(gate: Gate, waiting: Commit) -> None:
    note = f"{CASE}/evidence/note.txt"
    before = on(gate, waiting, {note: Raw(b"x\n")})
    gone = {p: d for p, d in before.files.items() if p != note}
    assert gate.codes(before, gate.store.commit((before,), gone, NOW - 30, "lin-xiao"), NOW) == {"permission.denied"}


@pytest.fixture
def passing_on(gate: Gate) -> Commit:
    """A company whose production stage passes on to the sales director after eight hours."""
    flows = rewritten(Flows(), r"role: production, hours: 8", "role: production, hours: 8, escalate: sales-director")
    files = {**start(), "policy/flows.yaml": flows}
    return gate.store.commit((), files, DAY - 3600, "gao-yuan")


def late(at: int) -> dict[str, Doc]:
    """Return the director's decision at production."""
    return approval("production", "jiang-ming", at)


def first_two(*hours: int) -> dict[str, Doc]:
    one, two = hours or (1, 2)
    finance = approval("finance", "su-cai", DAY + two * 3600)
    return {**approval("sales-supervisor", "chen-jie", DAY + one * 3600), **finance}


def due(gate: Gate, commit: Commit, at: int) -> int:
    tree = gate.graph.commit(commit.id).tree
    return int(moment(add_working_hours(State(gate.world, tree, NOW), instant(at), 8)).timestamp())


@pytest.mark.parametrize(("beyond", "codes"), [(-1, {"role.early"}), (0, set()), (1, set())])
def test_hours_count_from_when_the_branch_knew(gate: Gate, passing_on: Commit, beyond: int, codes: set[str]) -> None:
    """Submitted and approved on Monday, so the papers say; the branch has them since Wednesday."""
    step = gate.store.commit((passing_on,), {**passing_on.files, **LANDED}, DAY + 2 * 86400, "lin-xiao")
    both = {**step.files, **first_two()}
    second = gate.store.commit((step,), both, DAY + 2 * 86400 + 60, "lin-xiao")
    after = gate.store.commit((second,), {**both, f"{CASE}/evidence/note.txt": Raw(b"x\n")}, NOW - 90, "lin-xiao")
    for one, two in ((passing_on, step), (step, second), (second, after)):
        assert gate.codes(one, two, NOW) == set()
    at = due(gate, after, DAY + 2 * 86400 + 60) + beyond
    assert gate.codes(after, on(gate, after, late(at)), NOW) == codes
    own = approval("production", "tang-gong", DAY + 3 * 3600)
    assert gate.codes(after, on(gate, after, own), NOW) == set()  # whose turn it is waits for no deadline


def test_who_comes_too_early_is_told_until_when(gate: Gate, passing_on: Commit) -> None:
    """In the company's time: from Wednesday at ten, of eight working hours, until Thursday before noon."""
    files = {**passing_on.files, **LANDED, **first_two()}
    before = gate.store.commit((passing_on,), files, DAY + 2 * 86400, "lin-xiao")
    after = on(gate, before, late(DAY + 2 * 86400 + 60))
    [found] = judge_step(gate.world, gate.graph, before.id, after.id, NOW).findings
    told = {name: found.params[name] for name in ("who", "stage", "since", "due", "able", "person")}
    assert told == {
        "who": "jiang-ming", "stage": "production", "since": "2024-05-22T10:00:00+08:00",
        "due": instant(due(gate, before, DAY + 2 * 86400)), "able": "tang-gong", "person": "jiang-ming",
    }  # fmt: skip


def test_what_comes_with_the_decision_is_late_for_nobody(gate: Gate, passing_on: Commit) -> None:
    at = DAY + 4 * 86400
    whole = on(gate, passing_on, {**LANDED, **first_two(), **late(at)})
    assert gate.codes(passing_on, whole, NOW) == {"role.early"}
    step = gate.store.commit((passing_on,), {**passing_on.files, **LANDED}, DAY, "lin-xiao")
    both = on(gate, step, {**first_two(), **late(at)})
    assert gate.codes(step, both, NOW) == {"role.early"}  # what it waited for has only come now
    second = gate.store.commit((step,), {**step.files, **first_two()}, DAY + 7300, "lin-xiao")
    assert gate.codes(second, on(gate, second, late(at)), NOW) == set()


def test_hours_never_count_from_before_it_was_said(gate: Gate, passing_on: Commit) -> None:
    """Finance approved on Friday morning; that the branch knows an older date makes production no later."""
    step = gate.store.commit((passing_on,), {**passing_on.files, **LANDED}, DAY, "lin-xiao")
    second = gate.store.commit((step,), {**step.files, **first_two(1, 95)}, DAY + 3700, "lin-xiao")
    assert gate.codes(step, second, NOW) == set()
    assert gate.codes(second, on(gate, second, late(DAY + 96 * 3600)), NOW) == {"role.inactive"}
