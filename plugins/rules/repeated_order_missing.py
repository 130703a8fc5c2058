"""A repeat order doesn't say which order it repeats, or that order doesn't exist.

翻单没有注明原订单，或原订单不存在。

## Why is this bad?

"As last time" needs a last time. Without the number everybody looks for another one, and the goods are made to the
wrong specification.

“照上次做”，得说清是哪一次。不写订单号，各人各找各的，就会按错误的规格生产。

## Fails

```yaml
# orders/2024/05/OD2024050013/order.yaml
kind: repeat
repeats: OD2024030005  # error: repeated-order-missing
```

## Passes

```yaml
# orders/2024/05/OD2024050013/order.yaml
kind: repeat
repeats: OD2024050012
```

## How to fix

Write the number of an earlier order of the same customer into `repeats`, or use another kind of order.

在 `repeats` 中写明同一客户的原订单号，或改用其他订单类型。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="repeated-order-missing",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer} 没有可供翻单的订单“{repeats}”",
    en="customer {customer} has no earlier order “{repeats}” to repeat",
    hint_zh="在 repeats 中写明 {customer} 的一张原订单",
    hint_en="name an earlier order of {customer} in repeats",
    covers=("ORD-6",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if a repeat order names no earlier order (or one of the same day) of its own customer."""
    if doc["kind"] != "repeat":
        return
    number = doc.get("repeats")
    last = book.doc("order", number) if number is not None and number != doc.id else None
    if last is None or last["customer"] != doc["customer"] or last["date"] > doc["date"]:
        yield RULE.at(doc, "/repeats", repeats=number or "–", customer=doc["customer"])
