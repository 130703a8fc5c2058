"""What an approved order still needs from stock: the quantity of each product that hasn't been dispatched.

已审批订单占用的数量：每种产品尚未发出的部分。

An order that isn't approved, is finished or cancelled reserves nothing, so that a product's availability looks at open
orders only. An approved order on hold keeps its reservation.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="reservation", on="order", since="0.1", index=("product",), needs=("status",), covers=("STK-1", "CHG-4"))

WAITING = frozenset(("approved", "in-production", "service-scheduled", "ready"))


@hookimpl
def derive(doc: Document, book: Book) -> list[dict[str, Any]]:
    """Return one record for each product with a quantity left to dispatch, in the order of the lines."""
    status = book.fact("status", doc.id)
    kept = status["status"] == "on-hold" and status["approved"]
    sent: dict[int, Any] = defaultdict(int)
    if status["status"] == "partly-shipped" or kept:
        for shipment in book.case(doc, "shipment"):
            if "dispatched_at" in shipment:
                for line in shipment["lines"]:
                    sent[line["line"]] += line["quantity"]
    elif status["status"] not in WAITING:
        return []
    left: dict[str, Any] = {}
    for line in doc["lines"]:
        rest = line["quantity"] - sent[line["line"]]
        if rest > 0:
            left[line["product"]] = left.get(line["product"], 0) + rest
    return [
        {
            "order": doc.id,
            "customer": status["customer"],
            "product": product,
            "quantity": quantity,
            "due": status["due"],
        }
        for product, quantity in left.items()
    ]
