"""Somebody approved an order that they entered or submitted themselves.

审批人就是录入或提交该订单的人。

## Why is this bad?

Nobody sees their own slips, and nobody should be able to sell and approve the sale alone. Review is always a second
pair of eyes.

自己看不出自己的笔误，也不能一个人既卖货又批准。复核必须由第二个人来做。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
entered_by: su-cai
---
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
person: su-cai  # error: approver-is-author
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
entered_by: lin-xiao
---
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
person: su-cai
```

## How to fix

Have another person with the role approve, or a deputy.

请具备该角色的另一个人或代理人审批。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import authors
from orderctl.particulars import named, people

RULE = Rule(
    id="approver-is-author",
    on="approval",
    severity=Severity.ERROR,
    since="0.1",
    zh="{person_zh}审批了自己录入或提交的订单 {order}",
    en="{person_en} approved order {order}, which they entered or submitted themselves",
    hint_zh="请另一个人审批",
    hint_en="have another person approve it",
    covers=("ORD-8", "APR-1"),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the approver of an order's revision, or whom they stand in for, entered that order, submitted
    that revision or changed its material content. To reject it, or take back what one said, is open to them too: nobody
    is silenced by being named an author.
    """
    if doc["subject"] != "order" or doc["decision"] != "approve":
        return
    for order in book.case(doc, "order"):
        submissions = [s for s in book.case(doc, "submission") if s["revision"] == doc["revision"]]
        barred = authors(order, None).union(*(_submitters(s) for s in submissions))
        for field in ("person", "for"):
            if doc.get(field) in barred:
                who = named(people(book).get(doc[field]), doc[field])
                yield RULE.at(doc, f"/{field}", person_zh=who["zh"], person_en=who["en"], order=order.id)


def _submitters(submission: Document) -> set[str]:
    return {submission["submitted_by"], *submission.get("authors", ())}
