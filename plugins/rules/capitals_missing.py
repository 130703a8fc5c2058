"""An order in yuan has no amount in Chinese capitals.

人民币订单没有大写金额。

## Why is this bad?

Order confirmation, contract and payment papers carry the total in capitals, which can't be altered as easily as
figures.

订单确认函、合同和付款单据都要写大写金额，数字容易涂改，大写不易。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
total_capitals: null  # error: capitals-missing
```

## Passes

An order in another currency needs none.

外币订单不需要大写金额。

```yaml
# orders/2024/05/OD2024050012/order.yaml
currency: USD
total_capitals: null
```

## How to fix

Run `orderctl check --fix`: it writes the capitals of the total.

运行 `orderctl check --fix`，自动填入合计的大写金额。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import LARGEST, capitals, line_amount, line_tax

RULE = Rule(
    id="capitals-missing",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="没有填写大写金额",
    en="the amount in capitals is missing",
    hint_zh="填写 total_capitals: {expected}，或运行 orderctl check --fix",
    hint_en="write total_capitals: {expected}, or run orderctl check --fix",
    covers=("ORD-1", "ORD-11"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding, with the capitals of the lines' total as its mend, if a CNY order has none.

    The mend is safe only if nothing that is written contradicts it: an amount or a total that is wrong may be the
    customer's word against a slip in quantity or price.
    """
    if doc.get("total_capitals") is not None:
        return
    currency = doc.get("currency")
    if currency is None:
        company = book.doc("workspace", "workspace")
        currency = company["currency"] if company else "CNY"
    if currency != "CNY":
        return
    included, sure = doc.get("tax_included", True), True
    total = Decimal(0)
    for line in doc["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        sure = sure and 0 <= amount == line.get("amount", amount)
        total += amount if included else amount + line_tax(amount, line["tax_rate"], included)
    if not 0 <= total <= LARGEST:
        return
    expected = capitals(total)
    sure = sure and doc.get("total", total) == total
    yield RULE.at(doc, "/total_capitals", mend=Mend("set", expected, "/total_capitals", safe=sure), expected=expected)
