"""An order was submitted although the customer hasn't confirmed the requirement.

客户尚未确认需求，订单就已提交。

## Why is this bad?

Without the customer's yes the order is the salesperson's guess. What it costs to be wrong is known when the goods
are made.

没有客户的确认，订单只是业务员的猜测。错了要花多少钱，货做出来才知道。

## Fails

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
confirmation: null  # warning: requirement-not-confirmed
```

## Passes

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
confirmation:
  on: 2024-05-05
```

## How to fix

Send the requirement for confirmation and file the signature, scan or recorded message as evidence.

把需求确认单发给客户，将签字、扫描件或录音存为证据。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_time

RULE = Rule(
    id="requirement-not-confirmed",
    on="requirement",
    severity=Severity.WARNING,
    since="0.1",
    zh="需求 {requirement} 未经客户确认，订单已于 {submitted} 提交",
    en="requirement {requirement} isn't confirmed, yet its order was submitted at {submitted}",
    hint_zh="请客户确认，并填写 confirmation",
    hint_en="have the customer confirm it and fill in confirmation",
    covers=("REQ-3",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the case has a submission and the requirement no confirmation."""
    if "confirmation" not in doc:
        for submission in book.case(doc, "submission"):
            yield RULE.at(
                doc, "/confirmation", requirement=doc.id, submitted=company_time(book, submission["submitted_at"])
            )
