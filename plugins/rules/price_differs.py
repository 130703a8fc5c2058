"""A unit price is neither the customer's agreement price nor the price book's.

单价既不是客户协议价，也不是价目表价格。

## Why is this bad?

Prices are agreed or published, never invented. A price reduction belongs into `discount`, where it is seen and
compared with the salesperson's authority.

价格要么有协议，要么在价目表里，不能随意填写。让价应写在 `discount` 里，才看得见、才能核对折扣权限。

## Fails

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 10
    unit_price: 349.99  # error: price-differs
    tax_rate: 13
    amount: 3499.90
```

## Passes

The customer's agreement price of 350.00 goes before the price book's 360.00.

客户协议价 350.00 优先于价目表价 360.00。

```yaml
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: CHAIR-E1
    name: 人体工学椅
    unit: 把
    quantity: 10
    unit_price: 350.00
    tax_rate: 13
    amount: 3500.00
```

## How to fix

Use the price that the finding shows and write a reduction into `discount`; or add the agreement to the customer's
file.

使用提示中的价格，让价写入 `discount`；确有协议的，先补进客户档案的 `agreement_prices`。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl
from orderctl.money import cents

RULE = Rule(
    id="price-differs",
    on=("quotation", "order"),
    severity=Severity.ERROR,
    since="0.1",
    zh="第 {line} 行 {product} 的单价 {unit_price} 与{source_zh}的 {expected} 不一致",
    en="line {line}: {product} costs {expected} by {source_en}, not {unit_price}",
    hint_zh="填写 unit_price: {expected}，让价写入 discount",
    hint_en="write unit_price: {expected} and put a reduction into discount",
    covers=("ORD-4", "CUS-6"),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each line whose unit price isn't the agreed one on the day, else the price book's.

    The day is that of the case's accepted quotation, if there is one, else the document's own. The price book is the
    pinned one, else any in force on the day; of its prices that for the largest minimum quantity reached. Prices with
    tax are compared with prices without it to the cent. Agreements are in the company's currency and hold in no other.
    A product without a price, and a customer that isn't on file, are other rules' findings.
    """
    customer = book.doc("customer", doc["customer"])
    if customer is None:  # another rule's finding; what was agreed with whom is not known
        return
    company = book.doc("workspace", "workspace")
    home = company["currency"] if company else "CNY"
    agreements = customer.get("agreement_prices", ()) if doc.get("currency", home) == home else ()
    day = _price_day(doc, book)
    for at, line in enumerate(doc["lines"]):
        price = line["unit_price"]
        agreed = [a for a in agreements if a["product"] == line["product"] and a["from"] <= day <= a["to"]]
        if agreed:
            expected, source = {a["price"] for a in agreed}, ("客户协议价", "the customer's agreement")
        else:
            expected, source = _listed(doc, book, line, day, home), ("价目表", "the price book")
        if expected and price not in expected:
            yield RULE.at(
                doc,
                f"/lines/{at}/unit_price",
                line=line["line"],
                product=line["product"],
                unit_price=price,
                expected=min(expected),
                source_zh=source[0],
                source_en=source[1],
            )


def _price_day(doc: Document, book: Book) -> str:
    """Return the day whose prices hold."""
    accepted = [q["date"] for q in book.case(doc, "quotation") if q.get("/outcome/result") == "accepted"]
    return str(max(accepted) if accepted and doc.kind == "order" else doc["date"])


def _listed(doc: Document, book: Book, line: Any, day: str, home: str) -> set[Decimal]:
    """Return the prices that the pinned price book, or any in force, has for the line's product and quantity.

    A price book in another currency has none; ``home`` is the currency of whatever names none.
    """
    pinned = doc.get("price_book")
    best: dict[str, tuple[Decimal, Decimal]] = {}
    for row in book.where("price-book/items", product=line["product"]):
        if row["parent"] == pinned if pinned else row["from"] <= day <= row["to"]:
            least = row.get("min_quantity") or Decimal(0)
            if least <= line["quantity"] and least >= best.get(row["parent"], (0, 0))[0]:
                best[row["parent"]] = (least, row["price"])
    prices = set()
    for parent, (_, price) in best.items():
        source = book.doc("price-book", parent)
        if source is None or source.get("currency", home) != doc.get("currency", home):
            continue
        prices.add(
            _with_or_without_tax(price, 100 + Decimal(line["tax_rate"]), source["tax_included"], doc["tax_included"])
        )
    return prices


def _with_or_without_tax(price: Decimal, rate: Decimal, source: bool, wanted: bool) -> Decimal:
    """Return a price with tax as one without, or the other way round, to the cent; ``rate`` is 100 plus the percent."""
    if source == wanted:
        return price
    return cents(price * rate / 100 if wanted else price * 100 / rate)
