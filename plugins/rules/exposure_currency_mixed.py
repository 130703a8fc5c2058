"""A customer has open orders in a currency that the credit limit can't be compared with.

客户有外币未结订单，无法计入信用额度。

## Why is this bad?

The limit is in the company's currency. Dollars added to yuan are a wrong number, and left out they are goods on
credit that no limit covers.

信用额度以本位币计算。把美元直接加到人民币上得出的数是错的；不计入，则有一笔赊销不受任何额度约束。

## Fails

```yaml
# customers/C0001.yaml
credit:
  limit: 200000.00  # warning: exposure-currency-mixed
```

```yaml
# orders/2024/05/OD2024050013/order.yaml
currency: USD
```

## Passes

```yaml
# orders/2024/05/OD2024050013/order.yaml
currency: USD
payment: {terms: prepaid}
```

## How to fix

Ask finance to judge these orders by hand, or agree on full prepayment: what is prepaid needs no credit.

请财务单独评估这些订单，或与客户约定全额预付：预付订单不占用额度。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="exposure-currency-mixed",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="{count} 个外币未结订单没有计入信用占用：{orders}",
    en="open orders in another currency, not part of the credit exposure ({count}): {orders}",
    hint_zh="请财务单独评估，或改为全额预付",
    hint_en="have finance judge them by hand, or agree on full prepayment",
    covers=("ORD-14", "ORD-5"),
)

NAMED = 3


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield one finding that counts the orders and names the newest."""
    orders = book.fact("exposure", doc.id)["other_currency"]
    if orders:
        newest = sorted(orders, reverse=True)[:NAMED]
        yield RULE.at(doc, "/credit/limit", count=len(orders), orders=", ".join(newest))
