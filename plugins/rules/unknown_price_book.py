"""A document is priced from a price book that doesn't exist.

单据引用了不存在的价目表。

## Why is this bad?

The price book pins the prices that an order was made from. If it can't be found, nobody can tell later whether the
prices were right.

价目表固定了订单定价的依据。找不到价目表，事后就无法核对价格是否正确。

## Fails

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
price_book: PB2042  # error: unknown-price-book
```

## Passes

```yaml
# orders/2024/05/OD2024050012/quotation-1.yaml
price_book: PB2024
```

## How to fix

Name the price book that is in force on the document's date; they lie in `catalog/prices/`.

填写单据日期当天有效的价目表，价目表存放在 `catalog/prices/`。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="unknown-price-book",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="没有价目表 {price_book}",
    en="there is no price book {price_book}",
    hint_zh="最接近的是 {nearest}",
    hint_en="the nearest is {nearest}",
    covers=("ORD-4",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding if the pinned price book doesn't exist."""
    pinned = doc.get("price_book")
    if pinned is None or book.doc("price-book", pinned) is not None:
        return
    from difflib import get_close_matches

    known = [row["id"] for row in book.all("price-book")]
    nearest = get_close_matches(pinned, known, 1, 0)[0] if known else "–"
    yield RULE.at(doc, "/price_book", price_book=pinned, nearest=nearest)
