"""What a dispatched shipment took out of stock: one record for each product, by day.

已发货从库存中出去的数量：按产品、按发货日期。

``period`` (product and month) is a bucket, so that a product reads the months since its last count, not all years.
"""

from __future__ import annotations

from typing import Any

from orderctl import Book, Document, Fact, hookimpl
from orderctl.workdays import company_day

FACT = Fact(id="outgoing", on="shipment", since="0.1", index=("period",), covers=("STK-1",))


@hookimpl
def derive(doc: Document, book: Book) -> list[dict[str, Any]]:
    """Return the shipment's records; nothing before it is dispatched."""
    orders = book.case(doc, "order")
    if not orders or "dispatched_at" not in doc:
        return []
    product_of = {line["line"]: line["product"] for line in orders[0]["lines"]}
    taken: dict[str, Any] = {}
    for line in doc["lines"]:
        if product := product_of.get(line["line"]):
            taken[product] = taken.get(product, 0) + line["quantity"]
    day = company_day(book, doc["dispatched_at"])
    return [
        {"order": orders[0].id, "product": product, "quantity": quantity, "on": day, "period": f"{product} {day[:7]}"}
        for product, quantity in taken.items()
    ]
