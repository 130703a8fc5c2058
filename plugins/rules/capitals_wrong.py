"""The amount in Chinese capitals is not the order's total.

大写金额与订单合计不符。

## Why is this bad?

On a Chinese contract the capitals count when figures and capitals differ. They also follow fixed rules (零, 整), so
that nothing can be added later.

合同上大小写不一致时，以大写为准。大写还有固定写法（“零”“整”），防止事后添改。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
total_capitals: 壹万壹仟柒佰元  # error: capitals-wrong
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
total_capitals: 壹万壹仟柒佰元整
```

## How to fix

Write the capitals that the finding shows, or delete the field and run `orderctl check --fix`.

改成提示中的大写金额，或删掉该字段后运行 `orderctl check --fix`。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.money import LARGEST, capitals, line_amount, line_tax

RULE = Rule(
    id="capitals-wrong",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="大写金额“{capitals}”与合计 {total} 不符",
    en="the capitals {capitals} don't say {total}",
    hint_zh="应写作：{expected}",
    hint_en="write: {expected}",
    covers=("ORD-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the capitals aren't those of the lines' computed total.

    The stated total isn't asked: if it is wrong too, that is another finding, and both are mended in one run.
    """
    written = doc.get("total_capitals")
    if written is None:
        return
    included = doc.get("tax_included", True)
    total = Decimal(0)
    for line in doc["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        total += amount if included else amount + line_tax(amount, line["tax_rate"], included)
    if not 0 <= total <= LARGEST:
        return
    expected = capitals(total)
    if written != expected:
        yield RULE.at(
            doc,
            "/total_capitals",
            mend=Mend("set", expected, "/total_capitals", safe=False),
            capitals=written,
            total=total,
            expected=expected,
        )
