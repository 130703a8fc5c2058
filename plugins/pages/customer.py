"""The page of one customer, for staff: who to call, what to heed, what was bought, how much credit is left."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Page, hookimpl
from orderctl.particulars import address, named, people

PAGE = Page(
    id="customer", on="customer", since="0.1", zh="客户", en="Customer", file="customers/{id}.html",
    covers=("WEB", "CUS-1", "CUS-2", "CUS-5", "CUS-6"),
)  # fmt: skip

CONTACT = ("name", "title", "phone", "email", "part", "main", "backup")
ORDER = ("id", "date", "due", "kind", "status", "total", "currency", "late", "urgent")
MOST = 100
"""Orders on the page; the list of all orders, filtered by the customer, has the rest."""
SEVERITY = ("error", "warning", "info")
FINDING = ("rule", "severity", "path", "line", "zh", "en", "hint_zh", "hint_en")


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return the customer's card, history and orders. ``used`` is the share of the credit limit in whole percent."""
    if doc is None:
        return None
    orders = sorted(book.where("status", customer=doc.id), key=lambda o: (str(o["date"]), o["id"]), reverse=True)
    return {
        "id": doc.id,
        "zh": doc["name"],
        "en": doc.get("name_en", ""),
        "kind": doc["kind"],
        "code": doc.get("code", ""),
        "registration": {k: doc.get(f"/registration/{k}", "") for k in ("country", "authority", "number")},
        "industry": doc.get("/industry/name", ""),
        "headcount": doc.get("headcount"),
        "business": doc.get("business", ""),
        "founded": doc.get("founded", ""),
        "legal_representative": doc.get("legal_representative", ""),
        "address": address(doc.get("registered_address", {})),
        "addresses": [
            {"text": address(a), "receiver": a.get("receiver", ""), "phone": a.get("phone", "")}
            for a in doc.get("delivery_addresses", ())
        ],
        "contacts": [{k: c.get(k, "") for k in CONTACT} for c in doc.get("contacts", ())],
        "standing": [
            {"zh": s["zh"], "en": s.get("en", s["zh"]), "applies_to": s.get("applies_to", "")}
            for s in doc.get("standing_requirements", ())
        ],
        "agreements": [_agreement(a, book) for a in doc.get("agreement_prices", ())],
        "credit": _credit(doc, book),
        "overdue": [_overdue(o, book) for o in doc.get("overdue", ())],
        "history": _history(doc, book),
        "orders": [{k: o.get(k) for k in ORDER} for o in orders[:MOST]],
        "order_count": len(orders),
        "inquiries": [
            {k: i.get(k) for k in ("id", "received_at", "status", "case")}
            for i in book.where("inquiry", customer=doc.id)
            if i["status"] != "ordered"
        ],
        "log": _log(doc, people(book)),
        "filed_on": doc.get("filed_on", ""),
        "confirmed_on": doc.get("/confirmation/on", ""),
        "licence": {k: doc.get(f"/licence/{k}", "") for k in ("file", "verified_on", "register")},
        "remarks": doc.get("remarks", ""),
        "path": doc.path,
        "findings": _findings(doc, book),
    }


def _findings(doc: Document, book: Book) -> list[dict[str, Any]]:
    """What was found in this card, worst first."""
    found = sorted(
        book.where("finding", unit=doc.unit), key=lambda f: (SEVERITY.index(f["severity"]), f["line"], f["rule"])
    )
    return [{k: f[k] for k in FINDING} for f in found]


def _log(doc: Document, staff: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Talks with the customer and reviews of its data in one list, newest first; a review has no ``how``."""
    entries = [*doc.get("contact_log", ()), *doc.get("reviews", ())]
    return [
        {
            "on": e["on"],
            "who": named(staff.get(e["by"]), e["by"]),
            "how": e.get("how", ""),
            "note": e.get("note", ""),
        }
        for e in sorted(entries, key=lambda e: str(e["on"]), reverse=True)
    ]


def _agreement(price: Mapping[str, Any], book: Book) -> dict[str, Any]:
    product = book.doc("product", price["product"])
    name = {"product": price["product"], "known": product is not None, **named(product, price["product"])}
    return name | {"price": price["price"], "from": price.get("from", ""), "to": price.get("to", "")}


def _overdue(row: Mapping[str, Any], book: Book) -> dict[str, Any]:
    shown = {k: row.get(k, "") for k in ("order", "amount", "due_on", "settled_on", "reason")}
    return shown | {"known": book.fact("status", str(row.get("order", ""))) is not None}


def _credit(doc: Document, book: Book) -> dict[str, Any]:
    """Exposure beside the limit; the bar ends at 100 although the words tell the true share."""
    exposure = book.fact("exposure", doc.id) or {}
    owed, limit = Decimal(exposure.get("owed") or 0), Decimal(exposure.get("limit") or doc.get("/credit/limit") or 0)
    used = int(owed * 100 / limit) if limit else 100 if owed else 0
    keys = ("grade", "terms", "days")
    return {k: doc.get(f"/credit/{k}") for k in keys} | {
        "owed": owed,
        "limit": limit,
        "used": used,
        "bar": min(used, 100),
        "over": owed > limit,
        "orders": list(exposure.get("orders", ())),
    }


def _history(doc: Document, book: Book) -> dict[str, Any]:
    history = book.fact("history", doc.id) or {}
    keys = ("orders", "total", "first", "last", "complaints", "praise", "group")
    products = []
    for id in history.get("products", ()):
        product = book.doc("product", id)
        products.append({"id": id, "known": product is not None, **named(product, id)})
    return {k: history.get(k) for k in keys} | {"products": products}
