"""《订单交付进度跟踪表》: where a shipment stands, stage by stage, and the message that tells the customer so.

Made from the shipment, its delivery record and the order. All six stages are listed, begun or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Paper, hookimpl
from orderctl.particulars import address, letterhead, party, person
from orderctl.words import date_en, date_zh

PAPER = Paper(
    id="delivery-progress", on="shipment", since="0.1", zh="订单交付进度跟踪表", en="Delivery Progress",
    file="{id}-progress.pdf", audience="staff", covers=("PAP", "SHP-1", "SHP-5"),
)  # fmt: skip

STAGES = ("production", "packing", "boxing", "loading", "transport", "receipt")


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return the sheet's fields; None for a shipment without its order."""
    order = book.doc("order", doc.case) if doc else None
    if doc is None or order is None:
        return None
    known = {str(step["stage"]): step for step in doc.get("progress", ())}
    serial = int(doc.id.rpartition("-")[2])
    receipt = next((d for d in book.case(doc, "delivery") if d.get("shipment") == serial), None)
    delivery = order["delivery"]
    return letterhead(doc, book, "staff") | {
        "number": f"{doc.case} – {serial}",
        "order": doc.case,
        "revision": None,
        "mark": None,
        "due": str(delivery.get("due", "")),
        "customer": party(book, str(order["customer"]), str(order.get("contact", ""))),
        "salesperson": person(book, str(order["salesperson"])),
        "place": address(delivery["address"]) if delivery.get("address") else "",
        "receiver": {key: str(delivery.get(key, "")) for key in ("receiver", "phone", "wishes")},
        "carrier": {
            key: str(doc.get(key, "")) for key in ("method", "carrier", "tracking_number", "dispatched_at", "expected")
        },
        "stages": [_stage(stage, known.get(stage, {}), book, receipt) for stage in STAGES],
        "lines": _lines(doc, order),
        "receipt": _receipt(receipt, str(delivery.get("due", ""))),
        "message": _message(doc),
        "delay": {key: str(doc.get(f"/delay/{key}", "")) for key in ("told_at", "reason", "remedy", "new_date")},
    }


def _stage(stage: str, step: Mapping[str, Any], book: Book, receipt: Document | None) -> dict[str, Any]:
    """Return one row: planned and actual days, how it stands (done, going, waiting, unrecorded), whether it is late."""
    finished = str(step.get("finished", ""))
    if receipt and stage in {"transport", "receipt"} and not finished:
        finished = str(receipt["received_at"])[:10]
    planned = str(step.get("planned_end", ""))
    started = str(step.get("started", ""))
    return {
        "stage": stage,
        "owner": person(book, str(step["owner"]))["name"] if step.get("owner") else "",
        "planned": [str(step[key]) for key in ("planned_start", "planned_end") if step.get(key)],
        "actual": [day for day in (started, finished) if day],
        "state": "done" if finished else "going" if started else "waiting" if step else "unrecorded",
        "late": bool(planned) and (finished > planned if finished else book.passed(planned)),
        "remarks": str(step.get("remarks", "")),
    }


def _lines(doc: Document, order: Document) -> list[dict[str, Any]]:
    """Return what the shipment carries, named as in the order."""
    ordered = {line["line"]: line for line in order["lines"]}
    return [
        {"line": line["line"], "quantity": line["quantity"]}
        | {key: str(ordered.get(line["line"], {}).get(key, "")) for key in ("name", "specification", "unit")}
        for line in doc["lines"]
    ]


def _receipt(receipt: Document | None, due: str) -> dict[str, Any] | None:
    if receipt is None:
        return None
    return {
        "at": str(receipt["received_at"]),
        "receiver": str(receipt.get("receiver", "")),
        "late": bool(due) and str(receipt["received_at"])[:10] > due,
        "complete": bool(receipt.get("complete")),
        "proof": str(receipt.get("/proof/title", "")),
        "remarks": str(receipt.get("remarks", "")),
    }


def _message(doc: Document) -> dict[str, str]:
    """Return the dispatch message for the customer, "" before dispatch."""
    sent, number = str(doc.get("dispatched_at", "")), str(doc.get("tracking_number", ""))
    if not sent:
        return {"zh": "", "en": ""}
    carrier, expected = str(doc.get("carrier", "")), str(doc.get("expected", ""))
    zh = [f"您的订单 {doc.case} 已于{date_zh(sent[:10])}发货"]
    en = [f"Your order {doc.case} was dispatched on {date_en(sent[:10])}"]
    if number:
        zh.append(f"由{carrier}承运，运单号 {number}" if carrier else f"运单号 {number}")
        en.append(f"{carrier} no. {number}".strip())
    if expected:
        zh.append(f"预计{date_zh(expected)}送达")
        en.append(f"expected on {date_en(expected)}")
    return {"zh": "，".join(zh) + "。请留意查收。", "en": ", ".join(en) + "."}
