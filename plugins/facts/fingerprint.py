"""What makes an order look like another one: customer, day and lines, as one bucket.

订单指纹：客户、日期与明细行相同的订单落入同一组，用于发现疑似重复下单。

Only lines count as the customer sees them: product, specification, colour, quantity, price; their order doesn't.
Cancelled and rejected orders have none.
"""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="fingerprint", on="order", since="0.1", index=("bucket",), needs=("status",), covers=("ORD-7",))


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any] | None:
    """Return ``{"bucket": hex}``."""
    if book.fact("status", doc.id)["status"] in ("cancelled", "rejected"):
        return None
    lines = sorted(
        [
            line["product"],
            line.get("specification", ""),
            line.get("colour", ""),
            _plain(line["quantity"]),
            _plain(line["unit_price"]),
        ]
        for line in doc["lines"]
    )
    text = json.dumps([doc["customer"], doc["date"], lines], ensure_ascii=False)
    return {"bucket": sha256(text.encode()).hexdigest()[:32]}


def _plain(number: Decimal | int) -> str:
    """Return a number so that 350 and 350.00 look the same."""
    return format(Decimal(number).normalize(), "f")
