"""What nearly every paper says: company, customer, contact, person, address, lines, totals, payment. Documents in,
plain values out. A field is named here or it isn't printed, so a paper's reader sees nothing that was added later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from orderctl.hookspecs import Book
from orderctl.model import Document
from orderctl.money import LARGEST, capitals, cents, line_amount, line_tax
from orderctl.words import date_en, date_zh, number

Pair = dict[str, str]
"""A text in both languages: {"zh": …, "en": …}."""

ADDRESS = ("province", "city", "district", "street", "detail", "work_area")
INVOICE_KINDS: Mapping[str, Pair] = {
    "special-vat": {"zh": "增值税专用发票", "en": "special VAT invoice"},
    "ordinary": {"zh": "普通发票", "en": "ordinary invoice"},
    "none": {"zh": "不开票", "en": "no invoice"},
}


def letterhead(doc: Document, book: Book, audience: str) -> dict[str, Any]:
    """Return what every paper has: the company, the languages, the address of the QR symbol, and whether it is open.

    A customer's paper leads to that customer's own page or nowhere, a staff paper to the order's page.
    """
    workspace = book.doc("workspace", "workspace")
    company = workspace["company"] if workspace else {}
    bank = company.get("bank") or {}
    url = ""
    if workspace and audience == "customer":
        customer = str(doc.get("customer", ""))
        url = str(workspace.get("customer_url", "")).replace("{case}", doc.case).replace("{customer}", customer)
    elif workspace and workspace.get("site_url"):
        url = str(workspace["site_url"]).rstrip("/") + f"/orders/{doc.case}.html"
    return {
        "open": _is_open(doc, book),
        "company": {key: str(company.get(key, "")) for key in ("name", "code", "address", "phone", "email")}
        | {f"{key}_en": _english(company, key) for key in ("name", "address")}
        | {"bank": str(bank.get("name", "")), "account": str(bank.get("account", ""))},
        "languages": [str(language) for language in (workspace["languages"] if workspace else ("zh", "en"))],
        "url": url,
    }


def _is_open(doc: Document, book: Book) -> bool:
    """Tell whether the case is still under way: a build makes a closed one's papers only when asked to."""
    status = book.fact("status", doc.case)
    return status is None or str(status["status"]) not in ("closed", "cancelled", "rejected")


def party(book: Book, customer: str, contact: str = "") -> dict[str, Any]:
    """Return the customer's name, code and the person to talk to there (name, title, phone, e-mail)."""
    doc = book.doc("customer", customer)
    people = doc.get("contacts", ()) if doc else ()
    found: Mapping[str, Any] = next((p for p in people if p["id"] == contact), {})
    return {
        "id": customer,
        "name": str(doc["name"]) if doc else customer,
        "name_en": _english(doc),
        "code": str(doc.get("code", "")) if doc else "",
        "contact": {key: str(found.get(key, "")) for key in ("name", "title", "phone", "email")},
    }


def _english(value: Mapping[str, Any] | Document | None, key: str = "name") -> str:
    """Return the English name (or address), "" if there is none but the one that is printed anyway."""
    english = str(value.get(f"{key}_en", "")) if value else ""
    return "" if value and english == value.get(key) else english


def named(entry: Mapping[str, Any] | Document | None, id: str) -> Pair:
    """Return what a person, customer or product is called: its Chinese name if it has no English one, else ``id``."""
    zh = str(entry["name"]) if entry else id
    return {"zh": zh, "en": str(entry.get("name_en", zh)) if entry else zh}


def people(book: Book) -> dict[str, Mapping[str, Any]]:
    """Return the entries of policy/people.yaml by id, in their order there."""
    document = book.doc("people", "people")
    return {entry["id"]: entry for entry in document["people"]} if document else {}


def names(book: Book, ids: Collection[str]) -> Pair:
    """Return what these people are called, as one enumeration; nobody is a word too."""
    found = [named(entry, id) for id, entry in people(book).items() if id in ids]
    return {"zh": "、".join(n["zh"] for n in found) or "无", "en": ", ".join(n["en"] for n in found) or "nobody"}


def person(book: Book, id: str) -> dict[str, str]:
    """Return name, title, phone and e-mail of one of the company's people; the id alone if unknown."""
    found = people(book).get(id, {})
    fields = {key: str(found.get(key, "")) for key in ("name", "name_en", "title", "title_en", "phone", "email")}
    return fields | {"id": id, "name": fields["name"] or id}


def address(value: Mapping[str, Any]) -> str:
    """Return an address on one line, as it is written in Chinese: from the province down, a municipality once.

    One in another country goes the other way: 135 Main Street, 10623 Berlin, DE.
    """
    parts = [str(value.get(key) or "") for key in ADDRESS]
    if parts[0] == parts[1]:
        parts[0] = ""
    postcode, country = (str(value.get(key) or "") for key in ("postcode", "country"))
    if country not in ("", "CN"):
        province, city, district, street, detail, work_area = parts
        places = (work_area, f"{street} {detail}".strip(), district, f"{postcode} {city}".strip(), province, country)
        return ", ".join(filter(None, places))
    parts.append(postcode)
    text = ""
    for part in parts:
        gap = " " if text and part and (text[-1].isascii() or part[0].isascii()) else ""
        text += gap + part
    return text


def payment(value: Mapping[str, Any] | None) -> Pair:
    """Return payment terms as a sentence part; both texts empty if there are none, an unknown term as it is written."""
    terms = str(value.get("terms", "")) if value else ""
    days = value.get("days") if value else None
    first = Decimal(value.get("prepaid_percent") or 0) if value else Decimal(0)
    percent, rest = number(first), number(100 - first)
    sentences = {
        "prepaid": ("全款预付", "paid in advance"),
        "on-delivery": ("货到付款", "paid on delivery"),
        "monthly": (
            f"月结 {days} 天" if days else "月结",
            f"monthly account, {days} days" if days else "monthly account",
        ),
        "split": (
            f"预付 {percent}%，余款 {rest}% 货到付清",
            f"{percent}% in advance, {rest}% on delivery",
        ),
    }
    zh, en = sentences.get(terms, (terms, terms))
    return {"zh": zh, "en": en}


def invoice(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the invoice details, all keys present; ``kind`` in both languages."""
    given = value or {}
    kind = str(given.get("kind", ""))
    fields = {key: str(given.get(key, "")) for key in ("title", "tax_number", "address", "phone", "bank", "account")}
    return fields | {"kind": dict(INVOICE_KINDS.get(kind, {"zh": kind, "en": kind}))}


def rows(book: Book, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of a quotation or order for the line table, with the product's English name and unit."""
    return [_row(book, line) for line in lines]


def _row(book: Book, line: Mapping[str, Any]) -> dict[str, Any]:
    product = book.doc("product", str(line.get("product", "")))
    discount = line.get("discount") or Decimal(0)
    amount = line.get("amount")
    if amount is None:
        amount = line_amount(line["quantity"], line["unit_price"], discount)
    return {
        "line": line["line"],
        "product": str(line.get("product", "")),
        "name": str(line["name"]),
        "name_en": _english(product),
        "detail": "，".join(str(line[key]) for key in ("specification", "colour", "remarks") if line.get(key)),
        "unit": str(line["unit"]),
        "unit_en": str(product.get("unit_en", "")) if product else "",
        "quantity": line["quantity"],
        "unit_price": line["unit_price"],
        "discount": discount,
        "tax_rate": line["tax_rate"],
        "amount": amount,
    }


def totals(doc: Document, book: Book, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return currency, goods, tax, total and the total in capitals ("" unless CNY, or if there are no words for it).

    What the document claims comes first; what it leaves out is computed, so that a paper never lacks its total.
    ``rates`` are the tax rates in use; with one rate the line table needs no column for it.
    """
    workspace = book.doc("workspace", "workspace")
    currency = str(doc.get("currency") or (workspace["currency"] if workspace else "CNY"))
    included = bool(doc["tax_included"])
    goods = cents(sum((Decimal(row["amount"]) for row in lines), Decimal(0)))
    tax = doc.get("tax")
    if tax is None:
        tax = cents(sum((line_tax(row["amount"], row["tax_rate"], included) for row in lines), Decimal(0)))
    total = doc.get("total")
    if total is None:
        total = goods if included else cents(goods + Decimal(tax))
    return {
        "currency": currency,
        "included": included,
        "rates": sorted({Decimal(row["tax_rate"]) for row in lines}),
        "discounted": any(row["discount"] for row in lines),
        "goods": goods,
        "tax": tax,
        "total": total,
        "capitals": _capitals(doc, total) if currency == "CNY" else "",
    }


def _capitals(doc: Document, total: Decimal) -> str:
    """Return the stated or computed capitals: a total that can't be is a rule's finding, and no reason not to print."""
    return str(doc.get("total_capitals") or (capitals(total) if 0 <= total <= LARGEST else ""))


def deadline(value: Mapping[str, Any] | None) -> Pair:
    """Return when something is wanted: by a date, within working days, or between dates, with the time window."""
    given = value or {}
    zh = en = ""
    if given.get("by"):
        zh, en = f"{date_zh(given['by'])}前", f"by {date_en(given['by'])}"
    elif given.get("working_days"):
        zh, en = f"{given['working_days']} 个工作日内", f"within {given['working_days']} working days"
    elif given.get("from") and given.get("to"):
        zh = f"{date_zh(given['from'])}至{date_zh(given['to'])}"
        en = f"between {date_en(given['from'])} and {date_en(given['to'])}"
    window = str(given.get("window", "")).replace("-", "–")
    return {"zh": f"{zh} {window}".strip(), "en": f"{en}, {window}".strip(", ")}
