"""The due date lies before the order date.

交货日期早于下单日期。

## Why is this bad?

Such an order is late on arrival: one of the two dates is wrong, and every plan made from it as well.

这样的订单一进来就已逾期：两个日期必有一个写错，由此排出的计划也都是错的。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
date: 2024-05-06
delivery:
  due: 2024-04-30  # error: due-date-before-order
```

## Passes

Goods that the customer takes along at the counter are due on the day of the order:

客户在门店当场提货的，交货日期就是下单当天：

```yaml
# orders/2024/05/OD2024050012/order.yaml
date: 2024-05-06
delivery:
  due: 2024-05-06
```

## How to fix

Compare both dates with the customer's message, and correct the wrong one.

对照客户的原始信息，改正写错的那个日期。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="due-date-before-order",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="交货日期 {due} 早于下单日期 {date}",
    en="the due date {due} lies before the order date {date}",
    hint_zh="填写 {date} 当天或之后的交货日期，或改正下单日期",
    hint_en="give a due date of {date} or later, or correct the order date",
    covers=("ORD-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the due date is earlier than the order date; the same day is allowed."""
    due = doc.get("/delivery/due")
    if due is not None and due < doc["date"]:
        yield RULE.at(doc, "/delivery/due", due=due, date=doc["date"])
