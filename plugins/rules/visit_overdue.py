"""Nobody has asked the customer within three working days of receipt, which is that of the last goods.

全部签收后三个工作日内没有回访客户。

## Why is this bad?

A dissatisfied customer who isn't asked doesn't complain: they buy elsewhere. Three days after receipt they still
remember what was wrong.

不满意的客户没人问，就不会投诉，只会换一家买。签收后三天内，问题还记得清楚。

## Fails

```yaml
# orderctl.yaml
sample: true
clock: 2024-05-24
---
# orders/2024/05/OD2024050012/feedback.yaml
null
---
# orders/2024/05/OD2024050012/delivery-1.yaml
received_at: 2024-05-21T14:30:00+08:00  # warning: visit-overdue
```

## Passes

```yaml
# orderctl.yaml
sample: true
clock: 2024-05-23
---
# orders/2024/05/OD2024050012/feedback.yaml
null
---
# orders/2024/05/OD2024050012/delivery-1.yaml
received_at: 2024-05-21T14:30:00+08:00
```

## How to fix

Call the customer, ask for quality, timeliness and service, and file `feedback.yaml`.

回访客户，询问质量、时效和服务，填写 `feedback.yaml`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import add_workdays, company_day, due_instant

RULE = Rule(
    id="visit-overdue",
    on="delivery",
    severity=Severity.WARNING,
    since="0.1",
    zh="{received} 签收，应于 {due} 下班前回访，至今没有回访记录",
    en="received on {received}, the return visit was due by close of business on {due}",
    hint_zh="回访客户并填写 feedback.yaml",
    hint_en="ask the customer and file feedback.yaml",
    covers=("AFT-1",),
)

WORKDAYS = 3


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding on the last delivery of an order if three working days have passed without feedback.

    The days are counted from the receipt that made the order whole: until then the customer can't judge all of it.
    """
    if book.case(doc, "feedback"):
        return
    for order in book.case(doc, "order"):
        arrived = book.fact("status", order.id)["delivered_at"]
        last = [d for d in book.case(doc, "delivery") if d["received_at"] == arrived]
        if not last or last[-1].path != doc.path:
            continue
        received = company_day(book, arrived)
        due = add_workdays(book, received, WORKDAYS)
        if book.passed(due_instant(book, due)):
            yield RULE.at(doc, "/received_at", received=received, due=due)
