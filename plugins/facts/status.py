"""Where an order stands: its status, its approval stages, whose turn it is, whether it is late.

订单状态：由案卷中已有的文件推出，从不手填。

Status is a function of documents. What has left the house counts more than paper: an order that was dispatched is
shipped, whatever its approvals say (the rules say what is wrong with that).

- draft: no submission of this revision; submitted: some stage hasn't decided; rejected: a stage has rejected;
  approved: every stage of the order's flow has approved this revision. An order that no flow fits is never approved.
- in-production: a progress stage has started; ready: packed; service-scheduled: a service order has its appointment.
- partly-shipped, shipped: dispatched in part, in full; in-transit: shipped and the carrier has it.
- delivered (service-done): every line received in full; accepted: the customer was asked and a ticket is still open;
  closed: the customer was asked and no ticket is open.
- on-hold and cancelled outrank everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from orderctl import Book, Document, Fact, hookimpl
from orderctl.money import line_amount, line_tax
from orderctl.workdays import company_day, due_instant, moment

FACT = Fact(
    id="status",
    on="order",
    since="0.1",
    index=("customer", "status", "salesperson", "waiting"),
    covers=("ORD-1", "APR-1", "APR-7"),
)

UNDER_WAY = frozenset(
    ("submitted", "approved", "in-production", "service-scheduled", "ready", "partly-shipped", "shipped", "in-transit")
)
"""Only these can be late: an order on hold waits because someone said so."""


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, Any]:
    """Return the order's record; money in the order's currency, dates and instants as written."""
    total = _total(doc)
    company = book.doc("workspace", "workspace")
    at_home = company["currency"] if company else "CNY"
    currency = doc.get("currency", at_home)
    flow = _flow(doc, total if currency == at_home else None, book)
    stages = _stages(doc, flow, book)
    status, since, delivered_at = _status(doc, stages, book)
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
        "total": total,
        "currency": currency,
        "revision": doc["revision"],
        "flow": flow.get("id", ""),
        "stages": stages,
        "waiting": next((s["id"] for s in stages if not s["decision"]), "") if status == "submitted" else "",
        "status": status,
        "since": since,
        "delivered_at": delivered_at,
        "money": "unbilled",
        "late": status in UNDER_WAY and due is not None and book.passed(due_instant(book, due)),
    }


def _total(order: Document) -> Decimal:
    """Return what the customer pays: the agreed total, or the sum of the lines while none is written."""
    if order.get("total") is not None:
        return Decimal(order["total"])
    total, included = Decimal(0), order["tax_included"]
    for line in order["lines"]:
        amount = line_amount(line["quantity"], line["unit_price"], line.get("discount", 0))
        total += amount if included else amount + line_tax(amount, line["tax_rate"], included)
    return total


def _flow(order: Document, total: Decimal | None, book: Book) -> Mapping[str, Any]:
    """Return the first flow for orders whose conditions all hold, or an empty one.

    ``total`` is None in another currency than the limits': it is then below none of them and above all.
    """
    policy = book.doc("flows", "flows")
    for flow in policy["flows"] if policy else ():
        when = flow.get("when", {})
        fits = (
            flow["subject"] == "order"
            and ("total_below" not in when or (total is not None and total < when["total_below"]))
            and ("total_from" not in when or total is None or total >= when["total_from"])
            and ("kinds" not in when or order["kind"] in when["kinds"])
            and ("urgent" not in when or order.get("urgent", False) == when["urgent"])
        )
        if fits:
            return dict(flow)
    return {}


def _stages(order: Document, flow: Mapping[str, Any], book: Book) -> list[dict[str, Any]]:
    """Return the flow's stages with what was decided about this revision."""
    decided = {
        a["stage"]: a
        for a in book.case(order, "approval")
        if a["subject"] == "order" and a["revision"] == order["revision"]
    }
    return [
        {
            "id": stage["id"],
            "role": stage["role"],
            "zh": stage.get("zh", stage["id"]),
            "en": stage.get("en", stage["id"]),
            "decision": found["decision"] if (found := decided.get(stage["id"])) else "",
            "person": found["person"] if found else "",
            "at": found["issued"] if found else "",
            "opinion": found["opinion"] if found else "",
        }
        for stage in flow.get("stages", ())
    ]


def _status(order: Document, stages: list[dict[str, Any]], book: Book) -> tuple[str, str, str]:
    """Return the status, the date or instant of the step that led to it, and the instant of the full delivery or ""."""
    if cancelled := book.case(order, "cancellation"):
        return "cancelled", cancelled[-1]["on"], ""
    if held := [h for h in book.case(order, "hold") if "released_on" not in h]:
        return "on-hold", held[-1]["from"], ""
    shipments = book.case(order, "shipment")
    if sent := [s for s in shipments if "dispatched_at" in s]:
        return _on_the_way(order, sent, book)
    return *_at_home(order, stages, shipments, book), ""


def _at_home(
    order: Document, stages: list[dict[str, Any]], shipments: Iterable[Document], book: Book
) -> tuple[str, str]:
    """Return the status of an order of which nothing was dispatched."""
    submissions = [s for s in book.case(order, "submission") if s["revision"] == order["revision"]]
    if not submissions:
        return "draft", order["date"]
    if rejected := [s["at"] for s in stages if s["decision"] == "reject"]:
        return "rejected", _last(rejected)
    if not stages or any(not s["decision"] for s in stages):
        return "submitted", submissions[-1]["submitted_at"]
    if order["kind"] == "service":
        scheduled = order.get("/service/appointment") is not None
        return "service-scheduled" if scheduled else "approved", _last(s["at"] for s in stages)
    progress = [p for s in shipments for p in s.get("progress", ())]
    if packed := [p["finished"] for p in progress if p["stage"] == "packing" and "finished" in p]:
        return "ready", max(packed)
    if started := [p["started"] for p in progress if "started" in p]:
        return "in-production", min(started)
    return "approved", _last(s["at"] for s in stages)


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
