"""The total is not the sum of the lines.

合计金额与各行金额之和不符。

## Why is this bad?

The total is what the customer pays. It is printed on the order confirmation, decides which approval flow an order
takes, and counts against the credit limit: a wrong total is wrong in all three places.

合计是客户实际要付的金额：它印在订单确认函上，决定走哪条审批流程，还占用信用额度。合计一错，三处都错。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
total: 11700.01  # error: total-wrong
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
total: 11700.00
```

## How to fix

Correct the line or the total, whichever differs from what the customer agreed to. With `tax_included: false` the
total is the sum of the lines plus the tax. To recompute the total, delete it and run `orderctl check --fix`.

对照客户确认的内容，改正有误的行或合计。`tax_included: false` 时，合计 = 各行金额之和 + 税额。
要重新计算合计，删掉该字段后运行 `orderctl check --fix`。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import line_amount, line_tax

RULE = Rule(
    id="total-wrong",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="合计 {total} 与各行之和 {expected} 不符，相差 {difference}",
    en="the total is {total}, but the lines come to {expected}, a difference of {difference}",
    hint_zh="各行无误时，合计应填 {expected}",
    hint_en="if the lines are right, the total is {expected}",
    covers=("ORD-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the stated total differs from the lines' computed amounts (plus tax that isn't included)."""
    total = doc.get("total")
    if total is None:
        return
    included = doc.get("tax_included", True)
    expected = Decimal(0)
    for line in doc["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        expected += amount if included else amount + line_tax(amount, line["tax_rate"], included)
    if total != expected:
        yield RULE.at(
            doc,
            "/total",
            mend=Mend("set", expected, "/total", safe=False),
            total=total,
            expected=expected,
            difference=total - expected,
        )
