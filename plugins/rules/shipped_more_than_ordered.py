"""More was shipped of a line than the customer ordered.

某一行的发货数量超过订购数量。

## Why is this bad?

The customer doesn't pay for what they didn't order, and sends it back at our cost. Stock and invoice no longer
match.

没有订的货客户不会付款，只会退回，运费由我们承担；库存和开票也对不上。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 9  # error: shipped-more-than-ordered
    unit_price: 820.00
    tax_rate: 13
  - {line: 2, product: CHAIR-E1, name: 人体工学椅, unit: 把, quantity: 10, unit_price: 350.00, tax_rate: 13}
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.00
    tax_rate: 13
  - {line: 2, product: CHAIR-E1, name: 人体工学椅, unit: 把, quantity: 10, unit_price: 350.00, tax_rate: 13}
```

## How to fix

Correct the quantity in the shipment that is wrong. If more really left the house, agree with the customer: an order
change, or a return.

改正数量有误的发货记录。确实多发的，与客户商定：变更订单或退回。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="shipped-more-than-ordered",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="第 {line} 行订购 {ordered}，各次发货共 {shipped}",
    en="line {line} has {ordered} ordered, but {shipped} in its shipments",
    hint_zh="多出 {over}；请改正发货记录中的数量",
    hint_en="{over} too many; correct the quantity in the shipments",
    covers=("SHP-2",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for every line whose shipments, planned ones too, hold more than the line."""
    shipped: dict[int, Decimal] = {}
    for shipment in book.case(doc, "shipment"):
        for line in shipment["lines"]:
            shipped[line["line"]] = shipped.get(line["line"], Decimal(0)) + line["quantity"]
    for at, line in enumerate(doc["lines"]):
        sent, ordered = shipped.get(line["line"], 0), line["quantity"]
        if sent > ordered:
            pointer = f"/lines/{at}/quantity"
            yield RULE.at(doc, pointer, line=line["line"], ordered=ordered, shipped=sent, over=sent - ordered)
