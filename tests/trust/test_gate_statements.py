"""What a statement must say and who may make it, with the exact codes; in process, over objects in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from orderctl.trust.change import judge_step
from tests.trust.histories import (
    DAY,
    Commit,
    Customer,
    Doc,
    Flows,
    Manifest,
    Sig,
    render,
    start,
)
from tests.trust.judging import Gate
from tests.trust.steps import (
    CASE,
    CUSTOMER,
    FINANCE,
    HANDED,
    NOW,
    NUMBER,
    ORDER,
    POLICY,
    PRODUCTION,
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


def with_one(path: str, key: str = "", **changes: Any) -> dict[str, Doc]:
    """Return all approvals, one of them with something changed and signed anew."""
    one = replace(said(path), **changes)
    return {**approvals(), **signed(path, one, key or one.person)}


STATEMENTS: dict[str, tuple[Mapping[str, Doc], set[str]]] = {
    "as they should be": (approvals(), set()),
    "another repository": (with_one(FINANCE, here=False), {"approval.context"}),
    "another order": (with_one(FINANCE, about=replace(ORDER, number="OD2024050015")), {"approval.subject"}),
    "about the policy": (with_one(FINANCE, about=POLICY), {"approval.subject"}),
    "nobody we know": (with_one(FINANCE, person="mallory"), {"person.unknown"}),
    "other content": (with_one(FINANCE, about=replace(ORDER, quantity=4)), {"approval.digest"}),
    "a revision to come": (with_one(FINANCE, about=replace(ORDER, revision=2)), {"approval.revision"}),
    "a policy to come": (with_one(FINANCE, policy=replace(POLICY, version=2)), {"approval.policy"}),
    "a policy of that number": (with_one(FINANCE, policy=replace(POLICY, flows=Flows(1))), {"approval.policy"}),
    "ten minutes ahead": (with_one(PRODUCTION, at=NOW + 600), set()),
    "a second more": (with_one(PRODUCTION, at=NOW + 601), {"approval.ahead"}),
    "expired now": (with_one(PRODUCTION, expires=NOW), {"approval.expired"}),
    "expired a second ago": (with_one(PRODUCTION, expires=NOW - 1), {"approval.expired"}),
    "expires in a second": (with_one(PRODUCTION, expires=NOW + 1), set()),
    "a bare opinion": (with_one(FINANCE, bare=True), {"approval.opinion"}),
    "a bare withdrawal": (
        {
            **approvals(),
            **signed(f"{CASE}/approvals/order-1-production.tang-gong.2.yaml", replace(
                said(PRODUCTION), decision="withdraw", withdraws=said(PRODUCTION), bare=True, nonce="x", at=DAY + 20000
            ), "tang-gong"),
        },
        set(),
    ),
    "a withdrawal of nothing": (
        {
            **approvals(),
            **signed(f"{CASE}/approvals/order-1-production.tang-gong.2.yaml", replace(
                said(PRODUCTION), decision="withdraw", nonce="x", at=DAY + 20000
            ), "tang-gong"),
        },
        {"approval.order"},
    ),
    "a stage of another flow": (
        {**approvals(), **approval("sales-director", "jiang-ming", DAY + 20000)}, {"approval.stage"},
    ),
    "the author": (with_one(SUPERVISOR, person="lin-xiao"), {"sod.self"}),
    "a role they don't have": (with_one(SUPERVISOR, person="he-cang"), {"role.inactive"}),
    "the limit isn't named": (with_one(FINANCE, seen=0), {"approval.context_digest"}),
    "another limit": (with_one(FINANCE, seen=1), {"approval.context_digest"}),
    "a limit nobody asked for": (with_one(SUPERVISOR, seen=1), {"approval.context_digest"}),
    "the right limit, though nobody asked": (with_one(SUPERVISOR, seen=200000), set()),
    "when its stage opened": (with_one(FINANCE, at=DAY + 3600), set()),
    "a second before": (with_one(FINANCE, at=DAY + 3599), {"approval.order"}),
    "when it was submitted": (with_one(SUPERVISOR, at=DAY), set()),
    "before that": (with_one(SUPERVISOR, at=DAY - 1), {"approval.order"}),
    "signed by another": (with_one(FINANCE, key="chen-jie"), {"approval.signer"}),
    "a second key": (with_one(FINANCE, key="su-cai/second"), set()),
    "a retired key": (with_one(FINANCE, key="su-cai/old"), {"key.expired"}),
    "an unknown key": (with_one(FINANCE, key="mallory"), {"sig.unknown_key"}),
    "a commit's namespace": ({**approvals(), f"{FINANCE}.sig": Sig(said(), "su-cai", "git")}, {"sig.namespace"}),
    "a signature of something else": (
        {**approvals(), f"{FINANCE}.sig": Sig(said(PRODUCTION), "su-cai")}, {"sig.bad"},
    ),
    "no proof": ({p: d for p, d in approvals().items() if p != f"{FINANCE}.sig"}, {"approval.evidence"}),
    "used twice": (
        {**approvals(), **signed(f"{CASE}/approvals/order-1-finance.copy.yaml", said(), "su-cai")}, {"approval.nonce"},
    ),
    "a rejection": (with_one(PRODUCTION, decision="reject"), set()),
    "a signature alone": (
        {**approvals(), f"{CASE}/approvals/order-1-x.yaml.sig": Sig(said(), "su-cai")}, {"approval.stray"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements(gate: Gate, waiting: Commit, name: str) -> None:
    files, codes = STATEMENTS[name]
    got = gate.codes(waiting, on(gate, waiting, files), NOW)
    shut = {"approval.order"} if codes else set()  # what is refused leaves the next stage shut
    assert got - shut == codes - shut
    assert got >= codes


def test_what_a_stage_before_lacks_shuts_the_next(gate: Gate, waiting: Commit) -> None:
    later = {p: d for p, d in approvals().items() if "supervisor" not in p}
    assert gate.codes(waiting, on(gate, waiting, later), NOW) == {"approval.order"}
    first = {p: d for p, d in approvals().items() if "supervisor" in p}
    assert gate.codes(waiting, on(gate, waiting, first), NOW) == set()


def test_one_person_takes_one_seat(gate: Gate, waiting: Commit) -> None:
    two = {**approval("sales-supervisor", "bo-wen", DAY + 3600), **approval("finance", "bo-wen", DAY + 7200)}
    assert gate.codes(waiting, on(gate, waiting, two), NOW) == {"sod.same_person"}
    first = on(gate, waiting, approval("sales-supervisor", "bo-wen", DAY + 3600))
    assert gate.codes(waiting, first, NOW) == set()
    assert gate.codes(first, on(gate, first, approval("finance", "bo-wen", DAY + 7200)), NOW) == {"sod.same_person"}
    assert gate.codes(first, on(gate, first, approval("finance", "su-cai", DAY + 7200)), NOW) == set()


def test_evidence_by_commit_is_the_persons_own_commit(gate: Gate, waiting: Commit) -> None:
    one = {p: d for p, d in approvals().items() if p == SUPERVISOR}
    assert gate.codes(waiting, on(gate, waiting, one, "chen-jie"), NOW) == set()
    assert gate.codes(waiting, on(gate, waiting, one, "chen-jie/second"), NOW) == set()
    assert gate.codes(waiting, on(gate, waiting, one, "tang-gong"), NOW) == {"approval.evidence"}
    lost = gate.store.commit((waiting,), {**waiting.files, **one}, NOW - 60, "chen-jie", broken=True)
    assert gate.codes(waiting, lost, NOW) == {"approval.evidence", "sig.bad"}


def test_statements_stay_as_they_landed(gate: Gate, approved: Commit) -> None:
    gone = {p: d for p, d in approved.files.items() if p != FINANCE}
    late = gate.store.commit((approved,), gone, NOW - 30, "su-cai")
    assert gate.codes(approved, late, NOW) == {"approval.immutable", "document.deleted"}
    other = on(gate, approved, {FINANCE: replace(said(), nonce="x")}, "su-cai")
    assert gate.codes(approved, other, NOW) == {"approval.immutable"}
    without = {p: d for p, d in approved.files.items() if p != f"{FINANCE}.sig"}
    assert "approval.immutable" in gate.codes(
        approved, gate.store.commit((approved,), without, NOW - 30, "su-cai"), NOW
    )
    gone = {p: d for p, d in approved.files.items() if p != f"{CASE}/order.yaml"}
    assert "document.deleted" in gate.codes(approved, gate.store.commit((approved,), gone, NOW - 30, "lin-xiao"), NOW)
    gone = {p: d for p, d in approved.files.items() if p != SUBMISSION}
    assert "document.deleted" in gate.codes(approved, gate.store.commit((approved,), gone, NOW - 30, "lin-xiao"), NOW)


def test_what_they_rest_on_is_as_it_was_when_all_have_approved(gate: Gate, waiting: Commit) -> None:
    two = {p: d for p, d in approvals().items() if "production" not in p}
    last = {p: d for p, d in approvals().items() if "production" in p}
    some = on(gate, waiting, two)
    limit = on(gate, some, {CUSTOMER: Customer(limit=300000)}, "su-cai")
    assert gate.codes(some, limit, NOW) == set()
    assert gate.codes(limit, on(gate, limit, last), NOW) == {"approval.context_digest"}
    done = on(gate, some, last)
    assert gate.codes(some, done, NOW) == set()
    assert gate.codes(done, on(gate, done, {CUSTOMER: Customer(limit=300000)}, "su-cai"), NOW) == set()


def test_what_is_missing_is_told(gate: Gate, waiting: Commit, approved: Commit) -> None:
    from orderctl.gate import judge_range

    for before, files, stages in (
        (
            waiting,
            {f"{CASE}/order.yaml": HANDED},
            ["sales-supervisor", "finance", "production"],
        ),
        (waiting, approval("sales-supervisor", "chen-jie", DAY + 3600), ["finance", "production"]),
        (approved, {f"{CASE}/order.yaml": HANDED}, []),
    ):
        steps, _ = judge_range(gate.world, gate.graph, before.id, on(gate, before, files).id, NOW, ())
        assert [m.stage for m in steps[-1].missing] == stages
        assert all(m.subject == NUMBER for m in steps[-1].missing)


def odd(path: str, pattern: str, text: str, key: str) -> dict[str, Doc]:
    doc = rewritten(approvals()[path], pattern, text)
    return {**approvals(), path: doc, f"{path}.sig": Sig(doc, key)}


@pytest.mark.parametrize("field", ["repository", "number", "path", "immaterial", "policy", "nonce"])
def test_a_statement_says_all_that_it_is_about(gate: Gate, waiting: Commit, field: str) -> None:
    files = odd(PRODUCTION, rf"^{field}:.*\n", "", "tang-gong")
    assert gate.codes(waiting, on(gate, waiting, files), NOW) == {"approval.incomplete"}


@pytest.mark.parametrize(
    ("pattern", "text", "codes"),
    [
        (r"^immaterial: \[", 'immaterial: ["/total", ', {"approval.immaterial"}),
        (r"^immaterial: \[", 'immaterial: ["/nothing", ', {"approval.immaterial"}),
        (r"^path: .*$", "path: ticket-1.yaml", {"approval.subject"}),
        (r"^person: .*$", "person: mallory", {"person.unknown"}),
        (r"^schema: .*$", "schema: nonsense/1", {"document.invalid"}),
        (r"^decision: .*$", "decision: perhaps", {"document.invalid"}),
    ],
)
def test_odd_statements(gate: Gate, waiting: Commit, pattern: str, text: str, codes: set[str]) -> None:
    files = odd(PRODUCTION, pattern, text, "tang-gong")
    assert gate.codes(waiting, on(gate, waiting, files), NOW) == codes


def test_the_person_is_named_with_what_is_refused(gate: Gate, waiting: Commit) -> None:
    from orderctl.gate import judge_range

    made = on(gate, waiting, with_one(SUPERVISOR, person="he-cang"))
    steps, _ = judge_range(gate.world, gate.graph, waiting.id, made.id, NOW, ())
    found = next(f for f in steps[0].findings if f.rule == "role.inactive")
    assert (found.path, found.pointer, found.params["person"], found.params["commit"]) == (
        SUPERVISOR, "/person", "he-cang", made.id,
    )  # fmt: skip
    assert found.params["stage"] == "sales-supervisor"


@pytest.mark.parametrize(
    ("path", "proved", "codes"),
    [
        (SUPERVISOR, True, set()),
        (SUPERVISOR, False, {"approval.evidence"}),
        (PRODUCTION, True, {"approval.evidence"}),  # a stage that takes no reviews
    ],
)
def test_a_review_proves_the_very_statement(
    gate: Gate, waiting: Commit, path: str, proved: bool, codes: set[str]
) -> None:
    files = {p: d for p, d in approvals().items() if p != f"{path}.sig"}
    asked = []

    def reviewed(statement: str, person: str) -> bool:
        asked.append((statement, person))
        return proved

    step = judge_step(gate.world, gate.graph, waiting.id, on(gate, waiting, files).id, NOW, reviewed)
    assert {f.rule for f in step.findings} == codes
    one = said(path)
    expected = [(sha256(render(one)).hexdigest(), one.person)]
    assert asked == (expected if path == SUPERVISOR else [])


@pytest.mark.parametrize(("left", "codes"), [("2024-05-25", set()), ("2024-05-24", {"person.left"})])
def test_p17_whoever_has_left_proves_nothing(gate: Gate, left: str, codes: set[str]) -> None:
    """It is noon of 25 May."""
    files = start()
    people = rewritten(files["policy/people.yaml"], r"^  - id: chen-jie$", f"  - id: chen-jie\n    left_on: {left}")
    files |= {"policy/people.yaml": people, "policy/policy.yaml": Manifest(1, people, Flows())}  # type: ignore[arg-type]
    manifest = files["policy/policy.yaml"]
    assert isinstance(manifest, Manifest)
    root = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    before = on(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()})
    one = signed(SUPERVISOR, replace(said(SUPERVISOR), policy=manifest), "chen-jie")
    assert gate.codes(before, on(gate, before, one), NOW) == codes
    mail = {CUSTOMER: Customer(mail="li@yunfan.example")}
    assert gate.codes(root, on(gate, root, mail, "chen-jie"), NOW) == (codes or {"permission.denied"})


def test_a_signature_comes_with_its_statement_not_later(gate: Gate, waiting: Commit) -> None:
    one = {SUPERVISOR: said(SUPERVISOR)}
    before = on(gate, waiting, one, "chen-jie")
    assert gate.codes(waiting, before, NOW) == set()
    later = on(gate, before, {f"{SUPERVISOR}.sig": Sig(said(SUPERVISOR), "chen-jie")}, "chen-jie")
    assert gate.codes(before, later, NOW) == {"approval.immutable"}
