"""An approval is for a stage that no approval flow has.

审批意见对应的审批节点不存在。

## Why is this bad?

An approval counts for exactly one stage of a flow. For a stage that doesn't exist it counts for nothing, and the
order goes on waiting although everybody believes it approved.

每条审批意见只对一个审批节点有效。节点不存在，意见就不生效，大家以为已批，订单却一直在等。

## Fails

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
stage: finances  # error: unknown-stage
```

## Passes

```yaml
# orders/2024/05/OD2024050012/approvals/order-1-finance.yaml
stage: finance
```

## How to fix

Use a stage id of the flows in `policy/flows.yaml`.

使用 `policy/flows.yaml` 中审批流程的节点编号。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.approvals import judged_earlier

RULE = Rule(
    id="unknown-stage",
    on="approval",
    severity=Severity.ERROR,
    since="0.1",
    zh="审批流程中没有节点 {stage}",
    en="no approval flow has a stage {stage}",
    hint_zh="最接近的是 {nearest}",
    hint_en="the nearest is {nearest}",
    covers=("APR-1",),
    waivable=False,
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if no flow for the approval's kind of subject has its stage. What was given under an earlier
    policy was held against the flows of that time when it landed."""
    policy = book.doc("flows", "flows")
    flows = policy["flows"] if policy else ()
    known = {stage["id"] for flow in flows if flow["subject"] == doc["subject"] for stage in flow["stages"]}
    if doc["stage"] in known or judged_earlier(doc, book):
        return
    from difflib import get_close_matches

    nearest = get_close_matches(doc["stage"], sorted(known), 1, 0)[0] if known else "–"
    yield RULE.at(doc, "/stage", stage=doc["stage"], nearest=nearest)
