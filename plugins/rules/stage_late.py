"""An approval stage is past its deadline.

审批环节已超过时限。

## Why is this bad?

Every stage has so many working hours, counted from the stage before. An order that lies on a desk is delivered late,
and the customer never learns why. A late stage therefore passes on to the next role, if the flow names one.

每个环节都有工作时限，从上一环节通过时算起。订单压在谁手里，交货就晚在谁手里。因此超时的环节会移交给流程指定的
上一级角色。

## Fails

Production had eight working hours from 14:10 on 21 May:

生产环节从 5 月 21 日 14:10 起有 8 个工作小时：

```yaml
# orders/2024/05/OD2024050013/approvals/order-1-production.yaml
null
---
# orderctl.yaml
sample: true
clock: 2024-05-22
---
# orders/2024/05/OD2024050013/order.yaml
revision: 1  # warning: stage-late
```

## Passes

```yaml
# orders/2024/05/OD2024050013/approvals/order-1-production.yaml
null
---
# orderctl.yaml
sample: true
clock: 2024-05-21
```

## How to fix

Decide. Where the flow names a role to `escalate` to, that role may decide too, and states why in `reason`:
`orderctl next --for PERSON` shows who may.

请尽快审批。流程为该环节指定了 `escalate` 角色的，超时后该角色也可以审批，并在 `reason` 中写明原因；
`orderctl next --for 人员编号` 可查看待办。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.particulars import names
from orderctl.workdays import company_time

RULE = Rule(
    id="stage-late",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="审批环节“{stage_zh}”应在 {due} 前完成，尚未审批",
    en="the stage {stage_en} was due {due} and hasn't decided",
    hint_zh="现在可以审批的人：{who_zh}",
    hint_en="who may decide now: {who_en}",
    covers=("APR-4", "APR-11"),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each stage of a submitted order that is open and past due."""
    status = book.fact("status", doc.id)
    if status["status"] != "submitted":
        return
    for stage in status["stages"]:
        if stage["late"] and not stage["ratify"]:
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
