"""An order or a quotation has no total.

订单或报价单没有合计金额。

## Why is this bad?

The total is what the customer agreed to pay. Papers print it, approval flows are chosen by it, and the payment is
compared with it.

合计是客户同意支付的金额：单据要打印，审批流程按它选择，回款按它核对。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
total: null  # error: total-missing
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
total: 11700.00
```

## How to fix

Run `orderctl check --fix`: it writes the sum of the lines, plus the tax if prices don't include it.

运行 `orderctl check --fix`，自动填入各行金额之和；单价不含税时再加上税额。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import LARGEST, line_amount, line_tax

RULE = Rule(
    id="total-missing",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="没有填写合计金额",
    en="the total is missing",
    hint_zh="填写 total: {expected}，或运行 orderctl check --fix",
    hint_en="write total: {expected}, or run orderctl check --fix",
    covers=("ORD-3", "ORD-11"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding, with the computed total as its mend, if there is no total.

    The mend is safe only if no written amount contradicts it, a wrong one may be the customer's word against a slip in
    quantity or price, and no line's discount is more than its price.
    """
    if doc.get("total") is not None:
        return
    included, sure = doc.get("tax_included", True), True
    expected = Decimal(0)
    for line in doc["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        sure = sure and 0 <= amount == line.get("amount", amount)
        expected += amount if included else amount + line_tax(amount, line["tax_rate"], included)
    yield RULE.at(
        doc, "/total", mend=Mend("set", expected, "/total", safe=sure and expected <= LARGEST), expected=expected
    )
