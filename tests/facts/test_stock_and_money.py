"""Reservation, availability, exposure, history, inquiry and fingerprint over several orders."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from tests.fake_book import FakeBook, base_documents

CLOSED = "orders/2024/05/OD2024050012"
OPEN = "orders/2024/05/OD2024050013"
BASE = base_documents()


def with_copies(*changes: dict[str, Any]) -> dict[str, Any]:
    """Return the base with a copy of its open order for each dict of changes: OD2024050014, …"""
    documents = deepcopy(BASE)
    for n, change in enumerate(changes, 14):
        case = f"orders/2024/05/OD20240500{n}"
        for path, data in BASE.items():
            if path.startswith(OPEN + "/"):
                documents[path.replace(OPEN, case)] = deepcopy(data)
        documents[f"{case}/requirement.yaml"]["number"] = f"KH20240500{n}"
        documents[f"{case}/order.yaml"] |= {"number": f"OD20240500{n}", **change}
    return documents


def chairs(quantity: int, price: str = "350.00") -> list[dict[str, Any]]:
    line = BASE[f"{OPEN}/order.yaml"]["lines"][0]
    return [{**line, "quantity": quantity, "unit_price": Decimal(price), "amount": quantity * Decimal(price)}]


# reservation


def test_an_approved_order_reserves_and_a_closed_one_does_not() -> None:
    book = FakeBook(BASE)
    assert book.fact("reservation", "OD2024050012") == ()
    assert book.fact("reservation", "OD2024050013") == (
        {"order": "OD2024050013", "customer": "C0001", "product": "CHAIR-E1", "quantity": 20, "due": "2024-06-05"},
    )


def shipment(quantity: int, **changes: Any) -> dict[str, Any]:
    return {
        "schema": "shipment/1",
        "lines": [{"line": 1, "quantity": quantity}],
        "dispatched_at": "2024-05-23T10:00:00+08:00",
        **changes,
    }


@pytest.mark.parametrize(("sent", "left"), [(19, [1]), (20, []), (21, [])])
def test_only_what_was_not_sent_is_reserved(sent: int, left: list[int]) -> None:
    documents = deepcopy(BASE) | {f"{OPEN}/shipment-1.yaml": shipment(sent)}
    assert [r["quantity"] for r in FakeBook(documents).fact("reservation", "OD2024050013")] == left


def test_a_line_sent_in_full_is_not_reserved_with_the_others() -> None:
    desk = {**BASE[f"{CLOSED}/order.yaml"]["lines"][0], "line": 2}
    documents = deepcopy(BASE) | {f"{OPEN}/shipment-1.yaml": shipment(20)}
    documents[f"{OPEN}/order.yaml"]["lines"] = [*chairs(20), desk]
    reserved = FakeBook(documents).fact("reservation", "OD2024050013")
    assert [(r["product"], r["quantity"]) for r in reserved] == [("DESK-W120", 10)]


def test_an_order_on_hold_keeps_what_was_not_sent() -> None:
    documents = deepcopy(BASE) | {f"{OPEN}/shipment-1.yaml": shipment(15)}
    documents[f"{OPEN}/hold-1.yaml"] = {"schema": "hold/1", "reason": "x", "from": "2024-05-23", "by": "lin-xiao"}
    assert [r["quantity"] for r in FakeBook(documents).fact("reservation", "OD2024050013")] == [5]


def test_unapproved_and_cancelled_orders_reserve_nothing_and_one_on_hold_does() -> None:
    waiting, cancelled, held = deepcopy(BASE), deepcopy(BASE), deepcopy(BASE)
    del waiting[f"{OPEN}/approvals/order-1-finance.yaml"]
    cancelled[f"{OPEN}/cancellation.yaml"] = {
        "schema": "cancellation/1",
        "reason": "x",
        "by": "lin-xiao",
        "on": "2024-05-23",
    }
    held[f"{OPEN}/hold-1.yaml"] = {"schema": "hold/1", "reason": "x", "from": "2024-05-23", "by": "lin-xiao"}
    reserved = [len(FakeBook(d).fact("reservation", "OD2024050013")) for d in (waiting, cancelled, held)]
    assert reserved == [0, 0, 1]


def test_lines_of_one_product_are_one_record() -> None:
    two = [chairs(3)[0], {**chairs(4)[0], "line": 2}]
    book = FakeBook(with_copies({"lines": two}))
    assert [r["quantity"] for r in book.fact("reservation", "OD2024050014")] == [7]


# availability


def test_on_hand_is_the_count_minus_what_was_sent_since() -> None:
    assert FakeBook(BASE).fact("availability", "CHAIR-E1") == {
        "on_hand": 110,
        "counted_on": "2024-05-01",
        "reserved": 20,
        "available": 90,
        "short": (),
    }


def test_a_product_that_is_not_stocked_has_no_availability() -> None:
    assert FakeBook(BASE).fact("availability", "DESK-W120") is None


@pytest.mark.parametrize(("quantity", "short"), [(89, []), (90, []), (91, [("OD2024050014", 91, 1)])])
def test_the_order_that_the_goods_do_not_reach_for_is_short(quantity: int, short: list[Any]) -> None:
    book = FakeBook(with_copies({"lines": chairs(quantity), "date": "2024-05-21"} | due("2024-06-07")))
    found = book.fact("availability", "CHAIR-E1")
    assert found["available"] == 90 - quantity
    assert [(s["order"], s["quantity"], s["missing"]) for s in found["short"]] == short


def due(day: str) -> dict[str, Any]:
    return {"delivery": {**BASE[f"{OPEN}/order.yaml"]["delivery"], "due": day}}


def test_goods_go_to_the_orders_that_are_due_first() -> None:
    book = FakeBook(with_copies({"lines": chairs(60), **due("2024-06-03")}, {"lines": chairs(70), **due("2024-06-04")}))
    assert book.fact("availability", "CHAIR-E1")["short"] == (
        {"order": "OD2024050015", "due": "2024-06-04", "quantity": 70, "missing": 20},
        {"order": "OD2024050013", "due": "2024-06-05", "quantity": 20, "missing": 20},
    )


def count(day: str, quantity: int, warehouse: str = "main") -> dict[str, Any]:
    return {
        "schema": "stock-count/1",
        "id": f"{day}-{warehouse}",
        "warehouse": warehouse,
        "counted_on": day,
        "counted_by": "he-cang",
        "rows": [{"product": "CHAIR-E1", "quantity": quantity}],
    }


@pytest.mark.parametrize(
    ("counts", "on_hand", "counted_on"),
    [
        ([], 110, "2024-05-01"),
        ([count("2024-05-19", 50)], 40, "2024-05-19"),  # the shipment left on the 20th
        ([count("2024-05-20", 50)], 50, "2024-05-20"),  # counted after it had left
        ([count("2024-04-30", 7, "north")], 117, "2024-04-30"),
        ([count("2024-04-30", 7, "north"), count("2024-05-21", 9, "north")], 119, "2024-05-01"),
    ],
)
def test_each_warehouse_has_its_last_count(counts: list[Any], on_hand: int, counted_on: str) -> None:
    documents = deepcopy(BASE) | {f"stock/counts/{c['id']}.yaml": c for c in counts}
    found = FakeBook(documents, "2025-03-01").fact("availability", "CHAIR-E1")
    assert (found["on_hand"], found["counted_on"]) == (on_hand, counted_on)


@pytest.mark.parametrize(("counted_on", "on_hand"), [("2014-06-01", 40), ("2014-05-31", 50)])
def test_dispatches_are_followed_for_ten_years(counted_on: str, on_hand: int) -> None:
    documents = deepcopy(BASE) | {"stock/counts/2024-05-01-main.yaml": count(counted_on, 50)}
    assert FakeBook(documents, "2034-01-01").fact("availability", "CHAIR-E1")["on_hand"] == on_hand


def test_nothing_counted_is_nothing_on_hand() -> None:
    documents = deepcopy(BASE)
    del documents["stock/counts/2024-05-01-main.yaml"]
    found = FakeBook(documents).fact("availability", "CHAIR-E1")
    assert (found["on_hand"], found["counted_on"], found["available"]) == (0, "", -20)


def test_a_shipment_without_an_order_takes_nothing() -> None:
    documents = deepcopy(BASE)
    del documents[f"{CLOSED}/order.yaml"]
    book = FakeBook(documents)
    assert book.fact("outgoing", "OD2024050012/shipment-1") == ()
    assert book.fact("availability", "CHAIR-E1")["on_hand"] == 120


def test_a_planned_shipment_takes_nothing() -> None:
    documents = deepcopy(BASE)
    del documents[f"{CLOSED}/shipment-1.yaml"]["dispatched_at"]
    assert FakeBook(documents).fact("availability", "CHAIR-E1")["on_hand"] == 120


# exposure


def test_a_closed_order_is_no_debt_and_the_prepaid_share_is_no_credit() -> None:
    assert FakeBook(BASE).fact("exposure", "C0001") == {
        "owed": Decimal("7000.00"),
        "limit": Decimal("200000.00"),
        "orders": ("OD2024050013",),
        "other_currency": (),
    }


@pytest.mark.parametrize(
    ("payment", "owed"),
    [
        ({"terms": "prepaid"}, "7000.00"),
        ({"terms": "split", "prepaid_percent": 30}, "7700.01"),
        ({"terms": "split", "prepaid_percent": 100}, "7000.00"),
        ({"terms": "on-delivery"}, "8000.01"),
        ({"terms": "monthly", "days": 30}, "8000.01"),
    ],
)
def test_what_each_kind_of_payment_adds(payment: dict[str, Any], owed: str) -> None:
    book = FakeBook(with_copies({"payment": payment, "total": Decimal("1000.01")}))
    assert str(book.fact("exposure", "C0001")["owed"]) == owed


def test_orders_in_another_currency_are_named_not_added() -> None:
    found = FakeBook(with_copies({"currency": "USD"})).fact("exposure", "C0001")
    assert (found["orders"], found["other_currency"]) == (("OD2024050013",), ("OD2024050014",))


def test_no_credit_is_the_limit_0() -> None:
    documents = deepcopy(BASE)
    del documents["customers/C0001.yaml"]["credit"]
    assert FakeBook(documents).fact("exposure", "C0001")["limit"] == 0


def test_a_step_of_the_order_does_not_change_its_commitment() -> None:
    sent = deepcopy(BASE) | {f"{OPEN}/shipment-1.yaml": shipment(20)}
    assert FakeBook(sent).fact("commitment", "OD2024050013") == FakeBook(BASE).fact("commitment", "OD2024050013")


# history


def test_history_is_computed() -> None:
    assert FakeBook(BASE).fact("history", "C0001") == {
        "orders": 2,
        "total": Decimal("18700.00"),
        "first": "2024-05-06",
        "last": "2024-05-20",
        "products": ("CHAIR-E1", "DESK-W120"),
        "complaints": 1,
        "praise": 1,
        "group": "regular",
    }


@pytest.mark.parametrize(("missing", "orders"), [("", 2), ("approvals/order-1-finance", 1)])
def test_an_order_on_hold_is_bought_if_it_was_approved(missing: str, orders: int) -> None:
    documents = deepcopy(BASE)
    documents[f"{OPEN}/hold-1.yaml"] = {"schema": "hold/1", "reason": "x", "from": "2024-05-23", "by": "lin-xiao"}
    if missing:
        del documents[f"{OPEN}/{missing}.yaml"]
    assert FakeBook(documents).fact("history", "C0001")["orders"] == orders


@pytest.mark.parametrize(
    ("as_of", "group"), [("2025-05-20T23:59:59+08:00", "regular"), ("2025-05-21T00:00:00+08:00", "dormant")]
)
def test_a_year_without_an_order_is_dormant(as_of: str, group: str) -> None:
    documents = deepcopy(BASE)
    documents[f"{OPEN}/order.yaml"]["date"] = "2024-05-20"
    assert FakeBook(documents, as_of).fact("history", "C0001")["group"] == group


@pytest.mark.parametrize(("total", "group"), [("481299.99", "regular"), ("481300.00", "key")])
def test_a_key_customer_by_amount(total: str, group: str) -> None:
    documents = with_copies({"total": Decimal(total)})
    case = "orders/2024/05/OD2024050014"
    for stage, person, day in (("sales-director", "meng-yuan", 9), ("general-manager", "bai-lu", 10)):
        said = {"stage": stage, "person": person, "issued": f"2024-06-{day:02}T10:00:00+08:00"}
        approval = documents[f"{case}/approvals/order-1-finance.yaml"] | said
        documents[f"{case}/approvals/order-1-{stage}.yaml"] = approval
    history = FakeBook(documents).fact("history", "C0001")
    assert (history["orders"], history["group"]) == (3, group)


@pytest.mark.parametrize(("copies", "group"), [(9, "regular"), (10, "key")])
def test_a_key_customer_by_number_of_orders(copies: int, group: str) -> None:
    assert FakeBook(with_copies(*[{}] * copies)).fact("history", "C0001")["group"] == group


def test_new_and_prospective_customers() -> None:
    documents = deepcopy(BASE)
    del documents[f"{OPEN}/order.yaml"]
    assert FakeBook(documents).fact("history", "C0001")["group"] == "new"
    del documents[f"{CLOSED}/order.yaml"]
    assert FakeBook(documents).fact("history", "C0001") == {
        "orders": 0,
        "total": 0,
        "first": "",
        "last": "",
        "products": (),
        "complaints": 0,
        "praise": 0,
        "group": "prospect",
    }


# inquiry


def inquiry(*gone: str, **changes: Any) -> Any:
    documents = deepcopy(BASE)
    for name in gone:
        del documents[f"{CLOSED}/{name}.yaml"]
    for name, change in changes.items():
        documents[f"{CLOSED}/{name.replace('_', '-')}.yaml"] |= change
    return FakeBook(documents).fact("inquiry", "KH2024050012")


def test_an_inquiry_becomes_a_quotation_and_an_order() -> None:
    assert inquiry() == {
        "requirement": "KH2024050012",
        "customer": "C0001",
        "case": "OD2024050012",
        "received_at": "2024-05-04T09:30:00+08:00",
        "salesperson": "lin-xiao",
        "status": "ordered",
    }
    assert inquiry("order")["status"] == "quoted"
    assert inquiry("order", "quotation-1")["status"] == "requested"


def test_a_lost_inquiry() -> None:
    lost = {"outcome": {"result": "lost", "on": "2024-05-05", "reason": "价格"}}
    assert inquiry("order", requirement=lost)["status"] == "lost"
    assert inquiry("order", quotation_1=lost)["status"] == "lost"
    assert inquiry(quotation_1=lost)["status"] == "ordered"


# fingerprint


def bucket(**changes: Any) -> Any:
    return FakeBook(with_copies(changes)).fact("fingerprint", "OD2024050014")


def test_the_same_lines_on_the_same_day_share_a_bucket() -> None:
    original = FakeBook(BASE).fact("fingerprint", "OD2024050013")
    assert bucket() == original
    assert bucket(lines=chairs(20, "350")) == original
    assert bucket(remarks="x", salesperson="chen-jie", **due("2024-06-06")) == original
    for other in (
        {"date": "2024-05-21"},
        {"lines": chairs(21)},
        {"lines": chairs(20, "350.01")},
        {"customer": "C0002"},
    ):
        assert bucket(**other) != original


def test_a_cancelled_order_is_no_duplicate() -> None:
    documents = deepcopy(BASE)
    documents[f"{OPEN}/cancellation.yaml"] = {
        "schema": "cancellation/1",
        "reason": "x",
        "by": "lin-xiao",
        "on": "2024-05-23",
    }
    assert FakeBook(documents).fact("fingerprint", "OD2024050013") is None
