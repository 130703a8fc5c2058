"""The tax is not the sum of the lines' tax.

税额与各行税额之和不符。

## Why is this bad?

The tax is computed per line and rounded half up to the cent, as on a VAT invoice. A tax computed from the total can
be a cent off, and the invoicing system then refuses the invoice.

税额逐行计算、四舍五入到分，与增值税发票一致。按合计一次算出的税额可能差一分钱，开票系统会拒绝。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
tax: 1346.02  # error: tax-wrong
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
tax: 1346.01
```

## How to fix

Tax included: amount × rate ÷ (100 + rate) per line. Tax not included: amount × rate ÷ 100 per line. To recompute it,
delete the field and run `orderctl check --fix`.

含税价：每行“金额 × 税率 ÷ (100 + 税率)”；不含税价：每行“金额 × 税率 ÷ 100”。
要重新计算，删掉该字段后运行 `orderctl check --fix`。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import line_amount, line_tax

RULE = Rule(
    id="tax-wrong",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="税额 {tax} 与逐行计算的 {expected} 不符",
    en="the tax is {tax}, but the lines' tax comes to {expected}",
    hint_zh="金额和税率无误时，税额应填 {expected}",
    hint_en="if amounts and rates are right, the tax is {expected}",
    covers=("ORD-3", "ORD-13"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the stated tax differs from the sum of the lines' tax, each rounded to the cent."""
    tax = doc.get("tax")
    if tax is None:
        return
    included = doc.get("tax_included", True)
    expected = Decimal(0)
    for line in doc["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        expected += line_tax(amount, line["tax_rate"], included)
    if tax != expected:
        yield RULE.at(doc, "/tax", mend=Mend("set", expected, "/tax", safe=False), tax=tax, expected=expected)
