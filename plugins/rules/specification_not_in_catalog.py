"""A line asks for a specification or colour that the product doesn't come in.

订单行的规格或颜色不在商品目录中。

## Why is this bad?

What isn't in the catalog isn't on the shelf. The warehouse picks the nearest, and the customer sends it back.

目录里没有的规格，库房也没有。仓库只能拿最接近的发，客户收到又退回来。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: CHAIR-E1
    name: 人体工学椅
    specification: 红色网布  # warning: specification-not-in-catalog
    unit: 把
    quantity: 10
    unit_price: 350.00
    tax_rate: 13
    amount: 3500.00
```

## Passes

Goods made to order come in any specification.

定制商品可以是任何规格。

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120
    name: 胡桃木实木办公桌（定制）
    specification: 1.3 × 0.6 × 0.75 m
    unit: 台
    quantity: 10
    unit_price: 820.00
    tax_rate: 13
    amount: 8200.00
```

## How to fix

Choose one of the product's specifications, or order a product that is made to order.

从目录规格中选择，或改订定制商品。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="specification-not-in-catalog",
    on=("quotation", "order"),
    severity=Severity.WARNING,
    since="0.1",
    zh="第 {line} 行：{product} 没有{what_zh}“{value}”",
    en="line {line}: {product} doesn't come in the {what_en} “{value}”",
    hint_zh="可选：{known}",
    hint_en="it comes in: {known}",
    covers=("ORD-3",),
)

FIELDS = (("specification", "specifications", "规格", "specification"), ("colour", "colours", "颜色", "colour"))


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each specification or colour that the catalog doesn't list for a product off the shelf.

    A product whose list is empty comes in one form only; what is written about it is a remark.
    """
    for at, line in enumerate(doc["lines"]):
        product = book.doc("product", line["product"])
        if product is None or product.get("custom"):
            continue
        for key, source, zh, en in FIELDS:
            value, known = line.get(key), product.get(source)
            if value and known and value not in known:
                yield RULE.at(
                    doc,
                    f"/lines/{at}/{key}",
                    line=line["line"],
                    product=line["product"],
                    what_zh=zh,
                    what_en=en,
                    value=value,
                    known=" / ".join(known),
                )
