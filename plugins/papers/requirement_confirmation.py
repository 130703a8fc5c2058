"""《产品/服务需求确认单》: what the customer needs, in measurable words, for both sides to sign.

Made from the requirement. It opens with the sentence to send for confirmation: 「您需要的是…，对吗？」.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Paper, hookimpl
from orderctl.particulars import address, deadline, invoice, letterhead, party, payment, person
from orderctl.words import money, number

PAPER = Paper(
    id="requirement-confirmation", on="requirement", since="0.1",
    zh="产品/服务需求确认单", en="Requirement Confirmation", file="{case}/requirement-confirmation.pdf",
    covers=("PAP", "REQ-1", "REQ-3"),
)  # fmt: skip

MARK = {"zh": "未成交", "en": "NOT PURSUED"}


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return the sheet's fields: who, what, why, how many, when, where, and how it was confirmed."""
    if doc is None:
        return None
    where = doc.get("where") or {}
    items = [_item(item, book) for item in doc["items"]]
    fields = {
        "items": items,
        "why": str(doc.get("why", "")),
        "when": deadline(doc.get("when")),
        "where": {"address": address(where) if where else ""}
        | {k: str(where.get(k, "")) for k in ("receiver", "phone")},
        "budget": _budget(doc, book),
        "payment": payment(doc.get("payment")),
        "invoice": invoice(doc.get("invoice")),
        "special": str(doc.get("special", "")),
    }
    return letterhead(doc, book, "customer") | fields | {
        "number": str(doc["number"]),
        "revision": None,
        "mark": MARK if doc.get("/outcome/result") == "lost" else None,
        "received_at": str(doc["received_at"]),
        "channel": str(doc["channel"]),
        "respond_by": str(doc.get("respond_by", "")),
        "customer": party(book, str(doc["customer"]), str(doc.get("contact", ""))),
        "salesperson": person(book, str(doc["salesperson"])),
        "sentence": _sentence(fields),
        "attachments": [
            {"title": str(a.get("title") or a["file"].rpartition("/")[2]), "sha256": str(a["sha256"])}
            for a in doc.get("attachments", ())
        ],
        "confirmation": _confirmation(doc, book),
        "signed_by": person(book, str(doc["signed_by"]))["name"] if doc.get("signed_by") else "",
        "signed_on": str(doc.get("signed_on", "")),
    }  # fmt: skip


def _item(item: Mapping[str, Any], book: Book) -> dict[str, Any]:
    product = book.doc("product", str(item["product"])) if item.get("product") else None
    return {
        "line": item["line"],
        "product": str(item.get("product", "")),
        "what": str(item["what"]),
        "what_en": str(product.get("name_en", "")) if product else "",
        "specification": str(item.get("specification", "")),
        "colour": str(item.get("colour", "")),
        "quantity": item["quantity"],
        "unit": str(item.get("unit", "")),
        "unit_en": str(product.get("unit_en", "")) if product else "",
    }


def _budget(doc: Document, book: Book) -> dict[str, str]:
    """Return the budget range in both languages, "" where none was named."""
    budget = doc.get("budget") or {}
    low, high = budget.get("from"), budget.get("to")
    workspace = book.doc("workspace", "workspace")
    currency = str(doc.get("currency") or (workspace["currency"] if workspace else "CNY"))
    if low is not None and high is not None:
        both = f"{money(low, currency)}–{money(high)}"
        return {"zh": both, "en": both}
    if high is not None:
        return {"zh": f"不超过 {money(high, currency)}", "en": f"up to {money(high, currency)}"}
    if low is not None:
        return {"zh": f"{money(low, currency)} 起", "en": f"from {money(low, currency)}"}
    return {"zh": "", "en": ""}


def _confirmation(doc: Document, book: Book) -> dict[str, str] | None:
    given = doc.get("confirmation")
    if not given:
        return None
    contact = party(book, str(doc["customer"]), str(given.get("by", "")))["contact"]
    how = str(given.get("how", ""))
    return {"on": str(given["on"]), "by": contact["name"] or str(given.get("by", "")), "how": how}


def _sentence(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentence that asks the customer whether all was understood, ready to send."""
    where, budget, terms, kind = fields["where"], fields["budget"], fields["payment"], fields["invoice"]["kind"]
    place = where["address"]
    zh = ["；".join(_thing(item, "zh") for item in fields["items"])]
    en = ["; ".join(_thing(item, "en") for item in fields["items"])]
    if place or fields["when"]["zh"]:
        receiver = (
            (f"，由{where['receiver']}签收", f", received by {where['receiver']}") if where["receiver"] else ("", "")
        )
        zh.append(fields["when"]["zh"] + (f"送到{place}" if place else "交付") + receiver[0])
        en.append(
            " ".join(p for p in ("delivered", f"to {place}" if place else "", fields["when"]["en"]) if p) + receiver[1]
        )
    for text_zh, text_en in (
        (fields["special"], fields["special"]),
        (budget["zh"] and f"预算 {budget['zh']}", budget["en"] and f"budget {budget['en']}"),
        (terms["zh"], terms["en"]),
        (kind["zh"] and (kind["zh"] if kind["en"] == "no invoice" else f"开具{kind['zh']}"), kind["en"]),
    ):
        zh += [text_zh] if text_zh else []
        en += [text_en] if text_en else []
    return {"zh": f"您需要的是：{'；'.join(zh)}，对吗？", "en": f"You need: {'; '.join(en)}. Is that right?"}


def _thing(item: Mapping[str, Any], language: str) -> str:
    """Return one item: name, specification and colour in brackets, quantity with its unit."""
    features = [item[key] for key in ("specification", "colour") if item[key]]
    amount = number(item["quantity"])
    if language == "zh":
        return (
            str(item["what"])
            + (f"（{'，'.join(features)}）" if features else " ")
            + f"{amount} {item['unit']}".rstrip()
        )
    named = item["what_en"] or item["what"]
    return f"{amount} × {named}" + (f" ({', '.join(features)})" if features else "")
