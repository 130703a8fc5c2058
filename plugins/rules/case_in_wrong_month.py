"""A case folder lies in another month than its number says.

订单目录所在的年月与订单编号不一致。

## Why is this bad?

A case is found by its number: OD2024050012 lies in `orders/2024/05/`. In another folder nobody looks for it, and the
next free number of the month is counted wrongly.

大家按编号找目录：OD2024050012 应在 `orders/2024/05/`。放在别的月份，没人找得到，当月的下一个编号也会算错。

## Fails

```yaml
# orders/2024/06/OD2024050099/requirement.yaml
schema: requirement/1
number: KH2024050099  # error: case-in-wrong-month
customer: C0001
salesperson: lin-xiao
received_at: 2024-05-24T09:00:00+08:00
channel: phone
items:
  - {line: 1, what: 办公桌, quantity: 1}
```

## Passes

```yaml
# orders/2024/05/OD2024050099/requirement.yaml
schema: requirement/1
number: KH2024050099
customer: C0001
salesperson: lin-xiao
received_at: 2024-05-24T09:00:00+08:00
channel: phone
items:
  - {line: 1, what: 办公桌, quantity: 1}
```

## How to fix

Move the whole folder to the year and month of the order number, with `git mv`.

用 `git mv` 把整个目录移到订单编号所示的年份和月份下。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="case-in-wrong-month",
    on=("requirement", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="订单 {case} 的目录在 {folder} 下，编号所示的年月是 {expected}",
    en="case {case} lies in {folder}, its number says {expected}",
    hint_zh="把目录移到 {expected} 下",
    hint_en="move the folder to {expected}",
    covers=("ORD-2",),
)

TOKEN = re.compile(r"\{(yyyy|yy|mm|dd|seq:[0-9]+)\}")
WIDTHS = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding on the order (the requirement, while there is no order) if year or month of the folder differ.

    A pattern without year or month leaves the folder open. A number off its pattern is another rule's finding.
    """
    company = book.doc("workspace", "workspace")
    pattern = company.get("numbers", {}).get("order") if company else None
    folders = doc.unit.split("/")
    if pattern is None or len(folders) != 4:
        return
    _, year, month, case = folders
    said_year, said_month = _year_and_month(pattern, case)
    expected = year[: 4 - len(said_year)] + said_year, said_month or month
    if expected == (year, month) or (doc.kind == "requirement" and book.case(doc, "order")):
        return
    yield RULE.at(doc, "/number", case=case, folder=f"{year}/{month}", expected="/".join(expected))


def _year_and_month(pattern: str, number: str) -> tuple[str, str]:
    """Return the digits that stand for year (4 or 2) and month, "" for one that the pattern lacks or doesn't fit."""
    at, year, month = 0, "", ""
    for n, piece in enumerate(TOKEN.split(pattern)):
        if n % 2 == 0:
            if not number.startswith(piece, at):
                return "", ""
            at += len(piece)
            continue
        width = WIDTHS.get(piece) or int(piece.partition(":")[2])
        text = number[at : at + width]
        if piece in ("yyyy", "yy"):
            year = text
        elif piece == "mm":
            month = text
        at += width
    return (year, month) if (year + month).isdigit() else ("", "")
