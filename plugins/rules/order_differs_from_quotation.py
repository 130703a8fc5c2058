"""An order charges another price than the quotation that the customer accepted.

订单价格与客户接受的报价不一致。

## Why is this bad?

A quotation binds until it expires. A higher price on the order is a dispute before the goods are made; a lower one
is money given away that nobody approved.

报价在有效期内有约束力。订单价高了，货还没做就有纠纷；价低了，等于没人批准就让了利。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.01  # error: order-differs-from-quotation
    tax_rate: 13
    amount: 8200.10
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
    amount: 8200.00
```

## How to fix

Use the quoted price and discount, or send a new quotation and file its acceptance.

按报价填写单价和折扣；价格确有变化的，重新报价并记录客户接受的结果。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="order-differs-from-quotation",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="第 {line} 行 {product} 的价格与报价 {quotation} 不一致：报价 {quoted}，折扣 {quoted_discount}",
    en="line {line}, {product}: not the price of {quotation}, which says {quoted}, discount {quoted_discount}",
    hint_zh="按报价填写单价和折扣，或重新报价",
    hint_en="use the quoted price and discount, or quote again",
    covers=("ORD-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each line whose net unit price isn't one that the accepted quotation has for its product.

    Of several accepted quotations the last counts. A product that wasn't quoted passes here; the price book judges it.
    """
    accepted = [q for q in book.case(doc, "quotation") if q.get("/outcome/result") == "accepted"]
    if not accepted:
        return
    quotation = max(accepted, key=lambda q: (q["date"], q.path))
    for at, line in enumerate(doc["lines"]):
        quoted = [q for q in quotation["lines"] if q["product"] == line["product"]]
        if quoted and not any(_same_net_price(line, q) for q in quoted):
            same = line["unit_price"] == quoted[0]["unit_price"] and line.get("discount")
            yield RULE.at(
                doc,
                f"/lines/{at}/{'discount' if same else 'unit_price'}",
                line=line["line"],
                product=line["product"],
                quotation=quotation.id,
                quoted=quoted[0]["unit_price"],
                quoted_discount=quoted[0].get("discount", Decimal(0)),
            )


def _same_net_price(one: Any, other: Any) -> bool:
    """Tell whether two lines cost the same per unit after discount, without dividing."""
    return bool(_net(one) * other["quantity"] == _net(other) * one["quantity"])


def _net(line: Any) -> Decimal:
    """Return what a line costs after discount, unrounded."""
    return Decimal(line["quantity"] * line["unit_price"] - line.get("discount", 0))
