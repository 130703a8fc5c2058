"""A rejection doesn't say what must change.

驳回意见没有说明需要改什么。

## Why is this bad?

The salesperson can only guess, submits something else, and the next rejection follows. Each loop costs a working
day.

业务员只能猜着改，改完再被驳回。每来回一次，就耽误一个工作日。

## Fails

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
decision: reject
opinion: 客户信用情况较差  # warning: rejection-without-change
```

## Passes

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
decision: reject
opinion: 客户信用情况较差，预付比例须提高到 50%
```

## How to fix

Add what must change for a yes: "needs 50 % prepaid", "lower the discount to 5 %", "add the credit report".

写明改成什么样才能批：“预付须提高到 50%”“折扣降到 5%”“补充信用报告”。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import asks_for_change

RULE = Rule(
    id="rejection-without-change",
    on="approval",
    severity=Severity.WARNING,
    since="0.1",
    zh="驳回意见“{opinion}”没有说明需要改什么",
    en="the rejection “{opinion}” doesn't say what must change",
    hint_zh="写明改成什么样才能批，例如“预付须提高到 50%”",
    hint_en="say what it takes to be approved, such as “needs 50 % prepaid”",
    covers=("APR-3",),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if a rejection's opinion asks for nothing."""
    if doc["decision"] == "reject" and not asks_for_change(doc["opinion"]):
        yield RULE.at(doc, "/opinion", opinion=doc["opinion"])
