"""Kinds of document: paths both ways, identity, columns, at most one kind for a path."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.schema import classifier
from orderctl.schema.kinds import VARIABLES, Kind, overlap
from orderctl.schema.walk import at_pointer, is_leaf, nodes
from tests.schema.helper import CASES, FILES, kinds, read

KINDS, _ = kinds()
CASE = "orders/2024/05/OD2024050012"

PATHS = [
    ("orderctl.yaml", "workspace", {}, "workspace"),
    ("policy/people.yaml", "people", {}, "people"),
    ("policy/flows.yaml", "flows", {}, "flows"),
    ("calendar/2024.yaml", "calendar", {"year": "2024"}, "2024"),
    ("customers/C0001.yaml", "customer", {"id": "C0001"}, "C0001"),
    ("catalog/products/DESK-W120.yaml", "product", {"id": "DESK-W120"}, "DESK-W120"),
    ("catalog/prices/PB2024.yaml", "price-book", {"id": "PB2024"}, "PB2024"),
    ("stock/counts/2024-05-01-main.yaml", "stock-count", {"id": "2024-05-01-main"}, "2024-05-01-main"),
    (f"{CASE}/requirement.yaml", "requirement", {}, "KH2024050012"),
    (f"{CASE}/quotation-1.yaml", "quotation", {"n": "1"}, "OD2024050012/quotation-1"),
    (f"{CASE}/order.yaml", "order", {}, "OD2024050012"),
    (f"{CASE}/submission.yaml", "submission", {}, "OD2024050012/submission"),
    (
        f"{CASE}/approvals/order-1-sales-supervisor.yaml",
        "approval",
        {"statement": "order-1-sales-supervisor"},
        "OD2024050012/order-1-sales-supervisor",
    ),
    (
        f"{CASE}/approvals/change-2-13-finance.yaml",
        "approval",
        {"statement": "change-2-13-finance"},
        "OD2024050012/change-2-13-finance",
    ),
    (
        f"{CASE}/approvals/order-1-finance.su-cai.2.yaml",
        "approval",
        {"statement": "order-1-finance.su-cai.2"},
        "OD2024050012/order-1-finance.su-cai.2",
    ),
    (
        f"{CASE}/receipts/order-1-finance.su-cai.receipt.yaml",
        "receipt",
        {"receipt": "order-1-finance.su-cai"},
        "OD2024050012/order-1-finance.su-cai.receipt",
    ),
    ("policy/permissions.yaml", "permissions", {}, "permissions"),
    ("policy/revoked.yaml", "revoked", {}, "revoked"),
    ("policy/policy.yaml", "policy", {}, "policy"),
    ("waivers/W1.yaml", "waiver", {"id": "W1"}, "W1"),
    (
        "policy/approvals/policy-8-admin.bai-lu.yaml",
        "approval",
        {"statement": "policy-8-admin.bai-lu"},
        "policy/approvals/policy-8-admin.bai-lu",
    ),
    (
        "waivers/approvals/waiver-1-finance.w1.su-cai.yaml",
        "approval",
        {"statement": "waiver-1-finance.w1.su-cai"},
        "waivers/approvals/waiver-1-finance.w1.su-cai",
    ),
    (f"{CASE}/shipment-12.yaml", "shipment", {"n": "12"}, "OD2024050012/shipment-12"),
    (f"{CASE}/delivery-1.yaml", "delivery", {"n": "1"}, "OD2024050012/delivery-1"),
    (f"{CASE}/feedback.yaml", "feedback", {}, "OD2024050012/feedback"),
    (f"{CASE}/ticket-1.yaml", "ticket", {"n": "1"}, "SH202405001"),
    (f"{CASE}/hold-1.yaml", "hold", {"n": "1"}, "OD2024050012/hold-1"),
    (f"{CASE}/cancellation.yaml", "cancellation", {}, "OD2024050012/cancellation"),
    ("archive/2024/05/OD2024050012/order.yaml", "order", {}, "OD2024050012"),
    ("orders/2024/05/202405-0012/order.yaml", "order", {"case": "202405-0012"}, "OD2024050012"),
]


@pytest.mark.parametrize(("path", "name", "variables", "id"), PATHS, ids=[p[0] for p in PATHS])
def test_path_to_kind_and_back(path: str, name: str, variables: dict[str, str], id: str) -> None:
    found = classifier(KINDS.values())(path)
    assert found is not None
    kind, got = found
    assert kind.name == name
    if path.startswith(("orders/", "archive/")):
        variables = {"yyyy": "2024", "mm": "05", "case": "OD2024050012", **variables}
    assert got == variables
    assert kind.path_for(got) in (path.replace("archive/", "orders/"), path.replace("waivers/", "policy/"))
    assert kind.identify(got, read(CASES / name / "positive" / "story.yaml"), path) == id


@pytest.mark.parametrize(
    "path",
    [
        "order.yaml",
        "customers/C0001.yml",
        "customers/C0001.yaml\n",
        "customers/-C0001.yaml",
        "customers/客户.yaml",
        "customers/" + "C" * 65 + ".yaml",
        "customers/a/C0001.yaml",
        "calendar/24.yaml",
        "calendar/２０２４.yaml",
        "orders/2024/13/OD2024050012/order.yaml",
        "orders/2024/5/OD2024050012/order.yaml",
        f"{CASE}/shipment-0.yaml",
        f"{CASE}/shipment-01.yaml",
        f"{CASE}/shipment-10000.yaml",
        f"{CASE}/Order.yaml",
        f"{CASE}/approvals/Order-1-finance.yaml",
        f"{CASE}/approvals/order-1-finance..yaml",
        f"{CASE}/approvals/order-1-finance.receipt/x.yaml",
        f"{CASE}/receipts/order-1-finance.yaml",
        "stock/approvals/policy-8-admin.yaml",
        "policy/approvals/2024/policy-8-admin.yaml",
        f"{CASE}/evidence/order.yaml",
        "archive/C0001.yaml",
    ],
)
def test_a_path_of_no_kind(path: str) -> None:
    assert classifier(KINDS.values())(path) is None
    assert [k.name for k in KINDS.values() if k.match(path) is not None] == []


def test_longest_names_at_their_boundary() -> None:
    match = KINDS["customer"].match
    assert match(f"customers/{'C' * 63}.yaml") and match(f"customers/{'C' * 64}.yaml")
    assert match(f"customers/{'C' * 65}.yaml") is None
    assert KINDS["shipment"].match(f"{CASE}/shipment-9999.yaml")
    statement = KINDS["approval"].match
    assert statement(f"{CASE}/approvals/{'a' * 95}.yaml")
    assert statement(f"{CASE}/approvals/{'a' * 96}.yaml") is None


def test_path_for_refuses_what_does_not_fit() -> None:
    assert KINDS["customer"].path_for({"id": "C1"}) == "customers/C1.yaml"
    for variables in ({}, {"id": "../x"}, {"id": ""}, {"id": "a/b"}, {"id": "客户"}):
        with pytest.raises(ValueError, match="customer"):
            KINDS["customer"].path_for(variables)


@given(st.data())
def test_every_path_of_a_kind_is_read_back(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(KINDS.values(), key=lambda k: k.name)))
    template = data.draw(st.sampled_from(kind.paths))
    variables = {n: data.draw(st.from_regex(p, fullmatch=True)) for n, p in VARIABLES.items() if f"{{{n}}}" in template}
    path = kind.path_for(variables)
    found = classifier(KINDS.values())(path)
    assert found is not None and found[0] is kind
    assert kind.path_for(found[1]) == path


@given(st.text(max_size=60))
def test_any_text_is_of_at_most_one_kind(text: str) -> None:
    found = [k.name for k in KINDS.values() if k.match(text) is not None]
    one = classifier(KINDS.values())(text)
    assert found == ([one[0].name] if one else [])


def test_no_two_templates_overlap() -> None:
    for one, other in itertools.combinations([p for kind in KINDS.values() for p in kind.paths], 2):
        assert not overlap(one, other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a/{id}.yaml", "a/{n}.yaml", True),
        ("a/{id}.yaml", "a/b.yaml", True),
        ("a/{n}.yaml", "a/b.yaml", False),
        ("a/x-{n}.yaml", "a/y-{n}.yaml", False),
        ("a/x-{n}.yaml", "a/x-{id}.yaml", True),
        ("a/{id}.yaml", "b/{id}.yaml", False),
        ("a/{id}.yaml", "a/{id}/b.yaml", False),
        ("{id}/b.yaml", "a/b.yaml", True),
    ],
)
def test_overlap(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def test_identity_falls_back_to_the_path() -> None:
    customer, calendar, order = KINDS["customer"], KINDS["calendar"], KINDS["order"]
    broken: Any
    for broken in ({}, {"id": None}, {"id": ["C0001"]}, {"id": ""}, {"id": True}):
        assert customer.identify({"id": "C0009"}, broken) == "C0009"
    assert calendar.identify({"year": "2024"}, {}) == "2024"
    assert calendar.identify({"year": "2024"}, {"year": 2025}) == "2025"
    assert order.identify({"case": "OD1", "yyyy": "2024", "mm": "05"}, {}) == "OD1/order"


def test_columns() -> None:
    columns = dict(KINDS["order"].index)
    assert columns["delivery_due"] == "/delivery/due"
    assert columns["customer"] == "/customer"
    rows = KINDS["price-book"].items
    assert rows is not None
    assert (rows.pointer, rows.index, rows.parent) == (
        "/prices",
        ("product", "price", "min_quantity"),
        ("from", "to", "currency", "tax_included"),
    )
    assert {k.name: k.number for k in KINDS.values() if k.number} == {
        "order": "order",
        "requirement": "requirement",
        "ticket": "ticket",
    }


def test_titles_in_both_languages() -> None:
    assert (KINDS["order"].title("zh"), KINDS["order"].title("en")) == ("订单信息录入表", "Order")
    assert all(k.title("zh") != k.title("en") for k in KINDS.values())


def _open(kind: Kind) -> list[str]:
    return [p for p, n, _ in nodes(kind.schema) if is_leaf(n) and "public" in n["x-audience"] and n["x-pii"]]


def test_personal_data_is_never_public() -> None:
    assert {k.name: _open(k) for k in KINDS.values() if _open(k)} == {}


def test_names_phones_and_mailboxes_of_people_are_personal() -> None:
    """What must not void an approval when it is erased."""
    for kind, pointer in (
        ("order", "/delivery/receiver"),
        ("order", "/delivery/phone"),
        ("order", "/delivery/backup_phone"),
        ("customer", "/contacts/0/name"),
        ("customer", "/contacts/0/phone"),
        ("customer", "/contacts/0/email"),
        ("customer", "/delivery_addresses/0/receiver"),
        ("customer", "/name"),  # an individual's
        ("customer", "/name_en"),
        ("customer", "/legal_representative"),
        ("requirement", "/where/phone"),
        ("people", "/people/0/name"),
        ("people", "/people/0/email"),
        ("delivery", "/receiver"),
    ):
        node = at_pointer(KINDS[kind].schema, pointer)
        assert node is not None and node["x-pii"] and not node["x-material"], (kind, pointer)
    for pointer in ("/delivery/address/street", "/total", "/lines/0/quantity", "/payment/terms", "/invoice/kind"):
        node = at_pointer(KINDS["order"].schema, pointer)
        assert node is not None and node["x-material"] and not node["x-pii"], pointer


def test_every_kind_has_a_file_and_no_file_is_left_over() -> None:
    assert {*KINDS, "_types"} == set(FILES)
