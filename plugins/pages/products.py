"""All products with price, stock on hand, reserved and still available to promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from orderctl import Book, Document, Page, Row, hookimpl
from orderctl.particulars import named

PAGE = Page(
    id="products", on="", since="0.1", zh="产品与库存", en="Products", file="products.html", covers=("WEB", "STK-1")
)


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return one line a product, with the prices of the newest price book that is in force or was last."""
    prices: dict[str, list[dict[str, Any]]] = {}
    for item in book.all("price-book/items"):
        if book.passed(_day_before(str(item["from"]))):
            prices.setdefault(str(item["product"]), []).append(_price(item, book))
    rows = []
    for row in book.all("product"):
        product = book.doc("product", str(row["id"]))
        if product is not None:
            rows.append(_line(product, book, prices.get(product.id, [])))
    return {"rows": rows, "categories": dict(Counter(r["category"] for r in rows))}


def _price(item: Row, book: Book) -> dict[str, Any]:
    return {
        "price": item["price"],
        "from_quantity": item.get("min_quantity") or 1,
        "book": item["parent"],
        "from": str(item["from"]),
        "currency": item.get("currency") or "",
        "ended": bool(item.get("to")) and book.passed(str(item["to"])),
    }


def _newest(prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    latest = max((p["from"] for p in prices), default="")
    return sorted((p for p in prices if p["from"] == latest), key=lambda p: (str(p["book"]), p["from_quantity"]))


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _line(product: Document, book: Book, prices: list[dict[str, Any]]) -> dict[str, Any]:
    stock = (book.fact("availability", product.id) or {}) if product.get("stocked") else {}
    return {
        "id": product.id,
        **named(product, product.id),
        "category": product["category"],
        "unit": product["unit"],
        "unit_en": product.get("unit_en", product["unit"]),
        "specifications": list(product.get("specifications", ())),
        "custom": product.get("custom", False),
        "stocked": product.get("stocked", False),
        "lead_days": product.get("lead_days"),
        "discontinued_on": product.get("discontinued_on") or "",
        "prices": _newest(prices),
        **{k: stock.get(k) for k in ("on_hand", "counted_on", "reserved", "available")},
        "short": [{k: s.get(k) for k in ("order", "due", "missing")} for s in stock.get("short", ())],
    }
