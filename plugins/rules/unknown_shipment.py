"""A delivery is the receipt of a shipment that doesn't exist.

签收记录对应的发货记录不存在。

## Why is this bad?

Receipt is matched with what was sent. Without the shipment nobody can tell which goods arrived, and the order stays
in transit.

签收要与发货对应。没有发货记录，说不清收到的是哪些货，订单也一直停在“运输中”。

## Fails

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
shipment: 2  # error: unknown-shipment
```

## Passes

```yaml
# orders/2024/05/OD2024050012/delivery-1.yaml
shipment: 1
```

## How to fix

Give the number in the name of the shipment's file: `shipment: 1` for `shipment-1.yaml`.

填写发货文件名中的序号：`shipment-1.yaml` 对应 `shipment: 1`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="unknown-shipment",
    on="delivery",
    severity=Severity.ERROR,
    since="0.1",
    zh="没有第 {shipment} 次发货的记录",
    en="there is no shipment {shipment}",
    hint_zh="本订单共有 {count} 次发货记录",
    hint_en="shipments on record for this order: {count}",
    covers=("SHP-1",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the case has no ``shipment-<n>.yaml`` for the delivery's ``shipment: <n>``."""
    shipment = doc["shipment"]
    if book.doc("shipment", f"{doc.case}/shipment-{shipment}") is None:
        yield RULE.at(doc, "/shipment", shipment=shipment, count=len(book.case(doc, "shipment")))
