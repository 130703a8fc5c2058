"""What the pages' views return: plain values, the way of an order at every status, boundaries of days and credit."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.fake_book import FakeBook, base_documents

PLUGINS = Path(__file__).parent.parent.parent / "plugins" / "pages"
CASE = "orders/2024/05/OD2024050013"
"""An approved order of the base workspace that nothing was shipped of yet."""


def page(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"page_{name}", PLUGINS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def see(name: str, documents: Mapping[str, Mapping[str, Any]], as_of: str = "2024-05-24", id: str = "") -> Any:
    module = page(name)
    book = FakeBook(documents, as_of)
    return module.view(book.doc(module.PAGE.on, id) if module.PAGE.on else None, book)


def without(documents: Mapping[str, Any], *parts: str) -> dict[str, Any]:
    return {path: data for path, data in documents.items() if not any(part in path for part in parts)}


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    else:
        yield value


@pytest.mark.parametrize("name", sorted(file.stem for file in PLUGINS.glob("[!_]*.py")))
def test_views_return_plain_values(name: str) -> None:
    id = {"order": "OD2024050012", "customer": "C0001"}.get(name, "")
    for leaf in leaves(see(name, base_documents(), id=id)):
        assert leaf is None or type(leaf) in (str, int, bool, Decimal), repr(leaf)


@pytest.mark.parametrize("name", ["order", "customer"])
def test_no_document_no_page(name: str) -> None:
    assert see(name, base_documents(), id="no-such-thing") is None


STATES: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any], str, str]] = {
    "draft": (("submission", "approvals"), {}, "draft", "order now, approval todo, preparation todo"),
    "no opinion yet": (("approvals",), {}, "submitted", "order done, approval now, preparation todo"),
    "approved": ((), {}, "approved", "order done, approval done, preparation now"),
    "cancelled": (
        (),
        {
            "cancellation": {
                "schema": "cancellation/1",
                "reason": "不要了",
                "asked_by": "x",
                "by": "lin-xiao",
                "on": "2024-05-10",
            }
        },
        "cancelled",
        "order done, approval done, preparation stopped",
    ),
    "on hold": (
        (),
        {"hold-1": {"schema": "hold/1", "reason": "等款", "from": "2024-05-10", "by": "lin-xiao"}},
        "on-hold",
        "order done, approval done, preparation stopped",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_the_way_of_an_order(state: str) -> None:
    dropped, added, status, steps = STATES[state]
    documents = without(base_documents(), *(f"{CASE}/{part}" for part in dropped))
    documents |= {f"{CASE}/{name}.yaml": data for name, data in added.items()}
    seen = see("order", documents, "2024-05-15", "OD2024050013")
    phases = {phase["what"]: phase["state"] for phase in seen["phases"]}
    assert seen["status"] == status
    assert ", ".join(f"{what} {phases[what]}" for what in ("order", "approval", "preparation")) == steps


@pytest.mark.parametrize(
    ("received", "day", "late"),
    [("2024-05-20T15:59:00Z", "2024-05-20", False), ("2024-05-20T16:00:00Z", "2024-05-21", True)],
)
def test_days_are_the_companys_in_whatever_zone_they_are_written(received: str, day: str, late: bool) -> None:
    documents = deepcopy(base_documents())
    documents["orders/2024/05/OD2024050012/delivery-1.yaml"]["received_at"] = received
    seen = see("order", documents, "2024-05-25", "OD2024050012")
    delivery = next(e for e in seen["events"] if e["what"] == "delivery")
    assert delivery["facts"]["late"] is late
    assert next(p for p in seen["phases"] if p["what"] == "delivery")["at"] == day


def test_a_rejection_stops_the_order_and_is_told() -> None:
    documents = deepcopy(base_documents())
    opinion = documents[f"{CASE}/approvals/order-1-finance.yaml"]
    opinion |= {"decision": "reject", "opinion": "请先结清逾期款"}
    seen = see("order", documents, "2024-05-15", "OD2024050013")
    told = [(e["what"], e["tone"], e["text"]) for e in seen["events"] if e["what"] == "reject"]
    assert (seen["status"], told) == ("rejected", [("reject", "bad", "请先结清逾期款")])
    assert "stopped" in [phase["state"] for phase in seen["phases"]]


def test_the_timeline_runs_as_work_does_and_what_is_to_come_stands_last() -> None:
    documents = without(base_documents(), f"{CASE}/approvals")
    events = see("order", documents, "2024-05-15", "OD2024050013")["events"]
    assert [e["what"] for e in events if e["at"]] == sorted(
        (e["what"] for e in events if e["at"]), key=page("order").ORDER.index
    )
    assert [e["what"] for e in events if not e["at"]] == ["waiting", "later", "later", "due"]


def test_due_soon_is_seven_days_to_the_day() -> None:
    due = date.fromisoformat(base_documents()[f"{CASE}/order.yaml"]["delivery"]["due"])
    days = {n: (due - timedelta(days=n)).isoformat() for n in (0, 1, 7, 8, 9)}
    counts = {n: see("dashboard", base_documents(), day)["soon_count"] for n, day in days.items()}
    assert counts == {0: 0, 1: 1, 7: 1, 8: 1, 9: 0}, "from the end of a day, seven full days are left at n = 8"


def test_months_are_twelve_and_the_tallest_is_full() -> None:
    months = see("dashboard", base_documents())["months"]
    assert (len(months), months[0]["month"], months[-1]["month"]) == (12, "2023-06", "2024-05")
    assert max(m["height"] for m in months) == 1000


@pytest.mark.parametrize(
    ("limit", "used", "over"), [("7000.01", 99, False), ("7000.00", 100, False), ("6999.99", 100, True)]
)
def test_credit_beside_exposure(limit: str, used: int, over: bool) -> None:
    documents = deepcopy(base_documents())
    documents["customers/C0001.yaml"]["credit"]["limit"] = Decimal(limit)
    documents[f"{CASE}/order.yaml"]["payment"] = {"terms": "on-delivery"}
    credit = see("customer", documents, "2024-05-15", "C0001")["credit"]
    assert (credit["owed"], credit["used"], credit["over"], credit["bar"]) == (
        Decimal("7000.00"),
        used,
        over,
        min(used, 100),
    )


def test_orders_come_by_month_newest_first() -> None:
    seen = see("orders", base_documents())
    [(name, shard)] = seen["shards"].items()
    assert (name, seen["months"]) == ("orders-2024-05", ["2024-05"])
    assert [row[0] for row in shard["rows"]] == [row["id"] for row in seen["first"]] == ["OD2024050013", "OD2024050012"]
    assert all(len(row) == len(shard["columns"]) for row in shard["rows"])


@pytest.mark.parametrize(("orders", "listed", "left_out"), [(99, 101, 0), (100, 102, 0), (101, 102, 1)])
def test_requirements_that_became_orders_are_listed_up_to_a_hundred(orders: int, listed: int, left_out: int) -> None:
    base = without(base_documents(), "orders/")
    asked = base_documents()["orders/2024/05/OD2024050012/requirement.yaml"]
    placed = base_documents()["orders/2024/05/OD2024050012/order.yaml"]
    for n in range(orders + 2):
        case = f"orders/2024/05/OD202405{n:04d}"
        base[f"{case}/requirement.yaml"] = asked | {"number": f"KH202405{n:04d}"}
        if n < orders:
            base[f"{case}/order.yaml"] = placed | {"number": f"OD202405{n:04d}"}
    seen = see("inquiries", base)
    assert (len(seen["rows"]), seen["left_out"]) == (listed, left_out)
    assert seen["statuses"] == {"ordered": listed - 2, "requested": 2}
