"""Where an order stands: its status, its approval stages, whose turn it is, whether it is late.

订单状态：由案卷中已有的文件推出，从不手填。

Status is a function of documents. What has left the house counts more than paper: an order that was dispatched is
shipped, whatever its approvals say (the rules say what is wrong with that).

- draft: no submission of this revision; submitted: some stage hasn't decided; rejected: a stage has rejected;
  approved: every stage of the order's flow has approved this revision and content, those aside that only ratify
  afterwards. An order that no flow fits is never approved. What counts as a decision: see docs/approvals.md.
- in-production: a progress stage has started; ready: packed; service-scheduled: a service order has its appointment.
- partly-shipped, shipped: dispatched in part, in full; in-transit: shipped and the carrier has it.
- delivered (service-done): every line received in full; accepted: the customer was asked and a ticket is still open;
  closed: the customer was asked and no ticket is open.
- on-hold and cancelled outrank everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from orderctl import Book, Document, Fact, hookimpl
from orderctl.approvals import StageState, choose, complete, currency_of, stand_in, submitted, total_of
from orderctl.workdays import company_day, due_instant, moment

FACT = Fact(
    id="status",
    on="order",
    since="0.1",
    index=("customer", "status", "salesperson", "waiting"),
    covers=("ORD-1", "APR-1", "APR-5", "APR-6", "APR-7", "APR-11"),
)

UNDER_WAY = frozenset(
    ("submitted", "approved", "in-production", "service-scheduled", "ready", "partly-shipped", "shipped", "in-transit")
)
"""Only these can be late: an order on hold waits because someone said so."""


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any]:
    """Return the order's record; money in the order's currency, dates and instants as written."""
    flow = choose(doc, book)
    submission = next(iter(book.case(doc, "submission")), None)
    stages = stand_in(flow, doc, book.case(doc, "approval"), submission, book) if flow else ()
    status, since, delivered_at = _status(doc, stages, submission, book)
    due = doc.get("/delivery/due")
    return {
        "order": doc.id,
        "customer": doc["customer"],
        "date": doc["date"],
        "due": due,
        "kind": doc["kind"],
        "urgent": doc.get("urgent", False),
        "salesperson": doc["salesperson"],
        "handler": doc.get("handler", doc["salesperson"]),
        "total": total_of(doc),
        "currency": currency_of(doc, book),
        "revision": doc["revision"],
        "flow": flow["id"] if flow else "",
        "stages": [_stage(stage) for stage in stages],
        "approved": complete(stages),
        "waiting": next((s.id for s in stages if s.state == "open"), "") if status == "submitted" else "",
        "status": status,
        "since": since,
        "delivered_at": delivered_at,
        "money": "unbilled",
        "late": status in UNDER_WAY and due is not None and book.passed(due_instant(book, due)),
    }


def _stage(stage: StageState) -> dict[str, Any]:
    """Return a stage as pages read it: its decision is the last statement that it took to come to one."""
    given = [d for d in stage.decisions if d["decision"] == ("reject" if stage.state == "rejected" else "approve")]
    last = given[min(stage.needs, len(given)) - 1] if stage.state in ("approved", "rejected") else None
    return {
        "id": stage.id,
        "role": stage.role,
        "zh": stage.zh,
        "en": stage.en,
        "decision": last["decision"] if last else "",
        "person": last["person"] if last else "",
        "at": last["issued"] if last else "",
        "opinion": last["opinion"] if last else "",
        "state": stage.state,
        "needs": stage.needs,
        "ratify": stage.ratify,
        "since": stage.since,
        "due": stage.due,
        "late": stage.late,
        "escalate": stage.escalate,
        "who": list(stage.who),
        "given": [
            {"person": d["person"], "for": d.get("for", ""), "at": d["issued"], "opinion": d["opinion"]} for d in given
        ],
    }


def _status(
    order: Document, stages: Sequence[StageState], submission: Document | None, book: Book
) -> tuple[str, str, str]:
    """Return the status, the date or instant of the step that led to it, and the instant of the full delivery or ""."""
    if cancelled := book.case(order, "cancellation"):
        return "cancelled", cancelled[-1]["on"], ""
    if held := [h for h in book.case(order, "hold") if "released_on" not in h]:
        return "on-hold", held[-1]["from"], ""
    shipments = book.case(order, "shipment")
    if sent := [s for s in shipments if "dispatched_at" in s]:
        return _on_the_way(order, sent, book)
    return *_at_home(order, stages, submission, shipments), ""


def _at_home(
    order: Document, stages: Sequence[StageState], submission: Document | None, shipments: Iterable[Document]
) -> tuple[str, str]:
    """Return the status of an order of which nothing was dispatched."""
    if (at := submitted(order, submission)) is None:
        return "draft", order["date"]
    if rejected := [d["issued"] for s in stages if s.state == "rejected" for d in s.decisions]:
        return "rejected", _last(rejected)
    if not complete(stages):
        return "submitted", at
    approved = _last(s.decisions[s.needs - 1]["issued"] for s in stages if not s.ratify)
    if order["kind"] == "service":
        scheduled = order.get("/service/appointment") is not None
        return "service-scheduled" if scheduled else "approved", approved
    progress = [p for s in shipments for p in s.get("progress", ())]
    if packed := [p["finished"] for p in progress if p["stage"] == "packing" and "finished" in p]:
        return "ready", max(packed)
    if started := [p["started"] for p in progress if "started" in p]:
        return "in-production", min(started)
    return "approved", approved


def _on_the_way(order: Document, sent: list[Document], book: Book) -> tuple[str, str, str]:
    """Return the status of an order of which something was dispatched."""
    received = {d["shipment"]: d for d in book.case(order, "delivery")}
    there = [s for s in sent if _number(s) in received]
    if not _in_full(order, there):
        waiting = [s for s in sent if s not in there]
        if not _in_full(order, sent):
            return "partly-shipped", _last(s["dispatched_at"] for s in sent), ""
        moved = [
            p["started"] for s in waiting for p in s.get("progress", ()) if p["stage"] == "transport" and "started" in p
        ]
        return ("in-transit", max(moved), "") if moved else ("shipped", _last(s["dispatched_at"] for s in sent), "")
    arrived = _last(received[_number(s)]["received_at"] for s in there)
    asked = [f["visited_on"] for f in book.case(order, "feedback")]
    if not asked:
        return "service-done" if order["kind"] == "service" else "delivered", arrived, arrived
    tickets = book.case(order, "ticket")
    if any("closed_on" not in t for t in tickets):
        return "accepted", max(asked), arrived
    return "closed", max([*asked, company_day(book, arrived), *(t["closed_on"] for t in tickets)]), arrived


def _number(shipment: Document) -> int:
    """Return 2 for shipment-2.yaml: what a delivery calls it."""
    return int(shipment.id.rpartition("-")[2])


def _in_full(order: Document, shipments: Iterable[Document]) -> bool:
    """Tell whether these shipments hold every line of the order in full."""
    left: dict[int, Any] = defaultdict(int)
    for line in order["lines"]:
        left[line["line"]] += line["quantity"]
    for shipment in shipments:
        for line in shipment["lines"]:
            left[line["line"]] -= line["quantity"]
    return all(quantity <= 0 for quantity in left.values())


def _last(instants: Iterable[str]) -> str:
    """Return the latest of some instants, in whatever zones they are written."""
    return max(instants, key=moment)
