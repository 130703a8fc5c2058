"""《订单确认函》: what both sides agreed, for the customer to sign and send back.

Made from the order, its customer and salesperson. An order that isn't approved, or no longer runs, says so across the
page. Internal fields (remarks, approvals, who entered it, credit) are not among what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Paper, hookimpl
from orderctl.particulars import address, invoice, letterhead, party, payment, person, rows, totals

PAPER = Paper(
    id="order-confirmation", on="order", since="0.1", zh="订单确认函", en="Order Confirmation",
    file="{id}/order-confirmation.pdf", covers=("PAP", "ORD-1", "ORD-6", "ORD-9"),
)  # fmt: skip

MARKS = {
    "draft": {"zh": "草稿", "en": "DRAFT"},
    "submitted": {"zh": "待批准", "en": "NOT YET APPROVED"},
    "rejected": {"zh": "未通过", "en": "NOT APPROVED"},
    "on-hold": {"zh": "暂缓执行", "en": "ON HOLD"},
    "cancelled": {"zh": "已取消", "en": "CANCELLED"},
}


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return the letter's fields. ``mark`` is what must stand across it, or None."""
    if doc is None:
        return None
    lines = rows(book, doc["lines"])
    status = book.fact("status", doc.id) or {}
    return letterhead(doc, book, "customer") | {
        "number": str(doc["number"]),
        "revision": doc["revision"],
        "mark": MARKS.get(str(status.get("status", "draft"))),
        "date": str(doc["date"]),
        "customer_number": str(doc.get("customer_number", "")),
        "urgent": bool(doc.get("urgent")),
        "kind": str(doc["kind"]),
        "customer": party(book, str(doc["customer"]), str(doc.get("contact", ""))),
        "salesperson": person(book, str(doc["salesperson"])),
        "lines": lines,
        "totals": totals(doc, book, lines),
        "payment": payment(doc["payment"]),
        "invoice": invoice(doc.get("invoice")),
        "delivery": _delivery(doc["delivery"]),
        "standing": _standing(doc, book),
        "repeats": str(doc.get("repeats", "")),
        "differences": [_pair(d) for d in doc.get("differences", ())],
        "service": _service(doc, book),
    }


def _delivery(delivery: Mapping[str, Any]) -> dict[str, str]:
    fields = ("due", "method", "receiver", "phone", "backup_phone", "wishes")
    return {key: str(delivery.get(key, "")) for key in fields} | {
        "window": str(delivery.get("window", "")).replace("-", "–"),
        "address": address(delivery["address"]) if delivery.get("address") else "",
    }


def _standing(doc: Document, book: Book) -> list[dict[str, str]]:
    """Return the texts of the customer's standing requirements that apply to this order."""
    customer = book.doc("customer", str(doc["customer"]))
    wanted = set(doc.get("standing_requirements", ()))
    return [_pair(s) for s in (customer.get("standing_requirements", ()) if customer else ()) if s["id"] in wanted]


def _service(doc: Document, book: Book) -> dict[str, Any] | None:
    service = doc.get("service")
    if not service:
        return None
    someone = person(book, str(service["person"])) if service.get("person") else {"name": "", "phone": ""}
    return {key: str(service.get(key, "")) for key in ("content", "appointment", "place")} | {
        "hours": service.get("hours"),
        "person": someone["name"],
        "phone": someone["phone"],
    }


def _pair(value: Mapping[str, Any]) -> dict[str, str]:
    return {"zh": str(value["zh"]), "en": str(value.get("en", ""))}
