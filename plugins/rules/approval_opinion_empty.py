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

import re
from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

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
)

BARE = re.compile(
    r"(?:不?同意|不?批准|不?通过|不?可以|不?行|好的?|无(?:意见|异议)?|没(?:有)?(?:意见|问题)|已阅|已审(?:核|批)?|审核|审批|核准|"
    r"驳回|退回|拒绝|请领导|领导|同上|按流程|办理|照办|"
    r"okay|ok|yes|no|none|fine|good|agreed?|disagreed?|approved?|rejected?|reject|refused?|lgtm|seen|checked|"
    r"not|i|we|is|are|\W|_)*",
    re.IGNORECASE,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if nothing is left of the opinion without words of consent, refusal and punctuation."""
    if BARE.fullmatch(doc["opinion"]):
        yield RULE.at(doc, "/opinion", opinion=doc["opinion"])
