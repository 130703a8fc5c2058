"""A line has another tax rate than its product.

订单行的税率与商品目录不一致。

## Why is this bad?

The rate follows from the goods, not from the customer's wish. With a wrong one the invoice is wrong and has to be
red-lettered.

税率由商品决定，不能随客户要求更改。税率写错，发票就要红冲重开。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.00
    tax_rate: 6  # warning: tax-rate-differs
    amount: 8200.00
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

Use the product's rate. If the sale is taxed otherwise (export, small-scale taxpayer), say so in the line's remarks
and leave it: this is a warning.

使用商品目录中的税率。确有例外（出口、小规模纳税人等）的，在该行备注中说明即可，本条只是提醒。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="tax-rate-differs",
    on=("quotation", "order"),
    severity=Severity.WARNING,
    since="0.1",
    zh="第 {line} 行税率 {rate}%，{product} 的税率为 {expected}%",
    en="line {line} is taxed at {rate} %, {product} at {expected} %",
    hint_zh="填写 tax_rate: {expected}",
    hint_en="write tax_rate: {expected}",
    covers=("ORD-13",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each line whose rate isn't its product's."""
    for at, line in enumerate(doc["lines"]):
        product = book.doc("product", line["product"])
        if product is not None and line["tax_rate"] != product["tax_rate"]:
            yield RULE.at(
                doc,
                f"/lines/{at}/tax_rate",
                line=line["line"],
                rate=line["tax_rate"],
                product=line["product"],
                expected=product["tax_rate"],
            )
