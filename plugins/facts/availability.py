"""What of a stocked product can still be promised: counted, minus dispatched since, minus reserved.

可承诺量：盘点数减去盘点后已发出的数量，再减去已审批订单占用的数量。

On hand is the sum over warehouses of each one's last count, minus what was dispatched after it. Shipments name no
warehouse, so the oldest of those last counts is where the subtraction starts: rather a little too few than a promise
that nobody can keep. Goods on order from suppliers are not counted yet.

``short`` walks the reservations by due date and names each order that the goods don't reach for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(
    id="availability",
    on="product",
    since="0.1",
    needs=("reservation", "outgoing"),
    covers=("STK-1", "STK-2"),
)


MONTHS = 120
"""A count older than ten years says nothing about stock: reading on would only cost time."""


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any] | None:
    """Return the product's record, quantities in its unit; None for a product that isn't kept in stock."""
    if not doc.get("stocked", False):
        return None
    on_hand, counted_on = _on_hand(doc.id, book)
    reserved, short = 0, []
    for row in sorted(book.where("reservation", product=doc.id), key=lambda r: (r["due"] or "", r["order"])):
        reserved += row["quantity"]
        missing = min(row["quantity"], reserved - on_hand)
        if missing > 0:
            short.append({"order": row["order"], "due": row["due"], "quantity": row["quantity"], "missing": missing})
    return {
        "on_hand": on_hand,
        "counted_on": counted_on,
        "reserved": reserved,
        "available": on_hand - reserved,
        "short": short,
    }


def _on_hand(product: str, book: Book) -> tuple[Any, str]:
    """Return the quantity in stock and the day of the oldest count that it rests on ("" without any)."""
    last: dict[str, tuple[str, str]] = {}
    counted: dict[tuple[str, tuple[str, str]], Any] = {}
    for row in book.where("stock-count/items", product=product):
        count = (row["counted_on"], row["parent"])
        last[row["warehouse"]] = max(last.get(row["warehouse"], count), count)
        counted[row["warehouse"], count] = counted.get((row["warehouse"], count), 0) + row["quantity"]
    if not last:
        return 0, ""
    since = min(day for day, _ in last.values())
    gone = (
        row["quantity"]
        for month in _months(since, book)
        for row in book.where("outgoing", period=f"{product} {month}")
        if row["on"] > since
    )
    return sum(counted[place] for place in last.items()) - sum(gone), since


def _months(since: str, book: Book) -> Iterator[str]:
    """Yield every month (2024-05) from the one of the day ``since`` to the one that began last, ten years at most."""
    first = date.fromisoformat(since).replace(day=1)
    for _ in range(MONTHS):
        yield first.isoformat()[:7]
        following = (first + timedelta(days=31)).replace(day=1)
        if not book.passed((following - timedelta(days=1)).isoformat()):
            return
        first = following
