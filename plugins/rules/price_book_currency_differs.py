"""A document is in another currency than the price book that it was priced from.

单据币种与所用价目表的币种不一致。

## Why is this bad?

Prices of 820 yuan and 820 dollars look alike. Mixed up, an order is charged seven times too much or too little.

820 元和 820 美元写出来差不多，弄混了，订单就会多收或少收数倍。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
currency: USD  # error: price-book-currency-differs
```

## Passes

```yaml
# orders/2024/05/OD2024050012/order.yaml
currency: CNY
```

## How to fix

Use a price book in the order's currency, or correct the currency.

改用与订单币种相同的价目表，或改正币种。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="price-book-currency-differs",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="单据币种为 {currency}，价目表 {price_book} 的币种为 {expected}",
    en="the document is in {currency}, price book {price_book} in {expected}",
    hint_zh="改用 {currency} 的价目表，或改正币种",
    hint_en="use a price book in {currency}, or correct the currency",
    covers=("ORD-4", "ORD-14"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the currencies differ; either defaults to the workspace's."""
    pinned = doc.get("price_book")
    prices = book.doc("price-book", pinned) if pinned else None
    if prices is None or doc.get("currency") == prices.get("currency"):
        return
    company = book.doc("workspace", "workspace")
    default = company["currency"] if company else "CNY"
    currency, expected = doc.get("currency", default), prices.get("currency", default)
    if currency != expected:
        pointer = "/currency" if "currency" in doc else "/price_book"
        yield RULE.at(doc, pointer, currency=currency, price_book=pinned, expected=expected)
