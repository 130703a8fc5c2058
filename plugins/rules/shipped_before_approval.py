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

from collections import Counter
from collections.abc import Iterator, Sequence

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import StageState, complete, judged_earlier, stand
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
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding unless the flow had approved one revision, this or an earlier one, when goods were dispatched.

    Where the policy has shipments wait for the order's approval (``requires``), the gate holds them against the flow of
    the day on which they land; a later policy then says nothing of what was approved under an earlier one.
    """
    at = doc.get("dispatched_at")
    if at is None:
        return
    submission = next(iter(book.case(doc, "submission")), None)
    said = book.case(doc, "approval")
    for order in book.case(doc, "order"):
        now = stand(order, said, submission, book, at=at)
        by = [s for s in said if s["subject"] == "order" and moment(s["issued"]) <= moment(at)]
        earlier = {s["revision"] for s in by if s["revision"] < order["revision"]}
        if complete(now) or any(_was_approved(now, [s for s in by if s["revision"] == r]) for r in earlier):
            continue
        if any(s.state == "rejected" for s in now) or not _landed(doc, by, book):
            yield RULE.at(doc, "/dispatched_at", order=order.id, dispatched=company_time(book, at))


def _landed(doc: Document, said: list[Document], book: Book) -> bool:
    """Tell whether these approvals were given under an earlier policy, and policy has such documents wait for them."""
    policy = book.doc("flows", "flows")
    needs = policy.get("requires", ()) if policy else ()
    waits = any(need["kind"] == doc.kind and need["subject"] == "order" for need in needs)
    return waits and any(s["decision"] == "approve" and judged_earlier(s, book) for s in said)


def _was_approved(stages: Sequence[StageState], said: list[Document]) -> bool:
    """Tell whether each stage had enough approvals of an earlier revision, whose content is no longer at hand."""
    newest = {(s["stage"], s["person"]): s["decision"] for s in sorted(said, key=lambda s: moment(s["issued"]))}
    given = Counter(stage for (stage, _), decision in newest.items() if decision == "approve")
    needed = [stage for stage in stages if not stage.ratify]
    return bool(needed) and "reject" not in newest.values() and all(given[s.id] >= s.needs for s in needed)
