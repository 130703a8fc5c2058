"""A document names a product that isn't in the catalog.

单据引用了商品目录中没有的商品。

## Why is this bad?

Price, unit, tax rate, lead time and handling come from the catalog. A line without a product can be neither priced,
reserved nor packed.

价格、单位、税率、交期和搬运要求都来自商品目录。目录里没有的商品，无法定价、占库存，也无法备货。

## Fails

```yaml
# stock/counts/2024-05-01-main.yaml
rows:
  - {product: CHAIR-E2, quantity: 120, location: A-01}  # error: unknown-product
```

## Passes

```yaml
# stock/counts/2024-05-01-main.yaml
rows:
  - {product: CHAIR-E1, quantity: 120, location: A-01}
```

## How to fix

Correct the SKU, or add the product in `catalog/products/<SKU>.yaml`.

改正 SKU，或先在 `catalog/products/<SKU>.yaml` 中添加该商品。
"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="unknown-product",
    on=("requirement", "quotation", "order", "price-book", "stock-count", "customer"),
    severity=Severity.ERROR,
    since="0.1",
    zh="商品目录中没有 {product}",
    en="product {product} is not in the catalog",
    hint_zh="最接近的是 {nearest}",
    hint_en="the nearest is {nearest}",
    covers=("ORD-3",),
)

LISTS = {
    "requirement": "items",
    "quotation": "lines",
    "order": "lines",
    "price-book": "prices",
    "stock-count": "rows",
    "customer": "agreement_prices",
}
"""Where each kind names products, one in each entry."""


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Yield a finding for each entry whose product does not exist; an entry without one (a wish in words) passes."""
    name = LISTS[doc.kind]
    for at, entry in enumerate(doc.get(name) or ()):
        product = entry.get("product")
        if product is not None and book.doc("product", product) is None:
            yield RULE.at(doc, f"/{name}/{at}/product", product=product, nearest=_nearest(book, product))


def _nearest(book: Book, wanted: str) -> str:
    """Return SKU and name of the product whose SKU or name is most like ``wanted``, "–" if there are none."""
    from difflib import get_close_matches

    known = {}
    for row in book.all("product"):
        known[row["id"]] = known[row["name"]] = f"{row['id']} {row['name']}"
    return known[get_close_matches(wanted, known, 1, 0)[0]] if known else "–"
