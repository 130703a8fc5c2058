"""A line has no amount.

订单行没有填写金额。

## Why is this bad?

Papers print the amount that was agreed with the customer; they compute nothing. Without it there is nothing to
compare the invoice and the payment with.

单据只打印与客户约定的金额，不做计算。金额缺失，发票和回款就没有核对的依据。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1  # error: line-amount-missing
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 10
    unit_price: 350.00
    tax_rate: 13
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 10
    unit_price: 350.00
    tax_rate: 13
    amount: 3500.00
```

## How to fix

Run `orderctl check --fix`: it writes quantity × unit price − discount.

运行 `orderctl check --fix`，自动填入“数量 × 单价 − 折扣”。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import LARGEST, line_amount

RULE = Rule(
    id="line-amount-missing",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="第 {line} 行没有金额",
    en="line {line} has no amount",
    hint_zh="填写 amount: {expected}，或运行 orderctl check --fix",
    hint_en="write amount: {expected}, or run orderctl check --fix",
    covers=("ORD-3", "ORD-11"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding, with the computed amount as its mend, for every line without an amount.

    The mend is safe only if the amount is one that can be: a discount above the price, or a price beyond all bounds,
    is a slip that only a person can mend.
    """
    for at, line in enumerate(doc["lines"]):
        if line.get("amount") is None:
            expected = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
            pointer = f"/lines/{at}/amount"
            mend = Mend("set", expected, pointer, safe=0 <= expected <= LARGEST)
            yield RULE.at(doc, pointer, mend=mend, line=line["line"], expected=expected)
