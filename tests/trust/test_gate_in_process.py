"""What each step may and may not bring, with the exact codes; in process, over objects in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from orderctl.digest import digest_without
from orderctl.load import load
from orderctl.trust.change import judge_step
from tests.trust.company import REPOSITORY, dump, immaterial
from tests.trust.histories import (
    DAY,
    Commit,
    Customer,
    Doc,
    Flows,
    Manifest,
    Order,
    People,
    Raw,
    Shipment,
    Sig,
    Statement,
    Submission,
    render,
    start,
    static,
)
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, NUMBER, ORDER, approval, approvals, begin, on, signed, submitted

CUSTOMER = "customers/C0001.yaml"
FINANCE = f"{CASE}/approvals/order-1-finance.su-cai.yaml"
SUPERVISOR = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
PRODUCTION = f"{CASE}/approvals/order-1-production.tang-gong.yaml"
SUBMISSION = f"{CASE}/submission.yaml"
HANDED = replace(ORDER, handler="bo-wen")


@pytest.fixture(scope="module")
def one_gate() -> Gate:
    return Gate()


@pytest.fixture
def gate(one_gate: Gate) -> Gate:
    one_gate.new()
    return one_gate


@pytest.fixture
def root(gate: Gate) -> Commit:
    return begin(gate)


@pytest.fixture
def waiting(gate: Gate, root: Commit) -> Commit:
    """An order that landed submitted."""
    return on(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()})


@pytest.fixture
def approved(gate: Gate, waiting: Commit) -> Commit:
    return on(gate, waiting, approvals())


def said(path: str = FINANCE) -> Statement:
    one = approvals()[path]
    assert isinstance(one, Statement)
    return one


def with_one(path: str, key: str = "", **changes: Any) -> dict[str, Doc]:
    """Return all approvals, one of them with something changed and signed anew."""
    one = replace(said(path), **changes)
    return {**approvals(), **signed(path, one, key or one.person)}


POLICY = start()["policy/policy.yaml"]
assert isinstance(POLICY, Manifest)
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


def merged(gate: Gate, before: Commit, *branch: tuple[Mapping[str, Doc], str]) -> Commit:
    """Return the merge of a branch of commits into ``before``."""
    tip = before
    for files, key in branch:
        tip = on(gate, tip, files, key)
    return gate.store.commit((before, tip), tip.files, NOW - 30, "")


def test_a_branch_lands_by_what_it_ends_in(gate: Gate, root: Commit) -> None:
    order = {f"{CASE}/order.yaml": ORDER}
    assert gate.codes(root, on(gate, root, order), NOW) == {"submission.missing"}
    assert gate.codes(root, merged(gate, root, (order, "lin-xiao"), (submitted(), "lin-xiao")), NOW) == set()
    statements = {p: d for p, d in approvals().items() if not p.endswith(".sig")}
    whole = [({p: d}, d.person) for p, d in statements.items() if isinstance(d, Statement)]
    assert gate.codes(root, merged(gate, root, (order, "lin-xiao"), (submitted(), "lin-xiao"), *whole), NOW) == set()
    lost = on(gate, root, {**order, **submitted(), **statements})
    assert gate.codes(root, lost, NOW) == {"approval.evidence"}


def test_whoever_changes_the_order_is_an_author(gate: Gate, root: Commit, waiting: Commit) -> None:
    four = replace(ORDER, quantity=4)
    own = {f"{CASE}/order.yaml": four, **submitted(four)}
    assert gate.codes(root, on(gate, root, own, "bo-wen"), NOW) == {"sod.author_missing"}
    both = signed(SUBMISSION, Submission(four, "lin-xiao", ("bo-wen", "lin-xiao")), "lin-xiao")
    assert gate.codes(root, on(gate, root, {**own, **both}, "bo-wen"), NOW) == set()
    two = replace(four, revision=2)
    alone = signed(SUBMISSION, Submission(two, "bo-wen", ("bo-wen",)), "bo-wen")
    again = on(gate, waiting, {f"{CASE}/order.yaml": two, **alone}, "bo-wen")
    assert gate.codes(waiting, again, NOW) == {"sod.author_missing"}  # lin-xiao wrote the first
    handler = {f"{CASE}/order.yaml": HANDED}
    assert gate.codes(waiting, on(gate, waiting, handler, "bo-wen"), NOW) == set()  # immaterial


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"quantity": 4, "revision": 2}, set()),
        ({"quantity": 4}, {"revision.not_raised"}),
        ({"quantity": 4, "revision": 3}, {"revision.not_raised"}),
        ({"handler": "bo-wen"}, set()),
        ({"handler": "bo-wen", "revision": 2}, {"revision.without_change"}),
        ({"phone": "13900000009"}, set()),
    ],
)
def test_revisions(gate: Gate, waiting: Commit, changes: dict[str, Any], codes: set[str]) -> None:
    order = replace(ORDER, **changes)
    files = {f"{CASE}/order.yaml": order, **({} if set(changes) <= {"handler", "phone"} else submitted(order))}
    assert gate.codes(waiting, on(gate, waiting, files), NOW) == codes


SUBMISSIONS: dict[str, tuple[Mapping[str, Doc], str, set[str]]] = {
    "signed": (submitted(), "lin-xiao", set()),
    "of other content": (submitted(replace(ORDER, quantity=4)), "lin-xiao", {"submission.digest"}),
    "of another revision": (submitted(replace(ORDER, revision=2)), "lin-xiao", {"submission.missing"}),
    "signed by another": (submitted(key="bo-wen"), "lin-xiao", {"approval.signer"}),
    "signed by nobody we know": (submitted(key="mallory"), "lin-xiao", {"sig.unknown_key"}),
    "of nobody we know": (submitted(by="mallory"), "lin-xiao", {"person.unknown", "sod.author_missing"}),
    "by their commit": ({SUBMISSION: Submission(ORDER, "lin-xiao", ())}, "lin-xiao", set()),
    "by another's commit": ({SUBMISSION: Submission(ORDER, "lin-xiao", ("bo-wen",))}, "bo-wen", {"submission.signer"}),
}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_submissions(gate: Gate, root: Commit, name: str) -> None:
    files, key, codes = SUBMISSIONS[name]
    assert gate.codes(root, on(gate, root, {f"{CASE}/order.yaml": ORDER, **files}, key), NOW) == codes


def test_a_squash_keeps_what_speaks_for_itself(gate: Gate, root: Commit) -> None:
    whole = {f"{CASE}/order.yaml": ORDER, **submitted(), **approvals()}
    for key in ("", "mallory"):
        problem = "sig.unknown_key" if key else "sig.none"
        assert gate.codes(root, on(gate, root, whole, key), NOW) == set()
        for more in (
            {f"{CASE}/order.yaml": HANDED},
            {CUSTOMER: Customer(limit=300000)},
            {f"{FINANCE}.sig": Sig(said(), "mallory")},
            submitted(key="mallory"),
        ):
            assert problem in gate.codes(root, on(gate, root, {**whole, **more}, key), NOW)
        bare = {p: d for p, d in whole.items() if p != f"{SUBMISSION}.sig"}
        assert problem in gate.codes(root, on(gate, root, bare, key), NOW)
        assert gate.codes(root, on(gate, root, {}, key), NOW) == {problem}
    stranger = {f"{CASE}/order.yaml": ORDER, **submitted(by="tang-gong")}
    assert gate.codes(root, on(gate, root, stranger, ""), NOW) == {"permission.denied"}


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


def test_goods_leave_when_all_have_approved(gate: Gate, waiting: Commit, approved: Commit) -> None:
    goods: dict[str, Doc] = {f"{CASE}/shipment-1.yaml": Shipment()}
    assert gate.codes(waiting, on(gate, waiting, goods, "he-cang"), NOW) == {"approval.missing", "permission.denied"}
    sent = on(gate, approved, goods, "he-cang")
    assert gate.codes(approved, sent, NOW) == set()
    assert gate.codes(approved, on(gate, approved, goods, "lin-xiao"), NOW) == {"permission.denied"}
    assert gate.codes(sent, on(gate, sent, {f"{CASE}/shipment-1.yaml": Shipment(2)}, "he-cang"), NOW) == set()
    handler = {f"{CASE}/order.yaml": HANDED}
    assert gate.codes(sent, on(gate, sent, handler), NOW) == set()
    four = replace(ORDER, quantity=4, revision=2)
    changed = on(gate, sent, {f"{CASE}/order.yaml": four, **submitted(four)})
    assert gate.codes(sent, changed, NOW) == {"approval.missing", "permission.denied"}


@pytest.mark.parametrize(("quantity", "price", "large"), [(285, 350, False), (400, 250, True), (286, 350, True)])
def test_the_tier_is_exact(gate: Gate, root: Commit, quantity: int, price: int, large: bool) -> None:
    order = Order(NUMBER, quantity, price)
    before = on(gate, root, {f"{CASE}/order.yaml": order, **submitted(order)})
    path = f"{CASE}/approvals/order-1-general-manager.gao-yuan.yaml"
    one = replace(said(SUPERVISOR), about=order, stage="general-manager", person="gao-yuan", at=DAY + 30000)
    codes = gate.codes(before, on(gate, before, signed(path, one, "gao-yuan")), NOW)
    assert codes == ({"approval.order"} if large else {"approval.stage"})


@pytest.mark.parametrize(
    ("at", "codes"),
    [(NOW + 600, set()), (NOW + 601, {"time.skew"}), (DAY - 4200, set()), (DAY - 4201, {"time.backwards"})],
)
def test_times_of_commits(gate: Gate, root: Commit, at: int, codes: set[str]) -> None:
    made = gate.store.commit((root,), {**root.files, CUSTOMER: Customer(limit=300000)}, at, "su-cai")
    assert gate.codes(root, made, NOW) == codes


def test_rights_are_of_the_status_that_landed(gate: Gate, root: Commit, approved: Commit) -> None:
    phone = {f"{CASE}/order.yaml": replace(ORDER, phone="13900000009")}
    assert gate.codes(approved, on(gate, approved, phone), NOW) == {"permission.denied"}
    assert gate.codes(approved, on(gate, approved, {f"{CASE}/order.yaml": HANDED}), NOW) == set()
    for key, limit, codes in (("su-cai", 300000, set()), ("lin-xiao", 300000, {"permission.denied"})):
        assert gate.codes(root, on(gate, root, {CUSTOMER: Customer(limit)}, key), NOW) == codes
    mail = {CUSTOMER: Customer(mail="li@yunfan.example")}
    assert gate.codes(root, on(gate, root, mail, "su-cai"), NOW) == {"permission.denied"}
    assert gate.codes(root, on(gate, root, mail, "lin-xiao"), NOW) == set()


def policy(needs: int, *admins: str, **changes: Any) -> dict[str, Doc]:
    """Return a policy with another threshold, raised, and the statements of admins."""
    flows = Flows(needs)
    people = start()["policy/people.yaml"]
    assert isinstance(people, People) and isinstance(POLICY, Manifest)
    new = replace(Manifest(2, people, flows, POLICY), **changes)
    found: dict[str, Doc] = {"policy/flows.yaml": flows, "policy/policy.yaml": new}
    for person in admins:
        one = Statement(new, "policy-admin", person, POLICY, DAY, person)
        found |= signed(f"policy/approvals/policy-2-policy-admin.{person}.yaml", one, person)
    return found


POLICIES: dict[str, tuple[Mapping[str, Doc], set[str]]] = {
    "two admins": (policy(3, "gao-yuan", "su-cai"), set()),
    "three admins": (policy(3, "gao-yuan", "su-cai", "jiang-ming"), set()),
    "one admin": (policy(1, "gao-yuan"), {"policy.threshold_old"}),
    "nobody": (policy(1), {"policy.threshold_old"}),
    "an admin and a clerk": (policy(1, "gao-yuan", "lin-xiao"), {"policy.threshold_old", "role.inactive"}),
    "with a document": (
        {**policy(3, "gao-yuan", "su-cai"), CUSTOMER: Customer(limit=300000)},
        {"policy.mixed_change", "permission.denied"},
    ),
    "the same version": (policy(3, "gao-yuan", "su-cai", version=1), {"policy.version", "approval.policy"}),
    "two versions on": (policy(3, "gao-yuan", "su-cai", version=3), {"policy.version"}),
    "more than there are": (policy(4, "gao-yuan", "su-cai"), {"policy.unsatisfiable"}),
    "not in the manifest": (policy(3, "gao-yuan", "su-cai", flows=Flows(2)), {"policy.manifest"}),
    "not raised": ({"policy/flows.yaml": Flows(3)}, {"policy.threshold_old", "policy.version", "policy.manifest"}),
    "statements alone": (
        {p: d for p, d in policy(3, "gao-yuan", "su-cai").items() if "approvals" in p}, {"policy.statement_alone"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_policies(gate: Gate, root: Commit, name: str) -> None:
    files, codes = POLICIES[name]
    got = gate.codes(root, on(gate, root, files, "gao-yuan"), NOW)
    assert (codes & got and got) if name in ("the same version", "two versions on", "not raised") else got == codes


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


def rewritten(doc: Doc, pattern: str, text: str) -> Raw:
    """Return a document with the lines of this pattern replaced."""
    found, count = re.subn(pattern, text, render(doc).decode(), flags=re.MULTILINE)
    assert count
    return Raw(found.encode())


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


@pytest.mark.parametrize(
    ("path", "key", "codes"),
    [
        (f"{CASE}/evidence/note.txt", "lin-xiao", set()),
        (f"{CASE}/evidence/note.txt", "tang-gong", {"permission.denied"}),
        (f"{CASE}/note.txt", "lin-xiao", {"permission.denied"}),
        ("newsletter/may.html", "lin-xiao", {"path.unclassified"}),
        ("docs/may.txt", "gao-yuan", set()),
        ("docs/may.txt", "lin-xiao", {"permission.denied"}),
        ("README.md", "gao-yuan", set()),
        ("README.md", "lin-xiao", {"permission.denied"}),
        (f"{CASE}/receipts/order-1-finance.su-cai.receipt.yaml", "lin-xiao", {"permission.denied", "document.invalid"}),
        ("orders/2024/05/bad\u200bname.yaml", "lin-xiao", {"path.charset", "path.unclassified"}),
    ],
)
def test_files_in_places(gate: Gate, waiting: Commit, path: str, key: str, codes: set[str]) -> None:
    assert gate.codes(waiting, on(gate, waiting, {path: Raw(b"hello\n")}, key), NOW) == codes


def test_an_order_that_cannot_be_read_does_not_land(gate: Gate, root: Commit, waiting: Commit) -> None:
    order = rewritten(ORDER, r"^customer: .*$", "customers: C0001")
    broken = on(gate, root, {f"{CASE}/order.yaml": order, **submitted()})
    assert "document.invalid" in gate.codes(root, broken, NOW)
    again = on(gate, waiting, {f"{CASE}/order.yaml": order})
    assert "document.invalid" in gate.codes(waiting, again, NOW)


@pytest.mark.parametrize(("since", "codes"), [(1, set()), (2, {"approval.policy", "approval.order"})])
def test_a_flow_says_since_which_policy(gate: Gate, waiting: Commit, since: int, codes: set[str]) -> None:
    """Approvals given under version 1, landing when version 2 is in force."""
    flows = rewritten(Flows(), r"^  - id: standard$", f"  - id: standard\n    since: {since}")
    assert isinstance(POLICY, Manifest)
    new = Manifest(2, POLICY.people, flows, POLICY)  # type: ignore[arg-type]
    votes = policy(2, "gao-yuan", "su-cai", flows=flows)
    raised = on(gate, waiting, {**votes, "policy/flows.yaml": flows, "policy/policy.yaml": new}, "gao-yuan")
    assert gate.codes(waiting, raised, NOW) == set()
    one = {p: d for p, d in approvals().items() if "supervisor" in p}
    assert gate.codes(raised, on(gate, raised, one), NOW) == (codes - {"approval.order"})
    now = signed(SUPERVISOR, replace(said(SUPERVISOR), policy=new), "chen-jie")
    assert gate.codes(raised, on(gate, raised, now), NOW) == set()


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


@pytest.mark.parametrize(("left", "codes"), [("2024-05-25", set()), ("2024-05-24", {"person.left"})])
def test_p17_whoever_has_left_submits_nothing(gate: Gate, left: str, codes: set[str]) -> None:
    files = start()
    people = rewritten(files["policy/people.yaml"], r"^  - id: lin-xiao$", f"  - id: lin-xiao\n    left_on: {left}")
    root = gate.store.commit((), {**files, "policy/people.yaml": people}, DAY - 3600, "gao-yuan")
    one = Submission(ORDER, "lin-xiao", ("bo-wen", "lin-xiao"))
    whole = {f"{CASE}/order.yaml": ORDER, **signed(SUBMISSION, one, "lin-xiao")}
    assert gate.codes(root, on(gate, root, whole, "bo-wen"), NOW) == codes


WAIVER = "waivers/w1.yaml"


def waived(by: str = "lin-xiao", revision: int = 1, until: str = "2024-05-31") -> Raw:
    lines = f"schema: waiver/1\nrevision: {revision}\nrule: total-wrong\npath: {CASE}/order.yaml\n"
    lines += f"reason: 客户要求抹零\nrequested_by: {by}\nfrom: 2024-05-20\nuntil: {until}\n"
    return Raw(lines.encode())


@pytest.fixture
def lenient(gate: Gate) -> Commit:
    """A company whose finance approves waivers."""
    stage = "{id: finance, role: finance, zh: 财务, en: Finance}"
    flow = f"  - {{id: waiver, subject: waiver, stages: [{stage}]}}\n"
    flows = Raw(render(Flows()) + flow.encode())
    rights = static()["policy/permissions.yaml"].decode()
    rights += "  - {roles: [sales, finance], kinds: [waiver], do: [add, change]}\n"
    files = {**start(), "policy/flows.yaml": flows, "policy/permissions.yaml": Raw(rights.encode())}
    return gate.store.commit((), files, DAY - 3600, "gao-yuan")


def agreed(waiver: Raw, person: str, number: str = "w1") -> dict[str, Doc]:
    data = load(WAIVER, waiver.data)[0]
    assert data is not None and isinstance(POLICY, Manifest)
    left_out = immaterial("waiver")
    fields = {
        "schema": "approval/1", "repository": REPOSITORY, "subject": "waiver", "number": number, "path": WAIVER,
        "revision": data["revision"], "digest": digest_without(data, left_out), "immaterial": left_out,
        "stage": "finance", "decision": "approve", "opinion": "金额差异已核对", "person": person,
        "issued": "2024-05-24T10:00:00+08:00", "context": [], "nonce": "a" * 32,
        "policy": {"version": 1, "digest": sha256(render(POLICY)).hexdigest()},
    }  # fmt: skip
    one = Raw(dump(fields).encode())
    path = f"waivers/approvals/waiver-{data['revision']}-finance.w1.{person}.yaml"
    return {path: one, f"{path}.sig": Sig(one, person)}


@pytest.mark.parametrize(
    ("waiver", "by", "person", "codes"),
    [
        (waived(), "lin-xiao", "su-cai", set()),
        (waived("su-cai"), "su-cai", "su-cai", {"sod.self"}),
        (waived("su-cai"), "su-cai", "bo-wen", set()),
        (waived(), "su-cai", "su-cai", {"waiver.requester"}),
        (waived(), "lin-xiao", "tang-gong", {"role.inactive"}),
    ],
)
def test_waivers(gate: Gate, lenient: Commit, waiver: Raw, by: str, person: str, codes: set[str]) -> None:
    made = on(gate, lenient, {WAIVER: waiver}, by)
    both = on(gate, made, agreed(waiver, person), person)
    assert gate.codes(lenient, made, NOW) == codes & {"waiver.requester"}
    assert gate.codes(made, both, NOW) == codes - {"waiver.requester"}


def test_a_waiver_that_changes_is_a_new_revision(gate: Gate, lenient: Commit) -> None:
    before = on(gate, lenient, {WAIVER: waived()})
    for revision, codes in ((1, {"revision.not_raised"}), (2, set()), (3, {"revision.not_raised"})):
        later = on(gate, before, {WAIVER: waived(revision=revision, until="2024-06-01")})
        assert gate.codes(before, later, NOW) == codes
    assert gate.codes(lenient, on(gate, lenient, agreed(waived(), "su-cai"), "su-cai"), NOW) == {"approval.subject"}


def test_a_policy_statement_goes_with_its_policy(gate: Gate, root: Commit) -> None:
    whole = policy(3, "gao-yuan", "su-cai")
    alone = on(gate, root, {p: d for p, d in whole.items() if "approvals" in p}, "gao-yuan")
    assert gate.codes(root, alone, NOW) == {"policy.statement_alone"}
    late = on(gate, alone, {p: d for p, d in whole.items() if "approvals" not in p}, "gao-yuan")
    assert gate.codes(root, late, NOW) == {"policy.statement_alone"}


def test_evidence_that_the_order_names_goes_through_a_squash(gate: Gate, root: Commit) -> None:
    note, other = Raw(b"signed by the customer\n"), Raw(b"something else\n")
    listed = f"  - {{file: evidence/note.txt, sha256: {sha256(note.data).hexdigest()}}}"
    order = rewritten(ORDER, r"^standing_requirements: ", f"# {listed}\nstanding_requirements: ")
    digest = sha256(order.data).hexdigest()
    one = rewritten(Submission(ORDER, "lin-xiao", ("lin-xiao",)), r"^sha256: .*$", f"sha256: {digest}")
    whole: dict[str, Doc] = {f"{CASE}/order.yaml": order, SUBMISSION: one, f"{SUBMISSION}.sig": Sig(one, "lin-xiao")}
    for path, file, codes in (
        (f"{CASE}/evidence/note.txt", note, set()),
        (f"{CASE}/evidence/note.txt", other, {"sig.none"}),
        (f"{CASE}/note.txt", note, {"sig.none"}),
        ("docs/note.txt", note, {"sig.none"}),
    ):
        assert gate.codes(root, on(gate, root, {**whole, path: file}, ""), NOW) == codes


def test_a_history_from_elsewhere_is_nobodys(gate: Gate, root: Commit) -> None:
    other = gate.store.commit((), {**root.files, CUSTOMER: Customer(limit=7)}, NOW - 90, "su-cai")
    joined = gate.store.commit((root, other), root.files, NOW - 60, "su-cai")
    assert "ref.unrelated" in gate.codes(root, joined, NOW)
    assert gate.codes(root, other, NOW) == {"ref.unrelated"}
    assert gate.codes(on(gate, root, {}, "lin-xiao"), root, NOW) == {"ref.non_ff"}


@pytest.mark.parametrize(("hours", "codes"), [(1, set()), (0, {"time.old"})])
def test_how_old_a_commit_may_be_is_policy(gate: Gate, hours: int, codes: set[str]) -> None:
    rights = Raw(static()["policy/permissions.yaml"] + f"max_age_hours: {hours or 1}\n".encode())
    root = gate.store.commit((), {**start(), "policy/permissions.yaml": rights}, DAY - 3600, "gao-yuan")
    at = NOW - 3600 - (0 if hours else 1)
    made = gate.store.commit((root,), {**root.files, CUSTOMER: Customer(limit=7)}, at, "su-cai")
    assert gate.codes(root, made, NOW) == codes


def test_an_order_may_have_to_be_approved_to_land(gate: Gate) -> None:
    flows = rewritten(Flows(), r"^  - id: standard$", "  - id: standard\n    land: approved")
    root = gate.store.commit((), {**start(), "policy/flows.yaml": flows}, DAY - 3600, "gao-yuan")
    order = {f"{CASE}/order.yaml": ORDER, **submitted()}
    assert gate.codes(root, on(gate, root, order), NOW) == {"approval.missing"}
    assert gate.codes(root, on(gate, root, {**order, **approvals()}), NOW) == set()


def test_a_signature_comes_with_its_statement_not_later(gate: Gate, waiting: Commit) -> None:
    one = {SUPERVISOR: said(SUPERVISOR)}
    before = on(gate, waiting, one, "chen-jie")
    assert gate.codes(waiting, before, NOW) == set()
    later = on(gate, before, {f"{SUPERVISOR}.sig": Sig(said(SUPERVISOR), "chen-jie")}, "chen-jie")
    assert gate.codes(before, later, NOW) == {"approval.immutable"}
