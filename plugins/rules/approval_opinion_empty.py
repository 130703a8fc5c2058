"""An approval's opinion says nothing but yes or no.

审批意见只有“同意”或“不同意”，没有说明依据。

## Why is this bad?

Months later somebody asks why this order was approved. "OK" answers nothing; "no overdue debts, within the limit"
does, and shows that the stage looked at what it is there for.

几个月后有人问这单为什么批，“同意”什么也答不了；“无逾期、在额度内”才说明这个节点真正审了该审的内容。

## Fails

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
opinion: 同意！  # error: approval-opinion-empty
```

## Passes

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
opinion: 同意，客户无逾期欠款，额度内
```

## How to fix

Write what you looked at and what you found: prices and discount, overdue debts and limit, capacity and due date.

写明看了什么、结论是什么：价格与折扣、逾期与额度、产能与交期。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import is_bare

RULE = Rule(
    id="approval-opinion-empty",
    on="approval",
    severity=Severity.ERROR,
    since="0.1",
    zh="审批意见“{opinion}”没有说明依据",
    en="the opinion “{opinion}” gives no reason",
    hint_zh="写明审查的内容和结论，例如“客户无逾期欠款，额度内”",
    hint_en="say what was looked at and found, such as “no overdue debts, within the limit”",
    covers=("APR-3",),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if nothing is left of the opinion without words of consent, refusal and punctuation."""
    if is_bare(doc["opinion"]):
        yield RULE.at(doc, "/opinion", opinion=doc["opinion"])
