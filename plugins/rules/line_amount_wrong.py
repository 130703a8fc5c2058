"""A line's amount is not quantity × unit price − discount.

行金额不等于“数量 × 单价 − 折扣”。

## Why is this bad?

The amount is what the customer agreed to and what the invoice will say. One cent off, and invoice, payment and
statement of account no longer match; finance has to ask the customer again.

行金额是与客户约定的金额，也是开票金额。差一分钱，发票、回款和对账单就对不上，财务只能回头找客户核实。

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
    discount: 100.00
    tax_rate: 13
    amount: 8200.00  # error: line-amount-wrong
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
    discount: 100.00
    tax_rate: 13
    amount: 8100.00
```

## How to fix

Check which figure is wrong – quantity, price, discount or amount – against what the customer agreed to, and correct
that one. To recompute the amount, delete it and run `orderctl check --fix`.

先对照客户确认的内容，看错的是数量、单价、折扣还是金额，只改错的那一项。要重新计算金额，删掉该字段后运行
`orderctl check --fix`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import line_amount

RULE = Rule(
    id="line-amount-wrong",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="第 {line} 行金额 {amount} 不对：{quantity} × {unit_price} − {discount} = {expected}",
    en="line {line} says {amount}, but {quantity} × {unit_price} − {discount} = {expected}",
    hint_zh="数量、单价、折扣无误时，金额应填 {expected}",
    hint_en="if quantity, price and discount are right, the amount is {expected}",
    covers=("ORD-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for every line whose stated amount differs from the computed one by a cent or more."""
    for at, line in enumerate(doc["lines"]):
        amount = line.get("amount")
        if amount is None:
            continue
        discount = line.get("discount", 0)
        expected = line_amount(line["quantity"], line["unit_price"], discount)
        if amount != expected:
            pointer = f"/lines/{at}/amount"
            yield RULE.at(
                doc,
                pointer,
                mend=Mend("set", expected, pointer, safe=False),
                line=line["line"],
                amount=amount,
                quantity=line["quantity"],
                unit_price=line["unit_price"],
                discount=discount,
                expected=expected,
            )
