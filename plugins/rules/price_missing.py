"""A product has no price in the price book and no agreement.

商品在价目表中没有价格，客户也没有协议价。

## Why is this bad?

Nothing says what the product costs, so nobody can check the price. For custom goods that may be right: the quotation
then is the only basis of the price.

没有任何依据说明该商品的价格，也就无从核对。定制商品可能确实如此，这时报价单是唯一的价格依据。

## Fails

```yaml
# catalog/prices/PB2024.yaml
prices:
  - {product: CHAIR-E1, price: 360.00, min_quantity: 1}
---
# orders/2024/05/OD2024050012/order.yaml
lines:
  - line: 1
    product: DESK-W120  # warning: price-missing
    name: 胡桃木实木办公桌（定制）
    unit: 台
    quantity: 10
    unit_price: 820.00
    tax_rate: 13
    amount: 8200.00
```

## Passes

```yaml
# catalog/prices/PB2024.yaml
prices:
  - {product: CHAIR-E1, price: 360.00, min_quantity: 1}
  - {product: DESK-W120, price: 820.00, min_quantity: 1}
```

## How to fix

Add the price to the price book in force, or the agreement to the customer's file.

在有效的价目表中补充价格，或在客户档案中补充协议价。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="price-missing",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="第 {line} 行 {product} × {quantity} 没有价目表价格，也没有协议价",
    en="line {line}: {product} × {quantity} has neither a price in the price book nor an agreement",
    hint_zh="在价目表中补充 {product} 的价格，或在客户档案中补充协议价",
    hint_en="add {product} to the price book, or an agreement price to the customer's file",
    covers=("ORD-4",),
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each line whose product has no price for its quantity, on the order's or quotation's day.

    Prices in another currency are none, but for those of the pinned price book: that is another rule's finding.
    """
    accepted = [q["date"] for q in book.case(doc, "quotation") if q.get("/outcome/result") == "accepted"]
    day, pinned = max(accepted, default=doc["date"]), doc.get("price_book")
    customer = book.doc("customer", doc["customer"])
    company = book.doc("workspace", "workspace")
    home = company["currency"] if company else "CNY"
    currency = doc.get("currency", home)
    agreements = customer.get("agreement_prices", ()) if customer and currency == home else ()
    agreed = {a["product"] for a in agreements if a["from"] <= day <= a["to"]}
    for at, line in enumerate(doc["lines"]):
        product, quantity = line["product"], line["quantity"]
        if product in agreed:
            continue
        rows = book.where("price-book/items", product=product)
        if not any(
            (row.get("min_quantity") or 0) <= quantity
            and (
                row["parent"] == pinned
                if pinned
                else row["from"] <= day <= row["to"] and (row["currency"] or home) == currency
            )
            for row in rows
        ):
            yield RULE.at(doc, f"/lines/{at}/product", line=line["line"], product=product, quantity=quantity)
