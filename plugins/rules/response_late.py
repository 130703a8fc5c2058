"""A requirement was answered, or is still unanswered, more than 24 hours after it came in.

收到需求超过 24 小时才报价，或至今没有报价。

## Why is this bad?

A customer who asks, asks several suppliers. The first formal quotation is the one that the others are compared with.

客户询价往往同时问几家，最先给出的正式报价，就是别人被比较的标准。

## Fails

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
received_at: 2024-05-04T09:30:00+08:00
responded_at: 2024-05-05T09:30:01+08:00  # warning: response-late
```

## Passes

```yaml
# orders/2024/05/OD2024050012/requirement.yaml
received_at: 2024-05-04T09:30:00+08:00
responded_at: 2024-05-05T09:30:00+08:00
```

## How to fix

Send the quotation now. If more time was agreed with the customer, write it into `respond_by`.

立即报价。如与客户约定了更长的时间，写入 `respond_by`。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_day, company_time, moment

RULE = Rule(
    id="response-late",
    on="requirement",
    severity=Severity.WARNING,
    since="0.1",
    zh="需求 {requirement} 应于 {due} 前答复，{answered_zh}",
    en="requirement {requirement} was to be answered by {due}, {answered_en}",
    hint_zh="尽快报价；与客户约定了时间的，写入 respond_by",
    hint_en="quote now; write into respond_by if the customer agreed to wait",
    covers=("REQ-1",),
)

HOURS = 24


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the answer came after ``respond_by`` (default: 24 hours after receipt), or hasn't come by now.

    Without ``responded_at``, the first quotation's day counts: a day has no hour, so only a later day is late.
    """
    due = _due(doc)
    answered = doc.get("responded_at")
    if answered is not None:
        late = moment(answered) > due
    else:
        quoted = [quotation["date"] for quotation in book.case(doc, "quotation")]
        answered = min(quoted, default=None)
        if answered is not None:
            late = answered > company_day(book, due.isoformat())
        else:
            late = "outcome" not in doc and book.passed((due + timedelta(seconds=1)).isoformat())
    if late:
        shown = company_time(book, answered) if answered and "T" in answered else answered
        yield RULE.at(
            doc,
            "/responded_at" if "responded_at" in doc else "/received_at",
            requirement=doc.id,
            due=company_time(book, due.isoformat()),
            answered_zh=f"实际为 {shown}" if answered else "至今没有报价",
            answered_en=f"and was on {shown}" if answered else "and isn't yet",
        )


def _due(doc: Document) -> datetime:
    """Return the instant by which an answer was promised."""
    if "respond_by" in doc:
        return moment(doc["respond_by"])
    return moment(doc["received_at"]) + timedelta(hours=HOURS)
