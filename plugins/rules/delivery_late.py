"""An order was not delivered in full by its due date.

订单没有在约定的交货日期前全部送达。

## Why is this bad?

The customer has planned with that day: fitters are booked, a room is cleared. Late orders are what customers
remember, and what the monthly rate of on-time deliveries is made from.

客户是按这一天安排的：约了安装工人，腾了场地。客户记住的往往就是那次迟到，准时交付率也由此计算。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  due: 2024-05-20  # warning: delivery-late
```

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
received_at: 2024-05-21T14:30:00+08:00
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
delivery:
  due: 2024-05-20
```

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
received_at: 2024-05-20T23:59:59+08:00
```

## How to fix

If the goods are there, file the delivery with receiver and time. If not, tell the customer why, and when they come (
`delay` in the shipment). What was late stays late: the warning remains as the record that a ticket or a return visit
answers.

货已送达的，补录签收人和签收时间。尚未送达的，告知客户原因和新的到货时间（发货记录中的 `delay`）。
迟到的事实不会消失：警告会一直保留，由售后工单或回访作出说明。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_day

RULE = Rule(
    id="delivery-late",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="未能按期（{due}）全部送达",
    en="not delivered in full by {due}",
    hint_zh="已送达的请补录签收；未送达的请告知客户原因和新的到货时间",
    hint_en="file the delivery if the goods are there; else tell the customer why, and when they come",
    covers=("SHP-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the last goods came after the due day, or haven't come at its close of business."""
    status = book.fact("status", doc.id)
    arrived = status["delivered_at"]
    if status["late"] or (arrived and status["due"] and company_day(book, arrived) > status["due"]):
        yield RULE.at(doc, "/delivery/due", due=status["due"])
