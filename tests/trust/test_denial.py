"""Whoever may not do something is told who may: roles, persons if they are few, in Chinese and English."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderctl.codes.gate import PERMISSION_DENIED
from orderctl.load import load
from orderctl.trust.change import judge_step
from orderctl.trust.context import is_statement
from tests.trust.histories import (
    DAY,
    ROLES,
    Commit,
    Customer,
    Doc,
    People,
    Raw,
    Shipment,
    Submission,
    render,
    start,
    static,
)
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, ORDER, approvals, begin, on, signed, submitted

NOBODY = "nobody may do that now; if it has to be, a policy administrator gives somebody the right; rights are in "
NOBODY += "policy/permissions.yaml"
NOTE: dict[str, Doc] = {"README.md": Raw(b"A note\n")}
NEW: dict[str, Doc] = {"customers/C0002.yaml": Customer()}
LIMIT: dict[str, Doc] = {"customers/C0001.yaml": Customer(limit=1)}


def told(gate: Gate, before: Commit, files: dict[str, Doc], key: str) -> list[tuple[str, str, str]]:
    """Return what is said in English, and the hints in English and Chinese."""
    step = judge_step(gate.world, gate.graph, before.id, on(gate, before, files, key).id, NOW)
    texts = (PERMISSION_DENIED.en, PERMISSION_DENIED.hint_en, PERMISSION_DENIED.hint_zh)
    found = [f for f in step.findings if f.rule == PERMISSION_DENIED.id]
    return [tuple(text.format(**f.params) for text in texts) for f in found]  # type: ignore[misc]


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


def test_roles_and_persons_are_named(gate: Gate) -> None:
    before = begin(gate)
    assert told(gate, before, LIMIT, "he-cang") == [
        (
            "may not be changed so by he-cang (warehouse): change customers/C0001.yaml, status -",
            "ask somebody who may: finance (bo-wen, su-cai); rights are in policy/permissions.yaml",
            "请有权的同事来做：财务（bo-wen、su-cai）；权限见 policy/permissions.yaml",
        )
    ]
    assert told(gate, before, LIMIT, "su-cai") == []


@pytest.mark.parametrize(("more", "named"), [(0, " (su-cai, jiang-ming, gao-yuan)"), (1, "")])
def test_three_persons_are_named_and_four_are_not(gate: Gate, more: int, named: str) -> None:
    """A role that nobody holds is named all the same; nobody who has left is."""
    people = People((*ROLES.items(), *((f"admin-{n}", ("policy-admin",)) for n in range(more))))
    files = {**start(), "policy/people.yaml": people}
    before = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    [(_, hint, _)] = told(gate, before, NOTE, "lin-xiao")
    assert hint.removesuffix("; rights are in policy/permissions.yaml") == (
        f"ask somebody who may: data clerk, policy administrator{named}"
    )
    assert told(gate, before, NOTE, "gao-yuan") == []


def test_the_status_counts(gate: Gate) -> None:
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted()})
    [(_, hint, _)] = told(gate, before, {f"{CASE}/order.yaml": replace(ORDER, phone="13900000004")}, "he-cang")
    assert hint.startswith("ask somebody who may: sales (lin-xiao, bo-wen); ")
    approved = on(gate, before, approvals())
    changed: dict[str, Doc] = {f"{CASE}/order.yaml": replace(ORDER, quantity=4, revision=2)}
    assert told(gate, approved, changed, "lin-xiao")[0] == (
        "may not be changed so by lin-xiao (sales): change /lines/0/amount, status approved",
        (
            "nobody may do that while the order stands as it does; while its status is one of draft, submitted, "
            "rejected these may: sales (lin-xiao, bo-wen); rights are in policy/permissions.yaml"
        ),
        (
            "订单现在的状态下谁都无权这样做；订单状态为草稿、待审批、已驳回时可以做的有：销售（lin-xiao、bo-wen）；"
            "权限见 policy/permissions.yaml"
        ),
    )
    assert told(gate, before, changed, "lin-xiao") == []
    shipped: dict[str, Doc] = {f"{CASE}/shipment-1.yaml": Shipment()}
    [(_, hint, _)] = told(gate, approved, shipped, "su-cai")
    assert hint.startswith("ask somebody who may: warehouse (he-cang), logistics; ")


def test_a_later_status_is_told(gate: Gate) -> None:
    """A shipment before the order is approved comes too early: it is told whose it is, and from when on."""
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted()})
    shipped: dict[str, Doc] = {f"{CASE}/shipment-1.yaml": Shipment()}
    [(_, hint, hint_zh)] = told(gate, before, shipped, "he-cang")
    statuses = "approved, in-production, ready, partly-shipped, shipped, in-transit"
    assert f"while its status is one of {statuses} these may: warehouse (he-cang), logistics; " in hint
    assert "订单状态为已批准、生产中、" in hint_zh
    assert "时可以做的有：仓储（he-cang）、物流；" in hint_zh


def test_a_field_that_comes_later_is_told(gate: Gate) -> None:
    """What a new customer may owe isn't for sales to begin with; finance changes it once the customer is in."""
    data, _problems = load("", render(Customer()))
    fields = ", ".join(f"/{name}" for name in data or {} if name != "credit")
    rights = static()["policy/permissions.yaml"].decode()
    rights += f"  - {{roles: [sales], kinds: [customer], do: [add], fields: [{fields}]}}\n"
    files = {**start(), "policy/permissions.yaml": Raw(rights.encode())}
    before = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    [(said, hint, hint_zh)] = told(gate, before, NEW, "lin-xiao")
    assert said == "may not be changed so by lin-xiao (sales): add /credit, status -"
    assert hint.startswith(
        "leave it out of the new document; once that has landed, ask somebody who may change it: finance (bo-wen, "
    )
    assert hint_zh.startswith("新单据里先不写这一项；单据入库后，请有权的同事来补上：财务（bo-wen、su-cai）；")
    [(_, hint, _)] = told(gate, before, NEW, "he-cang")  # nobody alone may begin with all of it
    assert hint == NOBODY


def test_a_receipt_is_the_services(gate: Gate) -> None:
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted()})
    receipt: dict[str, Doc] = {f"{CASE}/receipts/order-1-finance.receipt.yaml": Raw(b"schema: receipt/1\n")}
    [(_, hint, _)] = told(gate, before, receipt, "su-cai")
    assert hint == "ask somebody who may: service; rights are in policy/permissions.yaml"


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        (f"{CASE}/evidence/scan.pdf", set()),
        ("customers/evidence/scan.pdf", set()),
        ("newsletter/evidence/index.html", {"path.unclassified"}),
        ("newsletter/may.md", {"path.unclassified"}),
        ("docs/evidence/index.html", {"permission.denied"}),
        ("customers/may.md", {"permission.denied"}),
    ],
)
def test_p10_a_folder_named_evidence_opens_no_place(gate: Gate, path: str, codes: set[str]) -> None:
    """The right to add evidence, whatever the status, is one to what lies beside the company's documents."""
    rights = static()["policy/permissions.yaml"].decode()
    rights += "  - {roles: [sales], kinds: [evidence], do: [add]}\n"
    files = {**start(), "policy/permissions.yaml": Raw(rights.encode())}
    before = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    assert gate.codes(before, on(gate, before, {path: Raw(b"hello\n")}), NOW) == codes


@pytest.mark.parametrize("name", ["approvals", "receipts", "OD2024050099"])
def test_a_case_called_approvals_needs_the_same_rights(gate: Gate, name: str) -> None:
    """Its documents are no statements, which anybody may add."""
    order, folder, before = replace(ORDER, number=name), f"orders/2024/05/{name}", begin(gate)
    for person, codes in (("lin-xiao", set()), ("he-cang", {"permission.denied"})):
        submission = signed(f"{folder}/submission.yaml", Submission(order, person, (person,)), person)
        after = on(gate, before, {f"{folder}/order.yaml": order, **submission}, person)
        assert gate.codes(before, after, NOW) == codes
        squashed = on(gate, before, {f"{folder}/order.yaml": order, **submission}, "")  # vouched for by its submission
        assert gate.codes(before, squashed, NOW) == codes


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("orders/2024/05/OD1/approvals/a.yaml", True),
        ("archive/2024/05/OD1/receipts/a.receipt.yaml", True),
        ("orders/2024/05/approvals/approvals/a.yaml.sig", True),
        ("policy/approvals/a.yaml", True),
        ("waivers/receipts/a.yaml", True),
        ("orders/2024/05/approvals/order.yaml", False),
        ("orders/2024/05/OD1/more/approvals/a.yaml", False),
        ("policy/approvals/more/a.yaml", False),
        ("policy/more/approvals/a.yaml", False),
        ("docs/approvals/a.yaml", False),
        ("approvals/a.yaml", False),
        ("policy/approvals.yaml", False),
        ("policy/approvals/a.yml", False),
        ("policy/Approvals/a.yaml", False),
    ],
)
def test_where_statements_lie(path: str, statement: bool) -> None:
    assert is_statement(path) is statement
