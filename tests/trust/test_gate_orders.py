"""What an order, its submission and what follows it may bring, with the exact codes; in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tests.trust.histories import (
    DAY,
    Commit,
    Customer,
    Doc,
    Flows,
    Order,
    Raw,
    Shipment,
    Sig,
    Statement,
    Submission,
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
    SUBMISSION,
    SUPERVISOR,
    approvals,
    on,
    rewritten,
    said,
    signed,
    submitted,
)


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


def test_an_order_that_cannot_be_read_does_not_land(gate: Gate, root: Commit, waiting: Commit) -> None:
    order = rewritten(ORDER, r"^customer: .*$", "customers: C0001")
    broken = on(gate, root, {f"{CASE}/order.yaml": order, **submitted()})
    assert "document.invalid" in gate.codes(root, broken, NOW)
    again = on(gate, waiting, {f"{CASE}/order.yaml": order})
    assert "document.invalid" in gate.codes(waiting, again, NOW)


@pytest.mark.parametrize(("left", "codes"), [("2024-05-25", set()), ("2024-05-24", {"person.left"})])
def test_p17_whoever_has_left_submits_nothing(gate: Gate, left: str, codes: set[str]) -> None:
    files = start()
    people = rewritten(files["policy/people.yaml"], r"^  - id: lin-xiao$", f"  - id: lin-xiao\n    left_on: {left}")
    root = gate.store.commit((), {**files, "policy/people.yaml": people}, DAY - 3600, "gao-yuan")
    one = Submission(ORDER, "lin-xiao", ("bo-wen", "lin-xiao"))
    whole = {f"{CASE}/order.yaml": ORDER, **signed(SUBMISSION, one, "lin-xiao")}
    assert gate.codes(root, on(gate, root, whole, "bo-wen"), NOW) == codes


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


def test_an_order_may_have_to_be_approved_to_land(gate: Gate) -> None:
    flows = rewritten(Flows(), r"^  - id: standard$", "  - id: standard\n    land: approved")
    root = gate.store.commit((), {**start(), "policy/flows.yaml": flows}, DAY - 3600, "gao-yuan")
    order = {f"{CASE}/order.yaml": ORDER, **submitted()}
    assert gate.codes(root, on(gate, root, order), NOW) == {"approval.missing"}
    assert gate.codes(root, on(gate, root, {**order, **approvals()}), NOW) == set()
