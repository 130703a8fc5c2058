"""All customers: what they bought, what they owe, whether their papers are in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Page, hookimpl
from orderctl.particulars import named

PAGE = Page(
    id="customers",
    on="",
    since="0.1",
    zh="客户",
    en="Customers",
    file="customers.html",
    covers=("WEB", "CUS-5", "CUS-7"),
)

ENDED = frozenset({"closed", "cancelled", "rejected"})


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return one line a customer, with the sums that facts keep."""
    still_open = Counter(str(o["customer"]) for o in book.all("status") if o["status"] not in ENDED)
    found = Counter(str(f["id"]) for f in book.all("finding") if f["kind"] == "customer")
    rows = []
    for row in book.all("customer"):
        customer = book.doc("customer", str(row["id"]))
        if customer is not None:
            rows.append(_line(customer, book, still_open[customer.id], found[customer.id]))
    return {
        "rows": rows,
        "kinds": dict(Counter(r["kind"] for r in rows)),
        "grades": dict(Counter(r["grade"] for r in rows)),
    }


def _line(customer: Document, book: Book, still_open: int, findings: int) -> dict[str, Any]:
    history = book.fact("history", customer.id) or {}
    exposure = book.fact("exposure", customer.id) or {}
    place = customer.get("/registered_address/city") or customer.get("/registered_address/province") or ""
    return {
        "id": customer.id,
        **named(customer, customer.id),
        "kind": customer["kind"],
        "place": place,
        "grade": customer.get("/credit/grade", ""),
        "limit": exposure.get("limit", customer.get("/credit/limit")),
        "owed": exposure.get("owed"),
        "orders": history.get("orders", 0),
        "total": history.get("total"),
        "last": history.get("last") or "",
        "group": history.get("group") or "",
        "open": still_open,
        "findings": findings,
    }
