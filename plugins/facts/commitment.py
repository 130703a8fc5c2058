"""What an open order adds to its customer's debt: the total without the prepaid share.

未结订单占用的信用额度：订单总额扣除预付部分。

A record exists from submission until the order is closed, cancelled or rejected, and stays the same in between, so that
a customer's exposure isn't computed again each time that an order takes a step.
"""

from __future__ import annotations

from typing import Any

from orderctl import Book, Document, Fact, hookimpl
from orderctl.money import cents

FACT = Fact(id="commitment", on="order", since="0.1", index=("customer",), needs=("status",), covers=("ORD-5",))

OVER = frozenset(("draft", "rejected", "closed", "cancelled"))


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any] | None:
    """Return the order's record, ``amount`` in its currency to the cent (0 when prepaid); None unless it is open."""
    status = book.fact("status", doc.id)
    if status["status"] in OVER:
        return None
    prepaid = 100 if doc.get("/payment/terms") == "prepaid" else doc.get("/payment/prepaid_percent", 0)
    return {
        "order": doc.id,
        "customer": status["customer"],
        "date": status["date"],
        "amount": cents(status["total"] * (100 - prepaid) / 100),
        "currency": status["currency"],
    }
