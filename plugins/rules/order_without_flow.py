"""No approval flow fits an order, so nobody can approve it.

没有适用于该订单的审批流程，订单永远无法审批通过。

## Why is this bad?

An order is approved by every stage of its flow. Without a flow it waits for nobody, for ever.

订单须由流程中的每个环节审批。没有流程，就没有人会来审批，订单一直卡住。

## Fails

```yaml
# policy/flows.yaml
flows:
  - id: small
    subject: order
    when: {total_below: 7000.00}
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
```

```yaml
# orders/2024/05/OD2024050013/order.yaml
kind: custom  # error: order-without-flow
```

## Passes

```yaml
# policy/flows.yaml
flows:
  - id: small
    subject: order
    when: {total_below: 7000.01}
    stages:
      - {id: sales-supervisor, role: sales-supervisor, hours: 4, zh: 销售主管, en: Sales supervisor}
```

## How to fix

Add a last flow without `when` to `policy/flows.yaml`: it fits every order that no flow before it did.

在 `policy/flows.yaml` 末尾加一条不带 `when` 的流程，前面都不适用的订单就走这条流程。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="order-without-flow",
    on="order",
    severity=Severity.ERROR,
    since="0.1",
    zh="没有适用的审批流程（总额 {total}，类型 {kind}）",
    en="no approval flow fits this order (total {total}, kind {kind})",
    hint_zh="在 policy/flows.yaml 中补一条适用的流程",
    hint_en="add a flow that fits to policy/flows.yaml",
    covers=("APR-1",),
    waivable=False,
)

OPEN = frozenset(("draft", "submitted", "rejected", "on-hold"))
"""What has left the house was approved by a flow of its time."""


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if no flow's conditions hold for an order that is still to be approved."""
    status = book.fact("status", doc.id)
    if not status["flow"] and status["status"] in OPEN:
        yield RULE.at(doc, "/kind", total=status["total"], kind=doc["kind"])
