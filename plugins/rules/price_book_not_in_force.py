"""A document is priced from a price book that isn't in force on its date.

单据使用的价目表在单据日期当天无效。

## Why is this bad?

Last year's prices on this year's order: either the customer pays too much, or the company sells below its price
without anybody's approval.

今年的订单用了去年的价格：不是客户多付了，就是公司未经批准低价卖了。

## Fails

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
price_book: PB2024  # error: price-book-not-in-force
date: 2025-01-01
```

## Passes

An order may keep the price book of the quotation that the customer accepted.

订单可以沿用客户已接受的报价单所用的价目表。

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
price_book: PB2024
date: 2024-12-31
---
# orders/2024/05/OD2024050012/order.yaml
price_book: PB2024
date: 2025-01-06
delivery:
  due: 2025-01-20
```

## How to fix

Name the price book in force on that date and take the prices from it.

改用当天有效的价目表，并按其价格填写。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="price-book-not-in-force",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="价目表 {price_book} 的有效期为 {start} 至 {end}，不含 {date}",
    en="price book {price_book} holds from {start} to {end}, not on {date}",
    hint_zh="改用 {date} 当天有效的价目表",
    hint_en="use the price book in force on {date}",
    covers=("ORD-4",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the pinned price book doesn't hold on the document's date.

    For an order, the date of an accepted quotation from the same price book will do.
    """
    pinned = doc.get("price_book")
    prices = book.doc("price-book", pinned) if pinned else None
    if prices is None or prices["from"] <= doc["date"] <= prices["to"]:
        return
    if doc.kind == "order":
        for quotation in book.case(doc, "quotation"):
            if (
                quotation.get("/outcome/result") == "accepted"
                and quotation.get("price_book") == pinned
                and prices["from"] <= quotation["date"] <= prices["to"]
            ):
                return
    yield RULE.at(doc, "/price_book", price_book=pinned, start=prices["from"], end=prices["to"], date=doc["date"])
