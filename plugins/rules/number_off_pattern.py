"""A number doesn't follow the company's number pattern.

编号不符合公司的编号规则。

## Why is this bad?

Folders, search and the next free number all rely on the pattern in `orderctl.yaml`. A number with a month 13 or a
missing digit sorts wrongly, and the same order gets a second number sooner or later.

目录、查找和下一个可用编号都依赖 `orderctl.yaml` 中的编号规则。月份写成 13 或少写一位，排序会乱，迟早同一张订单会有两
个编号。

## Fails

```yaml
# orders/2024/05/OD2024050012/ticket-1.yaml
number: SH202413001  # error: number-off-pattern
```

## Passes

```yaml
# orders/2024/05/OD2024050012/ticket-1.yaml
number: SH202405001
```

## How to fix

Write the number as the pattern says: `{yyyy}` or `{yy}` the year, `{mm}` the month 01–12, `{dd}` the day, `{seq:4}`
a serial of four digits from 0001 (one more digit once 9999 is used up). To change the pattern itself, edit `numbers`
in `orderctl.yaml`.

按编号规则填写：`{yyyy}` 或 `{yy}` 为年份，`{mm}` 为月份 01–12，`{dd}` 为日期，`{seq:4}` 为四位流水号，从 0001 起（用
完 9999 后多一位）。要改规则本身，请修改 `orderctl.yaml` 的 `numbers`。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="number-off-pattern",
    on=("requirement", "order", "ticket"),
    severity=Severity.ERROR,
    since="0.1",
    zh="编号 {number} 不符合规则 {pattern}：{why_zh}",
    en="number {number} doesn't follow {pattern}: {why_en}",
    hint_zh="照此格式填写：{example}",
    hint_en="write it like {example}",
    covers=("ORD-2",),
)

TOKEN = re.compile(r"\{(yyyy|yy|mm|dd|seq:[0-9]+)\}")
WIDTHS = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2}
EXAMPLE = {"yyyy": "2024", "yy": "24", "mm": "05", "dd": "06"}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the number has another shape than ``numbers`` says, or a date or serial that can't be."""
    company = book.doc("workspace", "workspace")
    pattern = company.get("numbers", {}).get(doc.kind) if company else None
    if pattern is None:
        return
    number = doc["number"]
    why = _why_not(TOKEN.split(pattern), number)
    if why:
        example = TOKEN.sub(lambda m: EXAMPLE.get(m[1]) or "12".zfill(int(m[1][4:])), pattern)
        yield RULE.at(doc, "/number", number=number, pattern=pattern, why_zh=why[0], why_en=why[1], example=example)


def _why_not(pieces: list[str], number: str) -> tuple[str, str] | None:
    """Return why ``number`` doesn't fit (zh, en), or None. ``pieces``: literal text and tokens in turn."""
    shape = ("位数或字符不对", "wrong characters or length")
    at, parts = 0, {"yy": 24, "mm": 1, "dd": 1, "seq": 1}
    for n, piece in enumerate(pieces):
        if n % 2 == 0:
            if not number.startswith(piece, at):
                return shape
            at += len(piece)
            continue
        name, _, digits = piece.partition(":")
        width = WIDTHS.get(name) or int(digits)
        # past …9999 the serial grows by a digit, if nothing follows it and it doesn't start with 0
        if name == "seq" and n == len(pieces) - 2 and not pieces[-1] and number[at : at + 1] != "0":
            width = max(width, len(number) - at)
        text = number[at : at + width]
        if len(text) < width or not (text.isascii() and text.isdigit()):
            return shape
        parts[name] = int(text)
        at += width
    if at != len(number):
        return shape
    if not 2000 <= parts.get("yyyy", 2000) <= 2099:
        return f"年份 {parts['yyyy']} 不合理", f"{parts['yyyy']} is not a plausible year"
    if not 1 <= parts["mm"] <= 12:
        return f"没有 {parts['mm']:02} 月", f"there is no month {parts['mm']:02}"
    try:
        date(parts.get("yyyy", 2000 + parts["yy"]), parts["mm"], parts["dd"])
    except ValueError:
        return f"{parts['mm']:02} 月没有 {parts['dd']:02} 日", f"month {parts['mm']:02} has no day {parts['dd']:02}"
    return None if parts["seq"] else ("流水号从 1 开始", "serials start at 1")
