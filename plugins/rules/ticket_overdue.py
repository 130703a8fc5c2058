"""A ticket's deadline has passed, and it isn't closed.

售后工单已过处理时限，仍未关闭。

## Why is this bad?

The customer was told when the problem would be solved. Every further hour is counted from that promise.

客户被告知了解决时限，之后每多一小时，都是在食言。

## Fails

```yaml
# orderctl.yaml
sample: true
clock: 2024-05-23
---
# orders/2024/05/OD2024050012/ticket-1.yaml
deadline: 2024-05-23T18:00:00+08:00  # warning: ticket-overdue
closed_on: null
```

## Passes

```yaml
# orderctl.yaml
sample: true
clock: 2024-05-22
---
# orders/2024/05/OD2024050012/ticket-1.yaml
deadline: 2024-05-23T18:00:00+08:00
closed_on: null
```

## How to fix

Solve it and close the ticket, or agree on a new deadline with the customer and write down why in `progress`.

尽快解决并关闭工单；或与客户另行约定时限，并在 `progress` 中写明原因。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.particulars import named, people
from orderctl.workdays import company_time

RULE = Rule(
    id="ticket-overdue",
    on="ticket",
    severity=Severity.WARNING,
    since="0.1",
    zh="工单 {ticket} 应于 {deadline} 前处理完，至今未关闭",
    en="ticket {ticket} was due at {deadline} and is still open",
    hint_zh="请{handler_zh}处理并关闭，或与客户另约时限",
    hint_en="{handler_en} has to close it, or agree on a new deadline with the customer",
    covers=("AFT-2",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the deadline has passed and the ticket has no closing day."""
    if "closed_on" not in doc and book.passed(doc["deadline"]):
        handler = named(people(book).get(doc["handler"]), doc["handler"])
        yield RULE.at(
            doc,
            "/deadline",
            ticket=doc["number"],
            deadline=company_time(book, doc["deadline"]),
            handler_zh=handler["zh"],
            handler_en=handler["en"],
        )
