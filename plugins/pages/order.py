"""The page of one order: where it stands, what happened when and by whom, its lines, money, delivery and documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Page, hookimpl
from orderctl.particulars import address, named, people
from orderctl.workdays import company_day

PAGE = Page(
    id="order",
    on="order",
    since="0.1",
    zh="订单",
    en="Order",
    file="orders/{id}.html",
    covers=("WEB", "APR-7", "SHP-1"),
)

CASE = (
    "requirement", "quotation", "order", "submission", "approval", "shipment", "delivery", "feedback", "ticket",
    "hold", "cancellation",
)  # fmt: skip
LINE = ("line", "product", "name", "specification", "colour", "unit", "quantity", "unit_price", "discount", "tax_rate")
ORDER = (
    "requirement", "requirement-confirmed", "quotation", "quotation-outcome", "order", "submission", "approve",
    "reject", "progress", "delay", "dispatch", "delivery", "feedback", "ticket", "ticket-progress", "ticket-closed",
    "hold", "hold-released", "cancellation",
)  # fmt: skip
SEVERITY = ("error", "warning", "info")
FINDING = ("rule", "severity", "path", "line", "zh", "en", "hint_zh", "hint_en")
RANK = {
    "approved": 2, "in-production": 3, "service-scheduled": 3, "ready": 4, "partly-shipped": 5, "shipped": 6,
    "in-transit": 6, "delivered": 7, "service-done": 7, "accepted": 8, "closed": 9,
}  # fmt: skip
"""How far a status is along the way; the ones not named stand before approval or beside the way."""


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return everything the page shows. Money and dates stay as written; words of fixed sets stay codes."""
    status = book.fact("status", doc.id) if doc else None
    if doc is None or status is None:
        return None
    case = {kind: book.case(doc, kind) for kind in CASE if kind != "order"} | {"order": (doc,)}
    names = _Names(doc, book)
    events = sorted(_events(case, status, names, book), key=_moment)
    return {
        "number": doc.id,
        **{k: status[k] for k in ("revision", "status", "money", "late", "urgent", "date", "due", "currency", "since")},
        "kind": doc["kind"],
        "channel": doc.get("channel", ""),
        "customer": names.customer,
        "customer_number": doc.get("customer_number", ""),
        "contact": names.contact_card(doc.get("contact", "")),
        "salesperson": names.person(doc["salesperson"]),
        "handler": names.person(doc.get("handler", doc["salesperson"])),
        "waiting": next((s for s in status["stages"] if s["id"] == status["waiting"]), None),
        "phases": _phases(case, status, book),
        "events": events,
        "lines": _lines(doc, case),
        **{k: doc.get(k) for k in ("total", "tax", "tax_included", "total_capitals")},
        "payment": {k: doc.get(f"/payment/{k}") for k in ("terms", "prepaid_percent", "days")},
        "invoice": {k: doc.get(f"/invoice/{k}") for k in ("kind", "title", "tax_number", "bank", "account", "address")},
        "delivery": _delivery(doc),
        "service": _service(doc, names),
        "repeats": doc.get("repeats", ""),
        "repeats_known": book.fact("status", doc.get("repeats", "")) is not None,
        "differences": [{"zh": d["zh"], "en": d.get("en", d["zh"])} for d in doc.get("differences", ())],
        "remarks": doc.get("remarks", ""),
        "standing": names.standing(doc.get("standing_requirements", ())),
        "shipments": [_shipment(n, s) for n, s in enumerate(case["shipment"], 1)],
        "documents": [{"kind": d.kind, "path": d.path} for kind in CASE for d in case[kind]],
        "evidence": list(_evidence(case)),
        "findings": _findings(doc, book),
    }


def _findings(doc: Document, book: Book) -> list[dict[str, Any]]:
    """What was found in this case, worst first."""
    found = sorted(
        book.where("finding", unit=doc.unit), key=lambda f: (SEVERITY.index(f["severity"]), f["path"], f["line"])
    )
    return [{k: f[k] for k in FINDING} for f in found]


class _Names:
    """Names of people, of the customer and of its contacts, each read once."""

    def __init__(self, order: Document, book: Book) -> None:
        self.people = people(book)
        self.card = book.doc("customer", order["customer"])
        id = order["customer"]
        self.customer = {"id": id, **named(self.card, id), "known": self.card is not None}
        self.contacts = {c["id"]: c for c in (self.card.get("contacts", ()) if self.card else ())}

    def person(self, id: str) -> dict[str, str]:
        return named(self.people.get(id) or self.contacts.get(id), id)

    def contact_card(self, id: str) -> dict[str, str] | None:
        c = self.contacts.get(id)
        return {k: c.get(k, "") for k in ("name", "title", "phone", "email")} if c else None

    def standing(self, ids: tuple[str, ...]) -> list[dict[str, str]]:
        rows = self.card.get("standing_requirements", ()) if self.card else ()
        return [{"zh": r["zh"], "en": r.get("en", r["zh"])} for r in rows if r["id"] in ids]


def _lines(doc: Document, case: Mapping[str, tuple[Document, ...]]) -> list[dict[str, Any]]:
    shipped: dict[int, Decimal] = defaultdict(Decimal)
    for shipment in case["shipment"]:
        for part in shipment.get("lines", ()) if shipment.get("dispatched_at") else ():
            shipped[part["line"]] += Decimal(part["quantity"])
    return [
        {k: line.get(k) for k in LINE} | {"amount": line.get("amount"), "shipped": shipped[line["line"]]}
        for line in doc.get("lines", ())
    ]


def _delivery(doc: Document) -> dict[str, Any]:
    keys = ("due", "window", "method", "receiver", "phone", "backup_phone", "wishes")
    place = doc.get("/delivery/address")
    return {k: doc.get(f"/delivery/{k}") for k in keys} | {"address": address(place) if place else ""}


def _service(doc: Document, names: _Names) -> dict[str, Any] | None:
    if "service" not in doc:
        return None
    keys = ("content", "hours", "appointment", "place")
    return {k: doc.get(f"/service/{k}") for k in keys} | {"person": names.person(doc.get("/service/person", ""))}


def _shipment(number: int, doc: Document) -> dict[str, Any]:
    keys = ("method", "carrier", "tracking_number", "dispatched_at", "expected")
    parts = [{"line": p["line"], "quantity": p["quantity"]} for p in doc.get("lines", ())]
    return {"number": number, "lines": parts} | {k: doc.get(k) for k in keys}


def _evidence(case: Mapping[str, tuple[Document, ...]]) -> Iterator[dict[str, str]]:
    """Files that documents of the case name as proof, with their SHA-256."""
    for kind in CASE:
        for doc in case[kind]:
            proofs = [*doc.get("attachments", ()), *doc.get("original", ())]
            proofs += [p for p in (doc.get("confirmation"), doc.get("proof")) if p]
            for proof in proofs:
                if proof.get("file"):
                    file = str(proof["file"])
                    title = proof.get("title") or file.rsplit("/", 1)[-1]
                    yield {"kind": kind, "title": title, "file": file, "sha256": proof.get("sha256", "")}


def _moment(event: Mapping[str, Any]) -> tuple[bool, str, int, str]:
    """Order of the timeline: by day, in a day as work goes (many steps have no time), what is to come at the end."""
    at = str(event["at"])
    return not at, at[:10], ORDER.index(event["what"]) if at else 0, at


def _event(at: Any, what: str, **more: Any) -> dict[str, Any]:
    """One step of the timeline: ``what`` names the sentence in the template, "" as ``at`` means still to come."""
    blank: dict[str, Any] = {"who": None, "tone": "", "text": "", "facts": {}, "codes": ()}
    return {"at": at or "", "what": what, **blank, **more}


def _events(
    case: Mapping[str, tuple[Document, ...]], status: Mapping[str, Any], names: _Names, book: Book
) -> Iterator[dict[str, Any]]:
    for d in case["requirement"]:
        codes = (("requirement", "/channel", d.get("channel")),)
        yield _event(d["received_at"], "requirement", who=names.person(d["salesperson"]), codes=codes, text=d.id)
        if "confirmation" in d:
            codes = (("requirement", "/confirmation/how", d.get("/confirmation/how")),)
            who = names.person(d.get("/confirmation/by", ""))
            yield _event(d.get("/confirmation/on"), "requirement-confirmed", who=who, codes=codes)
    for n, d in enumerate(case["quotation"], 1):
        facts = {"number": n, "total": d.get("total"), "valid_until": d.get("valid_until")}
        yield _event(d["date"], "quotation", who=names.person(d["salesperson"]), facts=facts)
        if "outcome" in d:
            result = (("quotation", "/outcome/result", d.get("/outcome/result")),)
            tone = "good" if d.get("/outcome/result") == "accepted" else "bad"
            reason = d.get("/outcome/reason", "")
            yield _event(d.get("/outcome/on"), "quotation-outcome", codes=result, tone=tone, text=reason)
    for d in case["order"]:
        yield _event(d["date"], "order", who=names.person(d.get("entered_by", d["salesperson"])))
    for d in case["submission"]:
        text = d.get("self_check", {})
        note = {"zh": text.get("zh", ""), "en": text.get("en", text.get("zh", ""))} if text else None
        facts = {"revision": d["revision"], "note": note}
        yield _event(d["submitted_at"], "submission", who=names.person(d["submitted_by"]), facts=facts)
    yield from _approval_events(status, names, pending=bool(case["submission"]))
    for n, d in enumerate(case["shipment"], 1):
        yield from _shipment_events(n, d, names)
    for d in case["delivery"]:
        late = bool(status["due"]) and company_day(book, d["received_at"]) > status["due"]
        facts = {"receiver": d.get("receiver", ""), "late": late, "complete": d.get("complete", True)}
        tone = "warn" if late or not facts["complete"] else "good"
        who = names.person(d.get("recorded_by", ""))
        yield _event(d["received_at"], "delivery", who=who, facts=facts, tone=tone, text=d.get("remarks", ""))
    yield from _after_events(case, names)
    if RANK.get(status["status"], 0) < RANK["delivered"] and status["status"] not in ("cancelled", "rejected"):
        yield _event("", "due", facts={"due": status["due"]}, tone="warn" if status["late"] else "")


def _approval_events(status: Mapping[str, Any], names: _Names, *, pending: bool) -> Iterator[dict[str, Any]]:
    for s in status["stages"]:
        able = [names.person(id) for id in s["who"]]
        facts = {"zh": s["zh"], "en": s["en"], "due": s["due"], "late": s["late"], "who": able}
        if s["decision"]:
            tone = "good" if s["decision"] == "approve" else "bad"
            who = names.person(s["person"])
            yield _event(s["at"], s["decision"], who=who, facts=facts, tone=tone, text=s["opinion"])
        elif pending and s["state"] == "open" and status["status"] not in ("cancelled", "rejected"):
            yield _event("", "waiting", facts=facts, tone="warn" if s["late"] else "")
        elif pending and status["status"] == "submitted":
            yield _event("", "later", facts=facts)


def _shipment_events(number: int, d: Document, names: _Names) -> Iterator[dict[str, Any]]:
    for p in d.get("progress", ()):
        if p["stage"] == "transport" and d.get("dispatched_at"):
            continue
        facts = {k: p.get(k) for k in ("started", "finished", "planned_start", "planned_end")} | {"number": number}
        at = p.get("finished") or p.get("started") or ""
        codes = (("shipment", "/progress/*/stage", p["stage"]),)
        late = bool(p.get("finished") and p.get("planned_end") and str(p["finished"])[:10] > str(p["planned_end"])[:10])
        who = names.person(p.get("owner", ""))
        tone = "warn" if late else ""
        yield _event(at, "progress", who=who, facts=facts, codes=codes, tone=tone, text=p.get("remarks", ""))
    if d.get("dispatched_at"):
        facts = {k: d.get(k) for k in ("carrier", "tracking_number", "expected")} | {"number": number}
        codes = (("shipment", "/method", d.get("method")),)
        who = names.person(d.get("dispatched_by", ""))
        yield _event(d["dispatched_at"], "dispatch", who=who, facts=facts, codes=codes)
    if "delay" in d:
        facts = {"new_date": d.get("/delay/new_date"), "remedy": d.get("/delay/remedy", "")}
        who = names.person(d.get("/delay/told_by", ""))
        text = d.get("/delay/reason", "")
        yield _event(d.get("/delay/told_at"), "delay", who=who, facts=facts, tone="warn", text=text)


def _after_events(case: Mapping[str, tuple[Document, ...]], names: _Names) -> Iterator[dict[str, Any]]:
    for d in case["feedback"]:
        facts = {"score": d.get("score"), "with": names.person(d.get("with", ""))}
        who = names.person(d.get("by", ""))
        yield _event(d["visited_on"], "feedback", who=who, facts=facts, text=d.get("words", ""))
    for d in case["ticket"]:
        facts = {"number": d.id, "handler": names.person(d.get("handler", "")), "deadline": d.get("deadline", "")}
        codes = (("ticket", "/kind", d["kind"]), ("ticket", "/severity", d.get("severity")))
        who = names.person(d.get("raised_by", ""))
        text = d["problem"]
        yield _event(d["raised_on"], "ticket", who=who, facts=facts, codes=codes, tone="warn", text=text)
        for p in d.get("progress", ()):
            yield _event(p["at"], "ticket-progress", who=names.person(p["by"]), facts=facts, text=p["note"])
        if d.get("closed_on"):
            text = d.get("solution", "")
            yield _event(d["closed_on"], "ticket-closed", facts=facts, tone="good", text=text)
    for d in case["hold"]:
        yield _event(d["from"], "hold", who=names.person(d["by"]), tone="warn", text=d["reason"])
        if d.get("released_on"):
            yield _event(d["released_on"], "hold-released", who=names.person(d.get("released_by", "")))
    for d in case["cancellation"]:
        yield _event(d["on"], "cancellation", who=names.person(d["by"]), tone="bad", text=d["reason"])


def _phases(case: Mapping[str, tuple[Document, ...]], status: Mapping[str, Any], book: Book) -> list[dict[str, Any]]:
    """The way of the order in a few steps, each done, now, todo or stopped, with its day."""
    state = status["status"]
    approved = status["approved"]
    rank = RANK.get(state, 2 if approved else 1 if case["submission"] else 0)
    decided = [company_day(book, s["at"]) for s in status["stages"] if s["at"]]
    sent = [company_day(book, d["dispatched_at"]) for d in case["shipment"] if d.get("dispatched_at")]
    got = [company_day(book, d["received_at"]) for d in case["delivery"]]
    packed = [p["finished"] for d in case["shipment"] for p in d.get("progress", ()) if "finished" in p]
    steps = [(d.kind, -2, d.get("received_at")) for d in case["requirement"][:1]]
    steps += [(d.kind, -1, d["date"]) for d in case["quotation"][-1:]]
    steps += [("order", 0, status["date"]), ("approval", 1, max(decided, default="") if approved else "")]
    if status["kind"] == "service":
        steps += [("service", 6, "")]
    else:
        steps += [
            ("preparation", 3, max(packed, default="")),
            ("dispatch", 5, max(sent, default="")),
            ("delivery", 6, max(got, default="")),
        ]
    steps += [("closing", 8, max((d["visited_on"] for d in case["feedback"]), default=""))]
    out, current = [], True
    for what, level, at in steps:
        done = rank > level or state == "closed"
        now = not done and current
        current = current and done
        word = "done" if done else "now" if now else "todo"
        if word == "now" and state in ("cancelled", "rejected", "on-hold"):
            word = "stopped"
        out.append({"what": what, "state": word, "at": str(at or "")[:10] if done else ""})
    return out
