"""What was said stays said: a landed submission stays, a refusal is its own person's to take
back; exact codes, in process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from orderctl.trust.state import State
from tests.trust.histories import (
    DAY,
    Commit,
    Doc,
    Flows,
    Manifest,
    Raw,
    Shipment,
    Sig,
    Statement,
    Submission,
    render,
    start,
)
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, ORDER, approval, approvals, begin, on, signed, submitted

SUBMISSION = f"{CASE}/submission.yaml"
APPROVALS = f"{CASE}/approvals"
POLICY = start()["policy/policy.yaml"]
assert isinstance(POLICY, Manifest)
LANDED = {f"{CASE}/order.yaml": ORDER, **submitted()}


def statement(stage: str, person: str, at: int, decision: str = "approve", name: str = "") -> dict[str, Doc]:
    path, one = next(iter(approval(stage, person, at, name=name).items()))
    assert isinstance(one, Statement)
    return signed(path, replace(one, decision=decision), person)


def raw(doc: Doc, *changes: tuple[str, str]) -> Raw:
    text = render(doc).decode()
    for pattern, new in changes:
        text, count = re.subn(pattern, new, text, flags=re.MULTILINE)
        assert count
    return Raw(text.encode())


# a submission that landed


def resubmitted(by: str, *authors: str, at: int = DAY) -> dict[str, Doc]:
    return signed(SUBMISSION, Submission(ORDER, by, authors, at), by)


FOUR = replace(ORDER, quantity=4, revision=2)
MADE = Submission(ORDER, "lin-xiao", ("lin-xiao",))
ONCE = {"submission.again"}
AGAIN: dict[str, tuple[Mapping[str, Doc], set[str]]] = {
    "the same": (submitted(), set()),
    "later": (resubmitted("lin-xiao", "lin-xiao", at=DAY + 7200), ONCE),
    "by another": (resubmitted("bo-wen", "bo-wen", "lin-xiao"), ONCE),
    "with an approver as author": (resubmitted("lin-xiao", "chen-jie", "lin-xiao"), ONCE),
    "another signature": ({f"{SUBMISSION}.sig": Sig(MADE, "lin-xiao/second")}, ONCE),
    "the next revision": ({f"{CASE}/order.yaml": FOUR, **submitted(FOUR)}, set()),
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_revision_is_submitted_once(gate: Gate, waiting: Commit, name: str) -> None:
    files, codes = AGAIN[name]
    given = on(gate, waiting, statement("sales-supervisor", "chen-jie", DAY + 3600))
    assert gate.codes(given, on(gate, given, files), NOW) == codes


def test_a_submission_that_lost_its_signature(gate: Gate, waiting: Commit) -> None:
    less = {p: d for p, d in waiting.files.items() if p != f"{SUBMISSION}.sig"}
    lost = gate.store.commit((waiting,), less, NOW - 30, "lin-xiao")
    assert gate.codes(waiting, lost, NOW) == {"document.deleted", "submission.again"}


def test_a_rejected_order_is_not_submitted_again_as_it_was(gate: Gate, waiting: Commit) -> None:
    no = on(gate, waiting, statement("sales-supervisor", "chen-jie", DAY + 3600, "reject"))
    assert gate.codes(no, on(gate, no, resubmitted("lin-xiao", "lin-xiao", at=DAY + 7200)), NOW) == ONCE
    assert gate.codes(no, on(gate, no, {f"{CASE}/order.yaml": FOUR, **submitted(FOUR)}), NOW) == set()


# what a submission names


GIVEN = f'policy: {{"version": 1, "digest": "{"0" * 64}"}}'


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ((), set()),
        (((r"^policy: .*\n", ""),), {"submission.policy"}),
        (((r'^(policy: .*"version": )1', r"\g<1>2"),), {"submission.policy"}),
        (((r"^policy: .*$", GIVEN),), {"submission.policy"}),
        (((r"^nonce: .*\n", ""),), {"submission.nonce"}),
    ],
)
def test_what_a_submission_says_of_itself(gate: Gate, changes: tuple[tuple[str, str], ...], codes: set[str]) -> None:
    root = begin(gate)
    one = raw(MADE, *changes)
    files: dict[str, Doc] = {f"{CASE}/order.yaml": ORDER, SUBMISSION: one, f"{SUBMISSION}.sig": Sig(one, "lin-xiao")}
    assert gate.codes(root, on(gate, root, files), NOW) == codes


def test_a_nonce_serves_once_in_a_case(gate: Gate, waiting: Commit) -> None:
    """A statement with the submission's; a submission with the one before's, and with a statement's."""
    path, one = next(iter(approval("sales-supervisor", "chen-jie", DAY + 3600).items()))
    taken = raw(one, (r"^nonce: .*$", nonce(MADE)))
    copied: dict[str, Doc] = {path: taken, f"{path}.sig": Sig(taken, "chen-jie")}
    assert gate.codes(waiting, on(gate, waiting, copied), NOW) == {"approval.nonce"}
    said = on(gate, waiting, statement("sales-supervisor", "chen-jie", DAY + 3600))
    for line, codes in ((nonce(MADE), {"submission.nonce"}), (nonce(one), {"submission.nonce"}), ("", set())):
        made = Submission(FOUR, "lin-xiao", ("lin-xiao",))
        again = raw(made, (r"^nonce: .*$", line or nonce(made)))
        files: dict[str, Doc] = {
            f"{CASE}/order.yaml": FOUR,
            SUBMISSION: again,
            f"{SUBMISSION}.sig": Sig(again, "lin-xiao"),
        }
        assert gate.codes(said, on(gate, said, files), NOW) == codes


def nonce(doc: Doc) -> str:
    found = re.search(r"^nonce: .*$", render(doc).decode(), re.MULTILINE)
    assert found is not None
    return found[0]


# taking back


def back(
    person: str, named: Statement | None, at: int, stage: str = "sales-supervisor", name: str = "back"
) -> Statement:
    assert isinstance(POLICY, Manifest)
    nonce = f"{person} {at} {name}"
    return Statement(ORDER, stage, person, POLICY, at, nonce, decision="withdraw", withdraws=named)


def put(one: Statement, name: str = "back") -> dict[str, Doc]:
    return signed(f"{APPROVALS}/order-1-{one.stage}.{one.person}.{name}.yaml", one, one.person)


def first(files: Mapping[str, Doc]) -> Statement:
    return next(doc for doc in files.values() if isinstance(doc, Statement))


def test_one_takes_back_what_one_said(gate: Gate, waiting: Commit) -> None:
    mine = statement("sales-supervisor", "chen-jie", DAY + 3600)
    said, nothing = first(mine), {"approval.withdraws"}
    given = on(gate, waiting, mine)
    for one, codes in (
        (back("chen-jie", said, DAY + 7200), set()),
        (back("chen-jie", None, DAY + 7200), set()),
        (back("chen-jie", said, DAY + 3600), set()),
        (back("chen-jie", said, DAY + 3599), nothing),  # before it was said
        (back("chen-jie", replace(said, nonce="another"), DAY + 7200), nothing),
        (back("bo-wen", said, DAY + 7200), nothing),
        (back("bo-wen", None, DAY + 7200), nothing),
        (back("chen-jie", said, DAY + 7200, "finance"), nothing),
    ):
        assert gate.codes(given, on(gate, given, put(one)), NOW) == codes
    alone = put(back("chen-jie", None, DAY + 7200))
    assert gate.codes(waiting, on(gate, waiting, alone), NOW) == nothing
    gone = back("chen-jie", said, DAY + 7200)
    twice = back("chen-jie", gone, DAY + 7300, name="again")  # a withdrawal isn't taken back: one decides anew
    after = on(gate, given, put(gone))
    assert gate.codes(after, on(gate, after, put(twice, "again")), NOW) == nothing


# a refusal


@pytest.fixture
def refused(gate: Gate, waiting: Commit) -> Commit:
    """Finance refused an order that the supervisor had approved."""
    yes = statement("sales-supervisor", "chen-jie", DAY + 3600)
    return on(gate, waiting, {**yes, **statement("finance", "su-cai", DAY + 7200, "reject")})


def status(gate: Gate, commit: Commit) -> str:
    return State(gate.world, gate.graph.commit(commit.id).tree, NOW).status(CASE)


def test_nobody_undoes_anothers_refusal(gate: Gate, waiting: Commit, refused: Commit) -> None:
    """Not the supervisor by approving anew, nor by taking back that approval; only who refused."""
    assert (gate.codes(waiting, refused, NOW), status(gate, refused)) == (set(), "rejected")
    yes = first(statement("sales-supervisor", "chen-jie", DAY + 3600))
    theirs = next(d for p, d in refused.files.items() if "su-cai" in p)
    assert isinstance(theirs, Statement)
    for files, after in (
        (statement("sales-supervisor", "chen-jie", DAY + 10800, name=".2"), "rejected"),
        (put(back("chen-jie", yes, DAY + 10800)), "rejected"),
        (put(back("su-cai", theirs, DAY + 10800, "finance")), "submitted"),
    ):
        made = on(gate, refused, files)
        assert (gate.codes(refused, made, NOW), status(gate, made)) == (set(), after)


def test_naming_somebody_an_author_silences_nobody(gate: Gate, waiting: Commit, refused: Commit) -> None:
    named = {f"{CASE}/order.yaml": replace(ORDER, entered_by="su-cai")}
    after = on(gate, refused, named)
    assert (gate.codes(refused, after, NOW), status(gate, after)) == ({"sod.author_added"}, "rejected")
    assert gate.codes(waiting, on(gate, waiting, named), NOW) == {"sod.author_added"}
    handler = {f"{CASE}/order.yaml": replace(ORDER, handler="bo-wen")}
    assert gate.codes(waiting, on(gate, waiting, handler), NOW) == set()
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **resubmitted("lin-xiao", "chen-jie", "lin-xiao")})
    yes = statement("sales-supervisor", "chen-jie", DAY + 3600)
    assert gate.codes(before, on(gate, before, yes), NOW) == {"sod.self"}
    no = on(gate, before, statement("sales-supervisor", "chen-jie", DAY + 3600, "reject"))
    assert (gate.codes(before, no, NOW), status(gate, no)) == (set(), "rejected")


# a policy that gets stricter


def raised(root: Commit, flows: Raw) -> dict[str, Doc]:
    """Return a policy with these flows and two admins' approvals."""
    people, old = root.files["policy/people.yaml"], root.files["policy/policy.yaml"]
    assert isinstance(old, Manifest)
    new = Manifest(2, people, flows, old)  # type: ignore[arg-type]
    found: dict[str, Doc] = {"policy/flows.yaml": flows, "policy/policy.yaml": new}
    for person in ("gao-yuan", "su-cai"):
        path = f"policy/approvals/policy-2-policy-admin.{person}.yaml"
        found |= signed(path, Statement(new, "policy-admin", person, old, DAY, f"policy {person}"), person)
    return found


def test_an_order_under_way_meets_the_policy_of_the_day(gate: Gate, waiting: Commit) -> None:
    """Approved by three, then orders from a thousand on need five: it is shipped when the other two have approved."""
    goods: dict[str, Doc] = {f"{CASE}/shipment-1.yaml": Shipment()}
    approved = on(gate, waiting, approvals())
    assert gate.codes(approved, on(gate, approved, goods, "he-cang"), NOW) == set()
    change = raised(approved, raw(Flows(), (r"100000\.00", "1000.00")))
    strict = on(gate, approved, change, "gao-yuan")
    assert gate.codes(approved, strict, NOW) == set()
    early = on(gate, strict, goods, "he-cang")
    assert gate.codes(strict, early, NOW) == {"approval.missing", "permission.denied"}
    two: dict[str, Doc] = {}
    for hour, (stage, person) in enumerate((("sales-director", "jiang-ming"), ("general-manager", "gao-yuan")), 5):
        two |= statement(stage, person, DAY + hour * 3600)
    done = on(gate, strict, two)
    assert gate.codes(strict, done, NOW) == set()
    assert gate.codes(done, on(gate, done, goods, "he-cang"), NOW) == set()
    shipped = on(gate, approved, goods, "he-cang")
    assert gate.codes(shipped, on(gate, shipped, change, "gao-yuan"), NOW) == set()


def test_a_statement_about_the_policy_is_used_once(gate: Gate, waiting: Commit) -> None:
    change = raised(waiting, raw(Flows(), (r"100000\.00", "1000.00")))
    one = first(change)
    copy = signed("policy/approvals/policy-2-policy-admin.copy.yaml", one, one.person)
    assert gate.codes(waiting, on(gate, waiting, change, "gao-yuan"), NOW) == set()
    both = on(gate, waiting, {**change, **copy}, "gao-yuan")
    assert gate.codes(waiting, both, NOW) == {"approval.nonce", "policy.threshold_old"}
