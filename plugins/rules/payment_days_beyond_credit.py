"""Payment is due later than the customer's credit days allow.

账期超过客户获准的信用天数。

## Why is this bad?

Every day of payment is money lent. Thirty days agreed, sixty written: the second month was approved by nobody.

账期每多一天，就是多垫一天资金。批准 30 天，写成 60 天，多出的一个月没有人批过。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
payment: {terms: monthly, days: 31}  # error: payment-days-beyond-credit
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
payment: {terms: monthly, days: 30}
```

## How to fix

Shorten the days, or have finance extend `credit.days` in the customer's file.

缩短账期，或请财务放宽客户档案中的 `credit.days`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="payment-days-beyond-credit",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="账期 {days} 天，客户 {customer} 最多 {most} 天",
    en="payment in {days} days, customer {customer} has {most} at most",
    hint_zh="改为 days: {most} 或更短",
    hint_en="write days: {most} or less",
    covers=("ORD-5", "FIN-1"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the payment days exceed the customer's. Terms without credit are another rule's finding."""
    days = doc.get("/payment/days")
    customer = book.doc("customer", doc["customer"]) if days else None
    most = customer.get("/credit/days") if customer else None
    if most is not None and days > most:
        yield RULE.at(doc, "/payment/days", days=days, customer=doc["customer"], most=most)
