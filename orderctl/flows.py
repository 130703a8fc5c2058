"""Which approval flow a document takes, and in which order its stages come: data in, a flow of the policy out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from orderctl.hookspecs import Book
from orderctl.model import Document
from orderctl.money import line_amount, line_tax

CURRENCY = "CNY"
"""Of a company that states none."""


def choose(subject: Document, book: Book) -> Mapping[str, Any] | None:
    """Return the first flow for this kind of document whose conditions all hold, or None."""
    policy = book.doc("flows", "flows")
    return choose_from(policy["flows"] if policy else (), subject, book)


def choose_from(flows: Iterable[Mapping[str, Any]], subject: Document, book: Book) -> Mapping[str, Any] | None:
    """Return the first of ``flows`` that fits: what ``choose`` does, with flows that aren't in force."""
    return next((flow for flow in flows if fits(flow, subject, book)), None)


def fits(flow: Mapping[str, Any], subject: Document, book: Book) -> bool:
    """Tell whether a flow is for this kind of document and all its conditions hold.

    A total that isn't known, or is in another currency than the company's, is below no limit and above every one.
    What a document or its customer doesn't state holds for no condition that names values of it.
    """
    if flow["subject"] != subject.kind:
        return False
    when = flow.get("when") or {}
    return not when or all(_holds(name, value, subject, book) for name, value in when.items())


def _holds(name: str, wanted: Any, subject: Document, book: Book) -> bool:
    """Tell whether one condition holds; one that nobody knows doesn't."""
    if name in ("total_below", "total_from"):
        total = total_at_home(subject, book)
        below = name == "total_below"
        return bool(total is not None and total < wanted) if below else bool(total is None or total >= wanted)
    if name == "urgent":
        return bool(subject.get("urgent", False) == wanted)
    if name == "dated_from":
        return bool(str(subject.get("date", "")) >= wanted)
    if name == "discount_above":
        return bool(largest_discount(subject) > wanted)
    if name == "kinds":
        return subject.get("kind") in wanted
    if name == "terms":
        return subject.get("/payment/terms") in wanted
    if name == "currencies":
        return currency_of(subject, book) in wanted
    if name in ("grades", "customer_kinds"):
        customer = book.doc("customer", str(subject.get("customer", "")))
        return customer is not None and customer.get("/credit/grade" if name == "grades" else "kind") in wanted
    return False


def currency_of(subject: Document, book: Book) -> str:
    """Return the document's currency, the company's if it states none."""
    return str(subject.get("currency") or company_currency(book))


def company_currency(book: Book) -> str:
    """Return the currency that limits and caps are in."""
    company = book.doc("workspace", "workspace")
    return str(company.get("currency", CURRENCY)) if company else CURRENCY


def total_at_home(subject: Document, book: Book) -> Decimal | None:
    """Return what the customer pays in the company's currency; None if it is in another one, or not known."""
    return total_of(subject) if currency_of(subject, book) == company_currency(book) else None


def total_of(subject: Document) -> Decimal | None:
    """Return what the customer pays: the agreed total, or the sum of the lines while none is written."""
    if subject.get("total") is not None:
        return Decimal(subject["total"])
    if not subject.get("lines"):
        return None
    total, included = Decimal(0), subject.get("tax_included", True)
    for line in subject["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        total += amount if included else amount + line_tax(amount, line["tax_rate"], included)
    return total


def largest_discount(subject: Document) -> Decimal:
    """Return the largest discount of a line in percent of quantity × unit price; 100 where that is nothing."""
    return max((_discount(line) for line in subject.get("lines", ())), default=Decimal(0))


def _discount(line: Mapping[str, Any]) -> Decimal:
    discount = Decimal(line.get("discount", 0))
    gross = Decimal(line.get("quantity", 0)) * Decimal(line.get("unit_price", 0))
    if not discount:
        return Decimal(0)
    return discount * 100 / gross if gross else Decimal(100)


def before(flow: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return for each stage, in the order in which they can be judged, the stages that must have approved before it.

    ``after`` names them; else it is the stage before, in a parallel flow none. A stage that ratifies waits for all
    that don't. Stages that wait for each other, or for one that isn't there, are left out: they never open.
    """
    stages = flow.get("stages", ())
    needed = [stage["id"] for stage in stages if not stage.get("ratify")]
    asked: dict[str, tuple[str, ...]] = {}
    last: tuple[str, ...] = ()
    for stage in stages:
        if stage.get("ratify"):
            asked[stage["id"]] = tuple(dict.fromkeys([*needed, *stage.get("after", ())]))
            continue
        asked[stage["id"]] = tuple(stage["after"]) if "after" in stage else () if flow.get("parallel") else last
        last = (stage["id"],)
    found: dict[str, tuple[str, ...]] = {}
    while ready := [id for id, needs in asked.items() if id not in found and all(n in found for n in needs)]:
        found |= {id: asked[id] for id in ready}
    return found
