"""《内部审批流程表》: who looked at an order, what they decided and why. Produced from the statements, never typed.

Made from the order, its submission and the stages of its flow. Says that the proof of the statements isn't verified
yet in this version, so that nobody takes the sheet for more than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Paper, hookimpl
from orderctl.particulars import letterhead, party, payment, person, rows, totals

PAPER = Paper(
    id="approval-form", on="order", since="0.1", zh="内部审批流程表", en="Internal Approval",
    file="{id}/approval-form.pdf", audience="staff", covers=("PAP", "APR-2", "APR-7"),
)  # fmt: skip

LOOKS: Mapping[str, tuple[str, str]] = {
    "sales-supervisor": ("销售目标、客户匹配、折扣权限", "targets, fit, discount authority"),
    "finance": ("逾期、付款条件、开票", "overdue debts, terms, invoice"),
    "production": ("库存、产能、采购周期", "stock, capacity, purchase time"),
    "warehouse": ("库存、产能、采购周期", "stock, capacity, purchase time"),
    "technical": ("方案、参数、工艺", "scheme, parameters, process"),
    "sales-director": ("毛利、策略", "margin, strategy"),
    "general-manager": ("毛利、策略", "margin, strategy"),
}
"""What each role looks at (company's approval policy, APR-2)."""


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return the order in brief and one row a stage; None for an order that nobody has submitted."""
    status = book.fact("status", doc.id) if doc else None
    submission = next(iter(book.case(doc, "submission")), None) if doc else None
    if doc is None or not status or submission is None:
        return None
    return letterhead(doc, book, "staff") | {
        "number": str(doc["number"]),
        "revision": doc["revision"],
        "mark": None,
        "date": str(doc["date"]),
        "due": str(doc.get("/delivery/due", "")),
        "kind": str(doc["kind"]),
        "urgent": bool(doc.get("urgent")),
        "customer": party(book, str(doc["customer"]), str(doc.get("contact", ""))),
        "salesperson": person(book, str(doc["salesperson"])),
        "totals": totals(doc, book, rows(book, doc["lines"])),
        "payment": payment(doc["payment"]),
        "remarks": str(doc.get("remarks", "")),
        "submission": {
            "by": person(book, str(submission["submitted_by"]))["name"],
            "at": str(submission["submitted_at"]),
            "zh": str(submission.get("/self_check/zh", "")),
            "en": str(submission.get("/self_check/en", "")),
        },
        "stages": [_stage(stage, book) for stage in status["stages"]],
    }


def _who(given: Mapping[str, Any], book: Book) -> str:
    """Return who decided, and for whom a deputy did."""
    name = str(person(book, str(given["person"]))["name"])
    return f"{name}（代{person(book, str(given['for']))['name']}）" if given["for"] else name


def _stage(stage: Mapping[str, Any], book: Book) -> dict[str, Any]:
    zh, en = LOOKS.get(str(stage["role"]), ("", ""))
    return {
        "zh": str(stage["zh"]),
        "en": str(stage["en"]),
        "looks": {"zh": zh, "en": en},
        "decision": str(stage.get("decision") or ""),
        "person": "、".join(_who(given, book) for given in stage["given"]),
        "at": str(stage.get("at") or ""),
        "opinion": str(stage.get("opinion") or ""),
    }
