"""Goods were received before they were dispatched.

货物还没有发出就已签收。

## Why is this bad?

One of the two records is wrong. Until it is right, nobody can say whether the customer has the goods, or how long
the carrier took.

两条记录必有一条有误。改正之前，说不清客户是否收到了货，也算不出运输用了多久。

## Fails

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
received_at: 2024-05-20T14:59:59+08:00  # error: delivery-before-dispatch
```

## Passes

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
received_at: 2024-05-20T15:00:00+08:00
```

## How to fix

Compare both times with the receipt and the carrier's events. A shipment without `dispatched_at` hasn't left yet:
fill it in first.

对照签收单和物流轨迹核对两个时间。没有 `dispatched_at` 的发货记录表示尚未发出，请先补填。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.workdays import company_time, moment

RULE = Rule(
    id="delivery-before-dispatch",
    on="delivery",
    severity=Severity.ERROR,
    since="0.1",
    zh="第 {shipment} 次发货在签收时间 {received} 之前没有发出",
    en="shipment {shipment} had not been dispatched when it was received, {received}",
    hint_zh="核对签收时间与发货时间；没有发货时间的请先补填",
    hint_en="check both times; fill in dispatched_at if the shipment has none",
    covers=("SHP-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the delivery's shipment has no time of dispatch, or a later one than the receipt."""
    shipment = book.doc("shipment", f"{doc.case}/shipment-{doc['shipment']}")
    if shipment is None:
        return
    dispatched = shipment.get("dispatched_at")
    if dispatched is None or moment(doc["received_at"]) < moment(dispatched):
        received = company_time(book, doc["received_at"])
        yield RULE.at(doc, "/received_at", shipment=doc["shipment"], received=received)
