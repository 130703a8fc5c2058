"""A document names a customer that isn't on file.

单据引用了未建档的客户。

## Why is this bad?

Credit, agreement prices, standing requirements and contacts come from the customer's file. Without it an order can't
be judged, and its history is lost.

信用、协议价、长期要求和联系人都来自客户档案。没有档案，订单无从审核，历史也无处归集。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
customer: C0010  # error: unknown-customer
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
customer: C0001
```

## How to fix

Correct the id, or register the customer first in `customers/<id>.yaml`.

改正客户编号；新客户请先在 `customers/<编号>.yaml` 建档。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="unknown-customer",
    on=("requirement", "quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="客户 {customer} 没有建档",
    en="customer {customer} is not on file",
    hint_zh="最接近的是 {nearest}；新客户请先建档",
    hint_en="the nearest is {nearest}; register a new customer first",
    covers=("CUS-1", "ORD-1"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if no customer has the id that the document gives."""
    customer = doc["customer"]
    if book.doc("customer", customer) is None:
        yield RULE.at(doc, "/customer", customer=customer, nearest=_nearest(book, customer))


def _nearest(book: Book, wanted: str) -> str:
    """Return id and name of the customer whose id or name is most like ``wanted``, "–" if there are none."""
    from difflib import get_close_matches

    known = {}
    for row in book.all("customer"):
        known[row["id"]] = known[row["name"]] = f"{row['id']} {row['name']}"
    return known[get_close_matches(wanted, known, 1, 0)[0]] if known else "–"
