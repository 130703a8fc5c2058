"""An order or a quotation doesn't say how much tax there is.

订单或报价单没有税额。

## Why is this bad?

The customer's accountant reads the tax first: it is what a special VAT invoice lets them deduct. It is also a claim
that the invoice has to repeat to the cent.

客户财务最先看的就是税额，这是专用发票可以抵扣的金额；开票时也必须与它分毫不差。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
tax: null  # error: tax-missing
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
tax: 1346.01
```

## How to fix

Run `orderctl check --fix`: it writes the sum of the lines' tax.

运行 `orderctl check --fix`，自动填入各行税额之和。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import LARGEST, line_amount, line_tax

RULE = Rule(
    id="tax-missing",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="没有填写税额",
    en="the tax is missing",
    hint_zh="填写 tax: {expected}，或运行 orderctl check --fix",
    hint_en="write tax: {expected}, or run orderctl check --fix",
    covers=("ORD-3", "ORD-13"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding, with the computed tax as its mend, if there is no tax.

    The mend is safe only if no written amount contradicts it, a wrong one may be the customer's word against a slip in
    quantity or price, and no line's discount is more than its price.
    """
    if doc.get("tax") is not None:
        return
    included, sure = doc.get("tax_included", True), True
    expected = Decimal(0)
    for line in doc["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        sure = sure and 0 <= amount == line.get("amount", amount)
        expected += line_tax(amount, line["tax_rate"], included)
    yield RULE.at(doc, "/tax", mend=Mend("set", expected, "/tax", safe=sure and expected <= LARGEST), expected=expected)
