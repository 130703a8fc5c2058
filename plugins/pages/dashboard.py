"""The front page: how many orders stand where, what is late, who is waited for, what is due, what is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Page, Row, hookimpl
from orderctl.particulars import named

PAGE = Page(
    id="dashboard", on="", since="0.1", zh="总览", en="Overview", file="index.html", covers=("WEB", "APR-11", "SHP-7")
)

DONE = frozenset({"delivered", "accepted", "closed", "service-done", "cancelled", "rejected", "draft"})
"""Nothing more is to be delivered, or nothing was agreed yet."""
ENDED = frozenset({"closed", "cancelled", "rejected"})
MONTHS = 12
SHOWN = 8


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return counts, short lists and the bars of the chart (heights in whole per mille of the tallest)."""
    orders = book.all("status")
    names = _Names(book)
    late = sorted((o for o in orders if o["late"]), key=lambda o: (str(o["due"]), o["id"]))
    waiting = [o for o in orders if o["waiting"] and o["status"] == "submitted"]
    soon = sorted((o for o in orders if _due_soon(o, book)), key=lambda o: (str(o["due"]), o["id"]))
    latest = sorted(orders, key=lambda o: (str(o["date"]), o["id"]), reverse=True)
    findings = book.all("finding")
    return {
        "total": len(orders),
        "open_count": sum(1 for o in orders if o["status"] not in ENDED),
        "statuses": dict(Counter(str(o["status"]) for o in orders)),
        "late_count": len(late),
        "soon_count": len(soon),
        "waiting_count": len(waiting),
        "urgent_count": sum(1 for o in soon if o["urgent"]),
        "late": [names.line(o) for o in late[:SHOWN]],
        "soon": [names.line(o) for o in soon[:SHOWN]],
        "latest": [names.line(o) for o in latest[:SHOWN]],
        "waiting": _by_stage(waiting, book),
        "months": _months(orders),
        "open_value": _sums(o for o in orders if o["status"] not in ENDED and o["status"] != "draft"),
        "tickets": [
            {"id": t["id"], "order": t["case"], "known": book.fact("status", str(t["case"])) is not None}
            for t in book.all("ticket")
            if not t.get("closed_on")
        ],
        "inquiries": sum(1 for i in book.all("inquiry") if i["status"] in ("requested", "quoted")),
        "severities": {s: sum(1 for f in findings if f["severity"] == s) for s in ("error", "warning", "info")},
        "rules": _rules(Counter(str(f["rule"]) for f in findings), book),
    }


class _Names:
    """Customers are looked up only for the few lines that are shown."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def line(self, order: Row) -> dict[str, Any]:
        customer = self.book.doc("customer", str(order["customer"]))
        return {
            "id": order["id"],
            **named(customer, str(order["customer"])),
            "date": order["date"],
            "due": order["due"],
            "status": order["status"],
            "total": order["total"],
            "currency": order["currency"],
            "late": order["late"],
            "urgent": order["urgent"],
        }


def _due_soon(order: Row, book: Book) -> bool:
    """Due within the next seven days and not yet delivered. The book's clock says so, never this file's."""
    due = str(order["due"] or "")
    if order["status"] in DONE or len(due) < 10:
        return False
    week_before = (date.fromisoformat(due[:10]) - timedelta(days=8)).isoformat()
    return book.passed(week_before) and not book.passed(due[:10])


def _by_stage(waiting: Iterable[Row], book: Book) -> list[dict[str, Any]]:
    """Waiting orders per approval stage, in the order in which the flows name the stages."""
    count = Counter(str(o["waiting"]) for o in waiting)
    flows = book.doc("flows", "flows")
    stages = {s["id"]: s for f in (flows["flows"] if flows else ()) for s in f["stages"]}
    rows = [{"id": i, "zh": s["zh"], "en": s["en"], "count": count[i]} for i, s in stages.items() if count[i]]
    return rows + [{"id": i, "zh": i, "en": i, "count": n} for i, n in sorted(count.items()) if i not in stages]


def _rules(count: Counter[str], book: Book) -> list[dict[str, Any]]:
    """The rules found most often, by what they say; the machine's codes have no title but their id."""
    pages = {str(r["id"]): str(r["page"]).split("\n\n") for r in book.all("rule") if "." not in str(r["id"])}
    rows = []
    for rule, found in _top(count):
        en, zh = [*pages.get(rule, ()), rule, rule][:2]
        rows.append({"rule": rule, "count": found, "zh": zh.strip().rstrip("。"), "en": en.strip().rstrip(".")})
    return rows


def _sums(orders: Iterable[Row]) -> list[dict[str, Any]]:
    """Sums per currency: amounts of different currencies are never added (ORD-14)."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        sums[str(order["currency"])] += Decimal(order["total"] or 0)
    return [{"currency": c, "amount": a} for c, a in sorted(sums.items())]


def _months(orders: Iterable[Row]) -> list[dict[str, Any]]:
    """The last twelve months that have orders between them: number of orders, and height in per mille."""
    count = Counter(str(o["date"])[:7] for o in orders if o["date"])
    if not count:
        return []
    year, month = (int(p) for p in max(count).split("-"))
    serials = range(year * 12 + month - MONTHS, year * 12 + month)
    keys = [f"{s // 12:04d}-{s % 12 + 1:02d}" for s in serials]
    tallest = max(count[k] for k in keys)
    return [{"month": k, "count": count[k], "height": count[k] * 1000 // tallest} for k in keys]


def _top(count: Counter[str]) -> list[tuple[str, int]]:
    return sorted(count.items(), key=lambda item: (-item[1], item[0]))[:6]
