"""What an approved order adds to its customer's history: amount, products, complaints and praise.

已审批订单计入客户历史的内容：金额、产品、投诉与好评。

The record appears with the approval and doesn't change while the order is made and shipped. A complaint is a ticket of
the case, praise a return visit with 4 or 5 points.
"""

from __future__ import annotations

from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="purchase", on="order", since="0.1", index=("customer",), needs=("status",), covers=("CUS-5",))

NOT_BOUGHT = frozenset(("draft", "submitted", "rejected", "cancelled"))
PRAISE = 4


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any] | None:
    """Return the order's record, ``total`` in its currency; None while (or since) it isn't a purchase."""
    status = book.fact("status", doc.id)
    if status["status"] in NOT_BOUGHT:
        return None
    if status["status"] == "on-hold" and not status["approved"]:
        return None
    return {
        "order": doc.id,
        "customer": status["customer"],
        "date": status["date"],
        "total": status["total"],
        "currency": status["currency"],
        "products": sorted({line["product"] for line in doc["lines"]}),
        "complaints": len(book.case(doc, "ticket")),
        "praise": sum(feedback["score"] >= PRAISE for feedback in book.case(doc, "feedback")),
    }
