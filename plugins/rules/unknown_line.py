"""A shipment names a line that the order doesn't have.

发货记录引用了订单中没有的行。

## Why is this bad?

What was shipped is counted per order line. Goods booked on a line that doesn't exist leave the real line open, and
it is shipped twice.

发货数量按订单行累计。记在不存在的行上，真正的那一行仍显示未发，结果重复发货。

## Fails

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
lines:
  - {line: 1, quantity: 10}
  - {line: 3, quantity: 10}  # error: unknown-line
```

## Passes

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
lines:
  - {line: 1, quantity: 10}
  - {line: 2, quantity: 10}
```

## How to fix

Correct the line number; the order's lines are in `order.yaml` of the same folder.

改正行号；订单行见同一目录的 `order.yaml`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="unknown-line",
    on="shipment",
    severity=Severity.ERROR,
    since="0.1",
    zh="订单 {order} 没有第 {line} 行",
    en="order {order} has no line {line}",
    hint_zh="订单共有 {last} 行，行号从 1 开始",
    hint_en="it has {last} lines, counted from 1",
    covers=("SHP-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each shipped line that the case's order doesn't have."""
    for order in book.case(doc, "order"):
        known = {line["line"] for line in order["lines"]}
        for at, line in enumerate(doc["lines"]):
            if line["line"] not in known:
                pointer = f"/lines/{at}/line"
                yield RULE.at(doc, pointer, order=order.id, line=line["line"], last=len(known))
