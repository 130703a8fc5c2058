"""An order's status at every step of its life, as documents are added one by one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.fake_book import FakeBook, base_documents

CASE = "orders/2024/05/OD2024050012"
BASE = base_documents()
SHIPMENT = BASE[f"{CASE}/shipment-1.yaml"]
PROGRESS = SHIPMENT["progress"]
UNSENT = {k: v for k, v in SHIPMENT.items() if k != "dispatched_at"}
PACKED = [PROGRESS[0], PROGRESS[1]]
ON_ROAD = [*PACKED, {"stage": "transport", "owner": "luo-yun", "started": "2024-05-20"}]
TICKET = BASE[f"{CASE}/ticket-1.yaml"]
OPEN_TICKET = {k: v for k, v in TICKET.items() if k != "closed_on"}

# one step a row: file in the case folder, its data (None: as in the base), then status and since, waiting
LIFE: list[tuple[str, dict[str, Any] | None, str, str, str]] = [
    ("order.yaml", None, "draft", "2024-05-06", ""),
    ("submission.yaml", None, "submitted", "2024-05-06T17:00:00+08:00", "sales-supervisor"),
    ("approvals/order-1-sales-supervisor.yaml", None, "submitted", "2024-05-06T17:00:00+08:00", "finance"),
    ("approvals/order-1-finance.yaml", None, "submitted", "2024-05-06T17:00:00+08:00", "production"),
    ("approvals/order-1-production.yaml", None, "approved", "2024-05-08T10:30:00+08:00", ""),
    ("shipment-1.yaml", UNSENT | {"progress": []}, "approved", "2024-05-08T10:30:00+08:00", ""),
    ("shipment-1.yaml", UNSENT | {"progress": PROGRESS[:1]}, "in-production", "2024-05-09", ""),
    ("shipment-1.yaml", UNSENT | {"progress": PACKED}, "ready", "2024-05-19", ""),
    (
        "hold-1.yaml",
        {"schema": "hold/1", "reason": "x", "from": "2024-05-19", "by": "lin-xiao"},
        "on-hold",
        "2024-05-19",
        "",
    ),
    (
        "hold-1.yaml",
        {"schema": "hold/1", "reason": "x", "from": "2024-05-19", "by": "lin-xiao", "released_on": "2024-05-19"},
        "ready",
        "2024-05-19",
        "",
    ),
    (
        "shipment-1.yaml",
        SHIPMENT | {"progress": PACKED, "lines": [{"line": 1, "quantity": 10}, {"line": 2, "quantity": 9}]},
        "partly-shipped",
        "2024-05-20T15:00:00+08:00",
        "",
    ),
    (
        "shipment-2.yaml",
        SHIPMENT | {"progress": [], "lines": [{"line": 2, "quantity": 1}], "dispatched_at": "2024-05-20T08:00:00Z"},
        "shipped",
        "2024-05-20T08:00:00Z",
        "",
    ),
    (
        "shipment-2.yaml",
        SHIPMENT | {"progress": ON_ROAD, "lines": [{"line": 2, "quantity": 1}]},
        "in-transit",
        "2024-05-20",
        "",
    ),
    ("delivery-1.yaml", None, "in-transit", "2024-05-20", ""),
    (
        "delivery-2.yaml",
        BASE[f"{CASE}/delivery-1.yaml"] | {"shipment": 2, "received_at": "2024-05-21T12:00:00+08:00"},
        "delivered",
        "2024-05-21T14:30:00+08:00",
        "",
    ),
    ("ticket-1.yaml", OPEN_TICKET, "delivered", "2024-05-21T14:30:00+08:00", ""),
    ("feedback.yaml", None, "accepted", "2024-05-22", ""),
    ("ticket-1.yaml", None, "closed", "2024-05-23", ""),
    (
        "cancellation.yaml",
        {"schema": "cancellation/1", "reason": "x", "by": "lin-xiao", "on": "2024-09-03"},
        "cancelled",
        "2024-09-03",
        "",
    ),
]


def masters() -> dict[str, Any]:
    return {path: data for path, data in deepcopy(BASE).items() if not path.startswith("orders/")}


def test_every_step_of_an_orders_life() -> None:
    documents = masters()
    seen = []
    for file, data, *_ in LIFE:
        documents[f"{CASE}/{file}"] = data or BASE[f"{CASE}/{file}"]
        status = FakeBook(documents).fact("status", "OD2024050012")
        seen.append((file, status["status"], status["since"], status["waiting"]))
    assert seen == [(file, status, since, waiting) for file, _, status, since, waiting in LIFE]


def test_the_whole_record() -> None:
    assert FakeBook(BASE).fact("status", "OD2024050012") == {
        "order": "OD2024050012",
        "customer": "C0001",
        "date": "2024-05-06",
        "due": "2024-05-20",
        "kind": "custom",
        "urgent": False,
        "salesperson": "lin-xiao",
        "handler": "lin-xiao",
        "total": BASE[f"{CASE}/order.yaml"]["total"],
        "currency": "CNY",
        "revision": 1,
        "flow": "standard",
        "stages": (
            decided(
                ("sales-supervisor", "销售主管", "Sales supervisor"),
                ("2024-05-06T17:00:00+08:00", "2024-05-07T12:00:00+08:00"),
                {"person": "chen-jie", "at": "2024-05-07T09:40:00+08:00", "opinion": "价格符合折扣政策"},
            ),
            decided(
                ("finance", "财务", "Finance"),
                ("2024-05-07T09:40:00+08:00", "2024-05-08T10:10:00+08:00"),
                {"person": "su-cai", "at": "2024-05-07T15:20:00+08:00", "opinion": "客户信用良好，无逾期欠款"},
            ),
            decided(
                ("production", "生产/仓库", "Production / warehouse"),
                ("2024-05-07T15:20:00+08:00", "2024-05-08T15:50:00+08:00"),
                {
                    "person": "tang-gong",
                    "at": "2024-05-08T10:30:00+08:00",
                    "opinion": "排产 5 月 9 日至 18 日，满足交期",
                },
            ),
        ),
        "approved": True,
        "waiting": "",
        "status": "closed",
        "since": "2024-05-23",
        "delivered_at": "2024-05-21T14:30:00+08:00",
        "money": "unbilled",
        "late": False,
    }


def decided(name: tuple[str, str, str], times: tuple[str, str], given: dict[str, str]) -> dict[str, Any]:
    """Return the record of an approved stage whose role is its id."""
    record: dict[str, Any] = {
        "id": name[0],
        "role": name[0],
        "zh": name[1],
        "en": name[2],
        "decision": "approve",
        **given,
    }
    record |= {"state": "approved", "needs": 1, "ratify": False, "since": times[0], "due": times[1], "late": False}
    return record | {"escalate": "", "who": (), "given": ({"for": "", **given},)}


def order_with(**changes: Any) -> dict[str, Any]:
    """Return the base without what follows the approvals, and with changes of the order."""
    documents = deepcopy(BASE)
    for name in ("shipment-1", "delivery-1", "feedback", "ticket-1"):
        del documents[f"{CASE}/{name}.yaml"]
    documents[f"{CASE}/order.yaml"] |= changes
    return documents


def status_of(documents: dict[str, Any], as_of: str = "2024-05-10") -> Any:
    return FakeBook(documents, as_of).fact("status", "OD2024050012")


@pytest.mark.parametrize(
    ("total", "flow", "waiting"), [("99999.99", "standard", ""), ("100000.00", "large", "sales-director")]
)
def test_the_flow_is_chosen_by_the_total(total: str, flow: str, waiting: str) -> None:
    status = status_of(order_with(total=type(BASE[f"{CASE}/order.yaml"]["total"])(total)))
    assert (status["flow"], status["waiting"]) == (flow, waiting)


@pytest.mark.parametrize(("currency", "flow"), [("CNY", "standard"), ("USD", "large")])
def test_a_total_that_cannot_be_compared_needs_the_larger_flow(currency: str, flow: str) -> None:
    assert status_of(order_with(currency=currency))["flow"] == flow


@pytest.mark.parametrize(("urgent", "flow"), [(True, "quick"), (False, "standard"), (None, "standard")])
def test_the_flow_is_chosen_by_urgency(urgent: bool | None, flow: str) -> None:
    documents = order_with(urgent=urgent)
    if urgent is None:
        del documents[f"{CASE}/order.yaml"]["urgent"]
    flows = documents["policy/flows.yaml"]["flows"]
    flows.insert(0, {**flows[0], "id": "quick", "when": {"urgent": True}})
    assert status_of(documents)["flow"] == flow


def test_without_a_total_the_lines_are_summed() -> None:
    documents = order_with()
    del documents[f"{CASE}/order.yaml"]["total"]
    assert str(status_of(documents)["total"]) == "11700.00"
    documents[f"{CASE}/order.yaml"]["tax_included"] = False
    assert str(status_of(documents)["total"]) == "13221.00"


def test_a_new_revision_needs_submission_and_approvals_of_its_own() -> None:
    documents = order_with(revision=2)
    status = status_of(documents)
    assert (status["status"], [s["decision"] for s in status["stages"]]) == ("draft", ["", "", ""])
    documents[f"{CASE}/submission.yaml"]["revision"] = 2
    status = status_of(documents)
    assert (status["status"], status["waiting"]) == ("submitted", "sales-supervisor")


def test_one_rejection_rejects() -> None:
    documents = order_with()
    documents[f"{CASE}/approvals/order-1-finance.yaml"]["decision"] = "reject"
    status = status_of(documents)
    assert (status["status"], status["since"], status["waiting"]) == ("rejected", "2024-05-07T15:20:00+08:00", "")


def test_an_order_that_no_flow_fits_is_never_approved() -> None:
    documents = order_with()
    documents["policy/flows.yaml"]["flows"][0]["when"] = {"kinds": ["service"]}
    status = status_of(documents)
    assert (status["flow"], status["stages"], status["status"]) == ("", (), "submitted")


def test_an_approval_of_another_document_of_the_case_does_not_count() -> None:
    documents = order_with()
    documents[f"{CASE}/approvals/order-1-finance.yaml"]["subject"] = "change"
    assert status_of(documents)["waiting"] == "finance"


@pytest.mark.parametrize(
    ("as_of", "late"),
    [("2024-05-20T17:59:59+08:00", False), ("2024-05-20T18:00:00+08:00", True), ("2024-05-21", True)],
)
def test_late_from_close_of_business_on_the_due_day(as_of: str, late: bool) -> None:
    assert status_of(order_with(), as_of)["late"] is late


def test_what_nobody_works_on_is_not_late() -> None:
    draft = order_with(revision=2)
    held = order_with()
    held[f"{CASE}/hold-1.yaml"] = {"schema": "hold/1", "reason": "x", "from": "2024-05-09", "by": "lin-xiao"}
    assert [status_of(d, "2025-01-01")["late"] for d in (draft, held, BASE)] == [False, False, False]


def test_a_service_order() -> None:
    service = {"content": "上门安装", "appointment": "2024-05-20T09:00:00+08:00"}
    documents = order_with(kind="service", service={"content": "上门安装"})
    assert status_of(documents)["status"] == "approved"
    documents[f"{CASE}/order.yaml"]["service"] = service
    assert status_of(documents)["status"] == "service-scheduled"
    for name in ("shipment-1", "delivery-1"):
        documents[f"{CASE}/{name}.yaml"] = BASE[f"{CASE}/{name}.yaml"]
    assert status_of(documents)["status"] == "service-done"
    documents[f"{CASE}/feedback.yaml"] = BASE[f"{CASE}/feedback.yaml"]
    assert status_of(documents)["status"] == "closed"


def test_what_was_shipped_is_shipped_whatever_the_approvals_say() -> None:
    documents = deepcopy(BASE)
    del documents[f"{CASE}/approvals/order-1-finance.yaml"]
    assert status_of(documents)["status"] == "closed"
