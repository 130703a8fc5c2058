"""What a customer has bought so far, never typed: orders, total, products, complaints, praise, group.

客户历史：订单数、累计金额、产品、投诉与好评、客户分组，全部由订单计算得出。

Groups by frequency, amount and recency: prospect 潜在 (nothing bought), dormant 沉睡 (nothing for a year),
key 重点 (12 orders or 500,000.00 in all), new 新客户 (one order), regular 常规 (the others).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="history", on="customer", since="0.1", index=("group",), needs=("purchase",), covers=("CUS-5", "CUS-7"))

DORMANT_DAYS = 365
KEY_ORDERS = 12
KEY_TOTAL = 500000


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any]:
    """Return the customer's record; ``total`` counts orders in the company's currency only."""
    company = book.doc("workspace", "workspace")
    currency = company["currency"] if company else "CNY"
    bought = book.where("purchase", customer=doc.id)
    days = sorted(row["date"] for row in bought)
    total = sum((row["total"] for row in bought if row["currency"] == currency), Decimal("0.00"))
    return {
        "orders": len(bought),
        "total": total,
        "first": days[0] if days else "",
        "last": days[-1] if days else "",
        "products": sorted({product for row in bought for product in row["products"]}),
        "complaints": sum(row["complaints"] for row in bought),
        "praise": sum(row["praise"] for row in bought),
        "group": _group(len(bought), total, days[-1], book) if days else "prospect",
    }


def _group(orders: int, total: Decimal, last: str, book: Book) -> str:
    if book.passed((date.fromisoformat(last) + timedelta(days=DORMANT_DAYS)).isoformat()):
        return "dormant"
    if orders >= KEY_ORDERS or total >= KEY_TOTAL:
        return "key"
    return "new" if orders == 1 else "regular"
