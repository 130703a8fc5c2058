"""A requirement's number has another year, month or serial than its case.

需求确认单的编号与所属订单的年月或流水号不一致。

## Why is this bad?

Requirement KH2024050012 and order OD2024050012 are one case; people go from one to the other by the digits.
Different digits send them to another customer's order.

需求 KH2024050012 与订单 OD2024050012 是同一笔业务，大家都靠后面的数字互相查找。数字不一致，就会查到别的客户的订单。

## Fails

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
number: KH2024060012  # error: requirement-number-differs
```

## Passes

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
number: KH2024050012
```

## How to fix

Give the requirement the digits of its case folder.

把需求编号改成与订单目录相同的年月和流水号。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="requirement-number-differs",
    on="requirement",
    severity=Severity.ERROR,
    since="0.1",
    zh="需求编号 {number} 与所属订单 {case} 的年月或流水号不一致",
    en="requirement {number} has another year, month or serial than its case {case}",
    hint_zh="年月和流水号应与 {case} 相同",
    hint_en="use the year, month and serial of {case}",
    covers=("REQ-1", "ORD-2"),
)

TOKEN = re.compile(r"\{(yyyy|yy|mm|dd|seq:[0-9]+)\}")
WIDTHS = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if a part that both patterns have (year, month, day, serial) differs.

    A number that doesn't fit its pattern is another rule's finding.
    """
    company = book.doc("workspace", "workspace")
    numbers = company.get("numbers", {}) if company else {}
    if not doc.case or "requirement" not in numbers or "order" not in numbers:
        return
    own = _parts(numbers["requirement"], doc["number"])
    case = _parts(numbers["order"], doc.case)
    if own and case and any(own[name] != case[name] for name in own.keys() & case.keys()):
        yield RULE.at(doc, "/number", number=doc["number"], case=doc.case)


def _parts(pattern: str, number: str) -> Mapping[str, int]:
    """Return the numbers that the tokens of ``pattern`` stand for, {} if ``number`` doesn't fit."""
    at, parts = 0, {}
    pieces = TOKEN.split(pattern)
    for n, piece in enumerate(pieces):
        if n % 2 == 0:
            if not number.startswith(piece, at):
                return {}
            at += len(piece)
            continue
        name, _, digits = piece.partition(":")
        last = name == "seq" and n == len(pieces) - 2 and not pieces[-1]
        text = number[at:] if last else number[at : at + (WIDTHS.get(name) or int(digits))]
        if not (text.isascii() and text.isdigit()):
            return {}
        at += len(text)
        if name == "yyyy":
            parts["yy"] = int(text) % 100
        else:
            parts[name] = int(text)
    return parts if at == len(number) else {}
