"""Where a customer's requirement stands: requested, quoted, ordered or lost.

客户需求的进展：已提出、已报价、已下单、未成交。

Lost: the requirement says so, or every quotation made for it was lost or has expired and no order followed.
"""

from __future__ import annotations

from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="inquiry", on="requirement", since="0.1", index=("customer", "status"), covers=("REQ-1", "REQ-5"))


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any]:
    """Return the requirement's record."""
    return {
        "requirement": doc.id,
        "customer": doc["customer"],
        "case": doc.case,
        "received_at": doc["received_at"],
        "salesperson": doc["salesperson"],
        "status": _status(doc, book),
    }


def _status(requirement: Document, book: Book) -> str:
    if requirement.get("/outcome/result") == "lost":
        return "lost"
    if book.case(requirement, "order"):
        return "ordered"
    quotations = book.case(requirement, "quotation")
    if not quotations:
        return "requested"
    over = all(q.get("/outcome/result") in ("lost", "expired") for q in quotations)
    return "lost" if over else "quoted"
