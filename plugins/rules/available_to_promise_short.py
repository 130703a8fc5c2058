"""Approved orders need more of a stocked product than there is.

已审批订单占用的数量超过库存。

## Why is this bad?

The goods are promised twice. Whoever is served last hears of it on the day that they should have arrived.

同一批货许给了两个客户。排在后面的客户要等到该收货的那一天才知道没有货。

## Fails

```yaml
# catalog/products/CHAIR-E1.yaml
stocked: true  # warning: available-to-promise-short
```

```yaml
# stock/counts/2024-05-01-main.yaml
rows:
  - {product: CHAIR-E1, quantity: 29, location: A-01}
```

## Passes

```yaml
# stock/counts/2024-05-01-main.yaml
rows:
  - {product: CHAIR-E1, quantity: 30, location: A-01}
```

(Ten of the thirty were dispatched after the count, twenty are reserved.)

（盘点后已发出 10 把，订单占用 20 把。）

## How to fix

Buy or make the missing quantity, or agree on a new date with the customers of the newest orders. If the goods are
there, file a new stock count.

采购或生产缺少的数量，或与最新订单的客户商定新的交期。若实物库存充足，请补录一次盘点。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="available-to-promise-short",
    on="product",
    severity=Severity.WARNING,
    since="0.1",
    zh="{product} 库存 {on_hand}，已占用 {reserved}，缺 {missing}",
    en="{on_hand} of {product} on hand, {reserved} reserved: {missing} missing",
    hint_zh="从 {due} 交货的订单起不够；受影响的最新订单：{orders}。请补货或改期",
    hint_en="goods run out with the orders due {due}; newest affected: {orders}. Replenish or agree on a new date",
    covers=("STK-1", "STK-2"),
)

NAMED = 3


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if any order's reservation isn't covered; quantities in the product's unit."""
    stock = book.fact("availability", doc.id)
    if stock and stock["short"]:
        newest = sorted((order["order"] for order in stock["short"]), reverse=True)[:NAMED]
        yield RULE.at(
            doc,
            "/stocked",
            product=doc.id,
            on_hand=stock["on_hand"],
            reserved=stock["reserved"],
            missing=-stock["available"],
            due=stock["short"][0]["due"],
            orders=", ".join(newest),
        )
