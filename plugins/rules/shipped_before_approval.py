"""Goods were dispatched before the order was approved.

订单尚未审批通过就已发货。

## Why is this bad?

The approval is where price, credit and stock are looked at. Goods that are gone can't be held back by a no.

审批就是核对价格、信用和库存的环节。货已经发出，再驳回也拦不住了。

## Fails

The last approval is of 8 May, 10:30:

最后一个审批环节在 5 月 8 日 10:30 通过：

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
dispatched_at: 2024-05-08T10:29:59+08:00  # error: shipped-before-approval
```

## Passes

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
dispatched_at: 2024-05-08T10:30:00+08:00
```

## How to fix

Check the time of dispatch. If it is right, the goods left without permission: have the missing stages decide, and
report it to the supervisor. Approvals are never dated back.

先核对发货时间。时间无误的，说明货物未经批准就已发出：请缺少的环节补充审批，并向主管报告。审批时间不得倒签。
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_time, moment

RULE = Rule(
    id="shipped-before-approval",
    on="shipment",
    severity=Severity.ERROR,
    since="0.1",
    zh="{dispatched} 发货时，订单 {order} 尚未审批通过",
    en="order {order} was not approved when the goods were dispatched, {dispatched}",
    hint_zh="核对发货时间；缺少的审批环节须先通过，再发货",
    hint_en="check the time; every stage of the flow must approve before goods leave",
    covers=("APR-1", "SHP-5"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding unless every stage of the flow had approved one revision, this or an earlier one, by then."""
    if "dispatched_at" not in doc:
        return
    for order in book.case(doc, "order"):
        stages = {stage["id"] for stage in book.fact("status", order.id)["stages"]}
        done: dict[int, set[str]] = defaultdict(set)
        by = moment(doc["dispatched_at"])
        for approval in book.case(doc, "approval"):
            if _counts(approval, by):
                done[approval["revision"]].add(approval["stage"])
        if not stages or not any(stages <= approved for approved in done.values()):
            yield RULE.at(doc, "/dispatched_at", order=order.id, dispatched=company_time(book, doc["dispatched_at"]))


def _counts(approval: Document, by: datetime) -> bool:
    """Tell whether this is an approval of the order that was given by an instant."""
    return approval["subject"] == "order" and approval["decision"] == "approve" and moment(approval["issued"]) <= by
