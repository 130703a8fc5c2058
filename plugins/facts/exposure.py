"""What a customer would owe if all open orders were delivered today, beside the limit they were given.

客户信用占用：所有未结订单扣除预付后的金额合计，与信用额度对照。

A customer without credit has the limit 0. Orders in another currency than the company's can't be added; they are
named in ``other_currency``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="exposure", on="customer", since="0.1", needs=("commitment",), covers=("ORD-5", "CUS-6", "ORD-14"))


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any]:
    """Return the customer's record, money in the company's currency."""
    company = book.doc("workspace", "workspace")
    currency = company["currency"] if company else "CNY"
    open_orders = [row for row in book.where("commitment", customer=doc.id) if row["amount"]]
    summed = [row for row in open_orders if row["currency"] == currency]
    return {
        "owed": sum((row["amount"] for row in summed), Decimal("0.00")),
        "limit": doc.get("/credit/limit", Decimal("0.00")),
        "orders": [row["order"] for row in summed],
        "other_currency": [row["order"] for row in open_orders if row["currency"] != currency],
    }
