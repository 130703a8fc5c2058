"""Goods were dispatched after the order was cancelled.

订单取消后仍然发了货。

## Why is this bad?

The customer refuses the goods, or keeps them without paying. It means that the stop notice didn't reach the
warehouse.

客户要么拒收，要么收下不付款。这说明停止发货的通知没有送到仓库。

## Fails

```yaml
# orders/2024/05/OD2024050012/cancellation.yaml
schema: cancellation/1
reason: 客户预算取消
by: lin-xiao
on: 2024-05-19
```

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
dispatched_at: 2024-05-20T15:00:00+08:00  # error: shipped-after-cancellation
```

## Passes

```yaml
# orders/2024/05/OD2024050012/cancellation.yaml
schema: cancellation/1
reason: 客户预算取消
by: lin-xiao
on: 2024-05-20
```

```yaml
# orders/2024/05/OD2024050012/shipment-1.yaml
dispatched_at: 2024-05-20T15:00:00+08:00
```

## How to fix

Check both dates. If they are right, call the goods back or agree on a return, and find out why the warehouse wasn't
told (`warehouse_told` in the cancellation).

核对两个日期。日期无误的，追回货物或与客户商定退货，并查明仓库为何没有收到通知（取消单中的 `warehouse_told`）。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_day

RULE = Rule(
    id="shipped-after-cancellation",
    on="shipment",
    severity=Severity.ERROR,
    since="0.1",
    zh="订单已于 {cancelled_on} 取消，{dispatched_on} 仍然发货",
    en="the order was cancelled on {cancelled_on}, but goods were dispatched on {dispatched_on}",
    hint_zh="核对日期；确已发出的，追回货物或安排退货",
    hint_en="check both dates; if they are right, call the goods back or arrange a return",
    covers=("CHG-4",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for a dispatch on a later day than the cancellation; nobody knows what came first on one day."""
    if "dispatched_at" not in doc:
        return
    day = company_day(book, doc["dispatched_at"])
    for cancellation in book.case(doc, "cancellation"):
        if day > cancellation["on"]:
            yield RULE.at(doc, "/dispatched_at", cancelled_on=cancellation["on"], dispatched_on=day)
