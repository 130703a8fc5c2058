"""An order has other products or quantities than the requirement that the customer confirmed.

订单的商品或数量与客户确认的需求不一致。

## Why is this bad?

The customer signed the requirement, not the order. Whatever is delivered beyond or short of it comes back as a
complaint, and the signature is on the customer's side.

客户签字确认的是需求确认单，不是订单。多发或少发都会变成投诉，而签字对客户有利。

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
    tax_rate: 13
    amount: 8200.00
  - line: 2
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 12  # error: order-differs-from-requirement
    unit_price: 350.00
    tax_rate: 13
    amount: 4200.00
```

## Passes

One product may be spread over several lines.

同一商品可以分成几行。

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
  - line: 2
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 4
    unit_price: 350.00
    tax_rate: 13
    amount: 1400.00
  - line: 3
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 6
    unit_price: 350.00
    tax_rate: 13
    amount: 2100.00
```

## How to fix

Correct the order. If the customer changed their mind, correct the requirement and have it confirmed again.

改正订单。如果是客户改了主意，应修改需求确认单并请客户重新确认。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="order-differs-from-requirement",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="{product}：订单共 {ordered}，客户确认的需求 {requirement} 为 {confirmed}",
    en="{product}: the order says {ordered}, the confirmed requirement {requirement} says {confirmed}",
    hint_zh="数量应为 {confirmed}，或请客户重新确认需求",
    hint_en="order {confirmed}, or have the requirement confirmed again",
    covers=("ORD-3", "REQ-1"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each product whose ordered quantity, over all lines, isn't the confirmed one.

    A requirement with an item in words only (no product) doesn't forbid further products.
    """
    for requirement in book.case(doc, "requirement"):
        if requirement.get("confirmation") is None:
            continue
        confirmed: dict[str | None, Decimal] = {}
        for item in requirement["items"]:
            product = item.get("product")
            confirmed[product] = confirmed.get(product, Decimal(0)) + item["quantity"]
        ordered: dict[str, Decimal] = {}
        pointers = {}
        for at, line in enumerate(doc["lines"]):
            product = line["product"]
            ordered[product] = ordered.get(product, Decimal(0)) + line["quantity"]
            pointers[product] = f"/lines/{at}/quantity"
        for product in [*ordered, *(p for p in confirmed if p and p not in ordered)]:
            wanted, got = confirmed.get(product), ordered.get(product, Decimal(0))
            if wanted is None and None in confirmed:
                continue
            if wanted != got:
                yield RULE.at(
                    doc,
                    pointers.get(product, "/lines"),
                    product=product,
                    ordered=got,
                    confirmed=wanted or Decimal(0),
                    requirement=requirement.id,
                )
