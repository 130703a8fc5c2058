"""An order contains a product that is no longer sold.

订单中有已停售的商品。

## Why is this bad?

Nobody makes or buys it any more. The customer waits for goods that won't come.

停售商品不再生产也不再采购，客户等不到货。

## Fails

```yaml
# catalog/products/CHAIR-E1.yaml
discontinued_on: 2024-05-01
---
# orders/2024/05/OD2024050013/order.yaml
date: 2024-05-02
lines:
  - line: 1
    product: CHAIR-E1  # warning: product-discontinued
    name: 人体工学椅
    unit: 把
    quantity: 20
    unit_price: 350.00
    tax_rate: 13
    amount: 7000.00
---
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.00
    tax_rate: 13
    amount: 8200.00
```

## Passes

It may be sold up to that day.

停售当天之前（含当天）仍可销售。

```yaml
# catalog/products/CHAIR-E1.yaml
discontinued_on: 2024-05-20
---
# orders/2024/05/OD2024050013/order.yaml
date: 2024-05-20
```

## How to fix

Offer a product that replaces it, or ask purchasing whether stock is left.

改推替代商品，或向采购确认是否还有库存。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="product-discontinued",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="第 {line} 行的 {product} 已于 {day} 停售",
    en="line {line}: {product} is no longer sold since {day}",
    hint_zh="改推替代商品，或确认库存",
    hint_en="offer a replacement, or ask whether stock is left",
    covers=("ORD-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each line whose product was discontinued before the order's day."""
    for at, line in enumerate(doc["lines"]):
        product = book.doc("product", line["product"])
        day = product.get("discontinued_on") if product else None
        if day is not None and day < doc["date"]:
            yield RULE.at(doc, f"/lines/{at}/product", line=line["line"], product=line["product"], day=day)
