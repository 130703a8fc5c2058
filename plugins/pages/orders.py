"""All orders in one list: searched, filtered and sorted in the browser, its rows in one file a month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Page, Row, hookimpl
from orderctl.particulars import named, people

PAGE = Page(id="orders", on="", since="0.1", zh="订单", en="Orders", file="orders.html", covers=("WEB", "APR-11"))

COLUMNS = (
    "id", "customer", "zh", "en", "date", "due", "kind", "status", "waiting",
    "salesperson", "total", "currency", "urgent", "late", "number",
)  # fmt: skip
FIRST = 30
"""Rows that stand in the page itself: seen at once, and without any script."""


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return the newest rows, the choices of every filter, and ``shards``: columns and rows, one for each month."""
    orders = sorted(book.all("status"), key=lambda o: (str(o["date"]), o["id"]), reverse=True)
    customers = {c: named(book.doc("customer", c), c) for c in sorted({str(o["customer"]) for o in orders})}
    staff = {id: named(entry, id) for id, entry in people(book).items()}
    own_numbers = {r["id"]: r.get("customer_number") or "" for r in book.all("order")}
    rows = [_row(o, customers, str(own_numbers.get(o["id"], ""))) for o in orders]
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        months[str(row["date"])[:7]].append(row)
    count = Counter(str(r["customer"]) for r in rows)
    sellers = Counter(str(r["salesperson"]) for r in rows)
    return {
        "count": len(rows),
        "first": rows[:FIRST],
        "people": staff,
        "stages": _stages(book),
        "statuses": dict(Counter(str(r["status"]) for r in rows)),
        "late_count": sum(1 for r in rows if r["late"]),
        "urgent_count": sum(1 for r in rows if r["urgent"]),
        "customers": [{"id": c, **customers[c], "count": n} for c, n in sorted(count.items())],
        "salespeople": [{"id": s, **staff.get(s, named(None, s)), "count": n} for s, n in sorted(sellers.items())],
        "months": sorted(months, reverse=True),
        "shards": {
            f"orders-{month}": {"columns": COLUMNS, "rows": [[row[c] for c in COLUMNS] for row in months[month]]}
            for month in sorted(months, reverse=True)
        },
    }


def _row(order: Row, customers: Mapping[str, Mapping[str, str]], own_number: str) -> dict[str, Any]:
    total = order["total"]
    return {
        "id": order["id"],
        "customer": order["customer"],
        **customers[str(order["customer"])],
        "date": order["date"] or "",
        "due": order["due"] or "",
        "kind": order["kind"],
        "status": order["status"],
        "waiting": order["waiting"] if order["status"] == "submitted" else "",
        "salesperson": order["salesperson"],
        "amount": total,
        "total": "" if total is None else f"{total:.2f}",
        "currency": order["currency"],
        "urgent": 1 if order["urgent"] else 0,
        "late": 1 if order["late"] else 0,
        "number": own_number,
    }


def _stages(book: Book) -> list[dict[str, str]]:
    """Every approval stage of every flow, once, in the order written."""
    flows = book.doc("flows", "flows")
    found = {s["id"]: s for f in (flows["flows"] if flows else ()) for s in f["stages"]}
    return [{"id": i, "zh": s["zh"], "en": s["en"]} for i, s in found.items()]
