"""An urgent order went ahead, and a stage that was to ratify it afterwards is past its deadline.

加急订单已先行放行，事后补签的环节超过了时限。

## Why is this bad?

The urgent lane skips departments on the promise that they look at it soon after. If they don't, the lane is simply a
way around finance.

加急通道允许先放行，前提是相关部门随后补签。一直不补签，加急就成了绕过财务的捷径。

## Fails

```yaml
# policy/flows.yaml
flows:
  - id: urgent
    subject: order
    stages:
      - {id: sales-supervisor, role: sales-supervisor, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 4, ratify: true, zh: 财务（补签）, en: Finance (ratifies)}
---
# orders/2024/05/OD2024050013/approvals/order-1-finance.yaml
null
---
# orderctl.yaml
sample: true
clock: 2024-05-21
---
# orders/2024/05/OD2024050013/order.yaml
revision: 1  # warning: ratification-late
```

## Passes

```yaml
# policy/flows.yaml
flows:
  - id: urgent
    subject: order
    stages:
      - {id: sales-supervisor, role: sales-supervisor, zh: 销售主管, en: Sales supervisor}
      - {id: finance, role: finance, hours: 4, ratify: true, zh: 财务（补签）, en: Finance (ratifies)}
---
# orders/2024/05/OD2024050013/approvals/order-1-finance.yaml
null
---
# orderctl.yaml
sample: true
clock: 2024-05-20
```

## How to fix

Look at the order and approve or reject it at that stage. A rejection stops what hasn't been dispatched.

请相关部门审核后补签同意或驳回。驳回后，尚未发出的货物不得再发。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.particulars import names
from orderctl.workdays import company_time

RULE = Rule(
    id="ratification-late",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="“{stage_zh}”应在 {due} 前补签，尚未补签",
    en="{stage_en} was to ratify the order by {due} and hasn't",
    hint_zh="现在可以补签的人：{who_zh}",
    hint_en="who may ratify it now: {who_en}",
    covers=("APR-5",),
    waivable=False,
)

OVER = frozenset(("draft", "rejected", "cancelled"))


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each stage that was to ratify an approved order and is past due."""
    status = book.fact("status", doc.id)
    if status["status"] in OVER:
        return
    for stage in status["stages"]:
        if stage["late"] and stage["ratify"]:
            who = names(book, stage["who"])
            yield RULE.at(
                doc,
                "/revision",
                stage_zh=stage["zh"],
                stage_en=stage["en"],
                due=company_time(book, stage["due"]),
                who_zh=who["zh"],
                who_en=who["en"],
            )
