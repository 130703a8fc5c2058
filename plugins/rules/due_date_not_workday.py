"""The due date is not a working day.

交货日期不是工作日。

## Why is this bad?

Nobody dispatches, drives or signs on a weekend or a public holiday. The order is late by plan.

周末和法定节假日没有人发货、送货、签收，这样的交期从一开始就注定要迟。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  due: 2024-05-18  # error: due-date-not-workday
```

## Passes

11 May 2024 is a Saturday, and a make-up day 调休 for Labour Day:

2024 年 5 月 11 日是星期六，但属于劳动节调休上班：

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  due: 2024-05-11
```

## How to fix

Agree on a working day with the customer: the next one is named in the hint. Holidays and make-up days are in
`calendar/<year>.yaml`; a year without that file has ordinary weekends.

与客户商定一个工作日，提示中给出了下一个工作日。节假日与调休见 `calendar/<年份>.yaml`；
没有该文件的年份按普通周末计算。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from orderctl import Book, Document, Finding, Mend, Rule, Severity, hookimpl
from orderctl.workdays import is_workday, next_workday

RULE = Rule(
    id="due-date-not-workday",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="交货日期 {due} 不是工作日（{day_zh}）",
    en="the due date {due} is not a working day ({day_en})",
    hint_zh="下一个工作日是 {next}",
    hint_en="the next working day is {next}",
    covers=("REQ-1", "ORD-1"),
)

WEEKEND = {5: ("星期六", "Saturday"), 6: ("星期日", "Sunday")}


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the company's calendar says that nobody works on the due date."""
    due = doc.get("/delivery/due")
    if due is None or is_workday(book, due):
        return
    zh, en = _day(book, due)
    following = next_workday(book, due)
    mend = Mend("set", following, "/delivery/due", safe=False)
    yield RULE.at(doc, "/delivery/due", mend=mend, due=due, day_zh=zh, day_en=en, next=following)


def _day(book: Book, day: str) -> tuple[str, str]:
    """Return the names of a day off: the holiday's, else the weekday's."""
    calendar = book.doc("calendar", day[:4])
    for holiday in calendar["holidays"] if calendar else ():
        if holiday["date"] == day:
            return holiday["zh"], holiday.get("en", "public holiday")
    return WEEKEND[date.fromisoformat(day).weekday()]
