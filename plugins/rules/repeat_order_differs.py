"""A repeat order differs from last time, and nobody said so.

翻单与上次不同，却没有说明差异。

## Why is this bad?

Production and packing work "as last time". A difference that isn't stated isn't printed on their papers, and the
goods come out as last time.

生产和备货都“照上次做”。没有写明的差异不会打印在生产单和装箱单上，做出来还是上次的样子。

## Fails

```yaml
# orders/2024/05/OD2024050013/order.yaml
kind: repeat
repeats: OD2024050012
payment:
  terms: monthly  # error: repeat-order-differs
  prepaid_percent: 30
```

## Passes

Quantities may differ. Everything else needs `differences`.

数量可以不同，其他差异须写入 `differences`。

```yaml
# orders/2024/05/OD2024050013/order.yaml
kind: repeat
repeats: OD2024050012
payment:
  terms: monthly
differences:
  - {zh: 付款方式由预付 30% 改为月结, en: monthly account instead of 30 % prepaid}
```

## How to fix

Use last time's terms, or state each difference in `differences`, in words that production understands.

沿用上次的条件，或把每一处差异写进 `differences`，用生产看得懂的话。
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="repeat-order-differs",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="翻单与 {repeats} 的{what_zh}不同：上次为 {last_zh}，这次为 {now_zh}",
    en="not as in {repeats}: {what_en} was {last_en}, is {now_en}",
    hint_zh="沿用上次的{what_zh}，或在 differences 中写明差异",
    hint_en="keep the {what_en}, or state the difference in differences",
    covers=("ORD-6",),
)

TERMS = (
    ("payment", "terms", "付款方式", "payment terms"),
    ("payment", "prepaid_percent", "预付比例", "prepaid share"),
    ("payment", "days", "账期", "payment days"),
    ("delivery", "method", "交货方式", "delivery method"),
)
LINE = (
    ("specification", "规格", "specification"),
    ("colour", "颜色", "colour"),
    ("unit_price", "单价", "unit price"),
)


NAMES = {
    "prepaid": ("预付全款", "prepaid"),
    "split": ("部分预付", "part prepaid"),
    "on-delivery": ("货到付款", "on delivery"),
    "monthly": ("月结", "monthly account"),
    "express": ("快递", "express"),
    "freight": ("物流", "freight"),
    "own-truck": ("自有车辆", "own truck"),
    "collect": ("客户自提", "collected by the customer"),
    None: ("未填写", "left open"),
}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each term and line that isn't as in the repeated order, unless differences are stated.

    Quantities may differ. What last time's order left open may be filled in now.
    """
    if doc["kind"] != "repeat" or doc.get("differences"):
        return
    number = doc.get("repeats")
    last = book.doc("order", number) if number is not None and number != doc.id else None
    if last is None:
        return
    for part, key, zh, en in TERMS:
        was, now = last.get(part, {}).get(key), doc.get(part, {}).get(key)
        if was is not None and was != now:
            yield _differs(doc, f"/{part}/{key}", (zh, en), was, now)
    for at, line in enumerate(doc["lines"]):
        same = [old for old in last["lines"] if old["product"] == line["product"]]
        if not same:
            yield _differs(doc, f"/lines/{at}/product", ("商品", "product"), None, line["product"])
            continue
        old = max(same, key=lambda candidate: sum(candidate.get(key) == line.get(key) for key, _, _ in LINE))
        for key, zh, en in LINE:
            if key in old and old[key] != line.get(key):
                yield _differs(doc, f"/lines/{at}/{key}", (zh, en), old[key], line.get(key))


def _differs(doc: Document, pointer: str, what: tuple[str, str], last: Any, now: Any) -> Finding:
    """Return the finding that something (zh, en) was one thing last time and is another now."""
    (last_zh, last_en), (now_zh, now_en) = NAMES.get(last, (last, last)), NAMES.get(now, (now, now))
    return RULE.at(
        doc,
        pointer,
        repeats=doc["repeats"],
        what_zh=what[0],
        what_en=what[1],
        last_zh=last_zh,
        last_en=last_en,
        now_zh=now_zh,
        now_en=now_en,
    )
