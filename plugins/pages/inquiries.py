"""Requirements on their way to an order: asked for, quoted, ordered or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Page, Row, hookimpl
from orderctl.particulars import named, people

PAGE = Page(
    id="inquiries", on="", since="0.1", zh="需求与报价", en="Inquiries", file="inquiries.html", covers=("WEB", "REQ-5")
)

ORDERED = 100
"""Requirements that became orders are on the orders' own pages; the newest are listed here too."""


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return one line for each requirement without an order and for the newest ones with an order, newest first."""
    staff = people(book)
    found = sorted(book.all("inquiry"), key=lambda i: (str(i["received_at"]), i["id"]), reverse=True)
    ordered = [i["id"] for i in found if i["status"] == "ordered"]
    left_out = frozenset(ordered[ORDERED:])
    rows = [_line(i, staff, book) for i in found if i["id"] not in left_out]
    return {"rows": rows, "left_out": len(left_out), "statuses": dict(Counter(r["status"] for r in rows))}


def _line(inquiry: Row, staff: Mapping[str, Mapping[str, Any]], book: Book) -> dict[str, Any]:
    requirement = book.doc("requirement", str(inquiry["id"]))
    customer = book.doc("customer", str(inquiry["customer"]))
    quotations = book.case(requirement, "quotation") if requirement else ()
    seller = str(inquiry["salesperson"])
    case = str(inquiry["case"] or "")
    return {
        "id": inquiry["id"],
        "customer": inquiry["customer"],
        "known": customer is not None,
        **named(customer, str(inquiry["customer"])),
        "received_at": inquiry["received_at"],
        "status": inquiry["status"],
        "salesperson": named(staff.get(seller), seller),
        "what": [str(i["what"]) for i in (requirement.get("items", ()) if requirement else ())],
        "quoted": quotations[-1].get("total") if quotations else None,
        "order": case if book.fact("status", case) else "",
        "reason": requirement.get("/outcome/reason", "") if requirement else "",
    }
