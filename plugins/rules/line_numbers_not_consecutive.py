"""Lines are not numbered 1, 2, 3 … in order.

行号没有按 1、2、3……连续编号。

## Why is this bad?

Shipments, changes and complaints name a line by its number. A number used twice or skipped leaves open which goods
are meant.

发货、变更和投诉都按行号指明是哪一行。行号重复或跳号，就说不清指的是哪件货。

## Fails

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
items:
  - {line: 1, product: DESK-W120, what: 胡桃木实木办公桌, quantity: 10, unit: 台}
  - {line: 1, product: CHAIR-E1, what: 人体工学椅, quantity: 10, unit: 把}  # error: line-numbers-not-consecutive
```

## Passes

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
items:
  - {line: 1, product: DESK-W120, what: 胡桃木实木办公桌, quantity: 10, unit: 台}
  - {line: 2, product: CHAIR-E1, what: 人体工学椅, quantity: 10, unit: 把}
```

## How to fix

Number the lines from 1 without gaps. If shipments already name the old numbers, correct those too.

从 1 开始连续编号。已有发货记录引用旧行号的，一并改正。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl

RULE = Rule(
    id="line-numbers-not-consecutive",
    on=("requirement", "quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="行号 {line} 不连续，此处应为 {expected}",
    en="line number {line} is out of sequence, {expected} belongs here",
    hint_zh="改为 line: {expected}",
    hint_en="write line: {expected}",
    covers=("ORD-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for the first line whose number isn't its place, counted from 1."""
    name = "items" if doc.kind == "requirement" else "lines"
    for at, line in enumerate(doc[name]):
        if line["line"] != at + 1:
            pointer = f"/{name}/{at}/line"
            mend = Mend("set", at + 1, pointer, safe=False)
            yield RULE.at(doc, pointer, mend=mend, line=line["line"], expected=at + 1)
            return
