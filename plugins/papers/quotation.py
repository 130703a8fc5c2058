"""《报价单》: prices offered to a customer, valid until a date.

Made from the quotation, and the place of delivery from its requirement. One that finance hasn't reviewed, or that is
expired or lost, says so across the page; why it was lost is internal and stays out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from orderctl import Book, Document, Paper, hookimpl
from orderctl.particulars import address, letterhead, party, payment, person, rows, totals

PAPER = Paper(
    id="quotation", on="quotation", since="0.1", zh="报价单", en="Quotation", file="{id}.pdf", covers=("PAP", "REQ-5")
)

VALID_DAYS = 30
MARKS = {
    "expired": {"zh": "已过期", "en": "EXPIRED"},
    "lost": {"zh": "未成交", "en": "NOT ACCEPTED"},
    "unreviewed": {"zh": "待审核", "en": "NOT YET REVIEWED"},
}


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return the offer's fields. ``valid_until`` is 30 days after the date unless the quotation says otherwise."""
    if doc is None:
        return None
    lines = rows(book, doc["lines"])
    until = str(doc.get("valid_until") or (date.fromisoformat(doc["date"]) + timedelta(days=VALID_DAYS)).isoformat())
    place = next((r.get("where") for r in book.case(doc, "requirement")), None)
    return letterhead(doc, book, "customer") | {
        "number": doc.case,
        "edition": doc.id.rpartition("-")[2],
        "revision": None,
        "mark": MARKS.get(_state(doc, book, until)),
        "accepted_on": str(doc.get("/outcome/on", "")) if doc.get("/outcome/result") == "accepted" else "",
        "date": str(doc["date"]),
        "valid_until": until,
        "customer": party(book, str(doc["customer"]), str(doc.get("contact", ""))),
        "salesperson": person(book, str(doc["salesperson"])),
        "lines": lines,
        "totals": totals(doc, book, lines),
        "payment": payment(doc.get("payment")),
        "lead_days": doc.get("lead_days"),
        "place": address(place) if place else "",
    }


def _state(doc: Document, book: Book, until: str) -> str:
    """Return what became of the offer: accepted, lost, expired, unreviewed or open."""
    result = str(doc.get("/outcome/result", ""))
    if result:
        return result
    if book.passed(until):
        return "expired"
    return "open" if doc.get("reviewed") else "unreviewed"
