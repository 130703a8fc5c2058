"""The project's own sample: checked without errors, every situation in its status, everybody in it invented."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from stdnum.cn import uscc

from orderctl.formatting import formatted, key_order
from orderctl.model import Severity
from orderctl.pipeline import Workspace, check, find_workspace, open_book
from orderctl.revisions import catalogue

ROOT = Path(__file__).parent.parent.parent
PARTS = ("orderctl.yaml", "policy", "calendar", "customers", "catalog", "stock", "orders")

WARNINGS = [
    ("catalog/products/CHAIR-B5.yaml", "available-to-promise-short"),
    ("customers/C0012.yaml", "customer-review-overdue"),
    ("orders/2024/05/OD2024050012/order.yaml", "delay-not-told"),
    ("orders/2024/05/OD2024050012/order.yaml", "delivery-late"),
    ("orders/2024/12/OD2024120003/order.yaml", "stage-late"),
    ("orders/2024/12/OD2024120004/order.yaml", "stage-late"),
]
"""What the check tells on the sample's day; each is part of the story that docs/sample.md tells."""

STATUS = {
    "OD2024090001": "rejected",
    "OD2024090002": "cancelled",
    "OD2024110001": "on-hold",
    "OD2024110002": "partly-shipped",
    "OD2024110003": "service-scheduled",
    "OD2024120001": "in-production",
    "OD2024120002": "in-transit",
    "OD2024120003": "submitted",
    "OD2024120004": "submitted",
    "OD2024120005": "approved",
    "OD2024120006": "draft",
    "OD2024120007": "delivered",
    "OD2024120008": "submitted",
}
"""Every order that isn't closed."""

FLOWS = {
    "OD2024030003": "large",
    "OD2024040002": "urgent",
    "OD2024050012": "standard",
    "OD2024060001": "project",
    "OD2024070001": "large",
    "OD2024080001": "service",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the sample, so that no test leaves a book behind or reads one."""
    home = tmp_path_factory.mktemp("sample")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, home / part)
        else:
            shutil.copy(ROOT / part, home / part)
    return find_workspace(home)


@pytest.fixture(scope="module")
def book(workspace: Workspace) -> Iterator[Any]:
    with open_book(workspace) as run:
        yield run.reader()


def documents(kind: str) -> list[str]:
    """Return the texts of all documents of a kind."""
    texts = [p.read_text("utf-8") for part in PARTS[1:] for p in sorted((ROOT / part).rglob("*.yaml"))]
    return [t for t in texts if t.startswith(f"schema: {kind}/")]


def test_the_sample_has_warnings_that_tell_something_and_no_errors(workspace: Workspace) -> None:
    found = check(workspace).findings

    assert [f for f in found if f.severity is Severity.ERROR] == []
    assert sorted((f.path, f.rule) for f in found) == WARNINGS


def test_every_order_stands_where_the_story_says(book: Any) -> None:
    rows = book.all("status")

    assert {r["order"]: r["status"] for r in rows if r["status"] != "closed"} == STATUS
    assert {r["order"]: r["flow"] for r in rows if r["order"] in FLOWS} == FLOWS
    assert {r["order"]: r["waiting"] for r in rows if r["waiting"]} == {
        "OD2024120003": "general-manager",
        "OD2024120004": "finance",
        "OD2024120008": "sales-director",
    }
    assert [r["order"] for r in rows if r["late"]] == []
    assert {r["requirement"]: r["status"] for r in book.all("inquiry") if r["status"] != "ordered"} == {
        "KH2024050002": "lost",
        "KH2024050009": "lost",
        "KH2024120009": "quoted",
        "KH2024120010": "requested",
    }


def test_the_story_of_the_walnut_desks_adds_up(book: Any) -> None:
    orders = {r["order"]: r for r in book.all("status")}
    order = book.doc("order", "OD2024050012")
    requirement = book.doc("requirement", "KH2024050012")

    earlier = [r["total"] for r in orders.values() if r["customer"] == "C0001" and r["date"] < "2024-05-01"]
    assert (len(earlier), sum(earlier)) == (3, Decimal("500000.00"))
    assert requirement["budget"]["from"] <= order["total"] <= requirement["budget"]["to"]
    assert (order["total"], order["tax"], order["total_capitals"]) == (
        Decimal("11700.00"),
        Decimal("1346.01"),
        "壹万壹仟柒佰元整",
    )
    assert (order["delivery"]["due"], book.case(order, "delivery")[0]["received_at"]) == (
        "2024-05-20",
        "2024-05-21T14:30:00+08:00",
    )
    assert [t["number"] for t in book.case(order, "ticket")] == ["SH202405001"]
    assert orders["OD2024070001"]["total"] == Decimal("100000.00")
    assert len({r["customer"] for r in book.all("order")}) == 12


def test_one_order_is_short_of_stock(book: Any) -> None:
    short = {r["id"]: r["short"] for r in book.all("availability") if r["short"]}

    assert [(product, [s["order"] for s in rows]) for product, rows in short.items()] == [
        ("CHAIR-B5", ["OD2024120005"])
    ]


def test_everybody_is_invented_and_every_code_valid() -> None:
    texts = [text for kind in ("people", "customer", "requirement", "order") for text in documents(kind)]
    text = "\n".join([(ROOT / "orderctl.yaml").read_text("utf-8"), *texts])

    mails = re.findall(r"\S+@\S+", text)
    assert mails
    assert [m for m in mails if not m.rstrip(",}").endswith(".example")] == []
    codes = re.findall(r"\b(?:code|tax_number): (9[0-9A-Z]{17})\b", text)
    assert len(set(codes)) == 11  # ten Chinese companies and our own; one customer is foreign, one a person
    assert [c for c in codes if not uscc.is_valid(c)] == []
    phones = set(re.findall(r'phone: "([0-9-]+)"', text))
    assert [p for p in phones if not phonenumbers.is_valid_number(phonenumbers.parse(p, "CN"))] == []


def test_documents_are_in_normal_form(workspace: Workspace) -> None:
    kinds = catalogue(workspace).kinds
    files = [ROOT / "orderctl.yaml", *(p for part in PARTS[1:] for p in sorted((ROOT / part).rglob("*.yaml")))]
    by_kind: dict[str, list[Path]] = {}
    for file in files:
        by_kind.setdefault(file.read_text("utf-8").split("/", 1)[0].removeprefix("schema: "), []).append(file)

    wrong = [
        file.relative_to(ROOT).as_posix()
        for kind, several in by_kind.items()
        for file in several[:: max(1, len(several) // 3)]  # a few of each kind: a file takes 40 ms
        if formatted(file.read_bytes(), key_order(kinds[kind].schema)) != file.read_bytes()
    ]

    assert set(by_kind) == set(kinds) - {"policy", "receipt", "waiver"}  # signed life is the demo's
    assert wrong == []


def test_the_page_about_the_sample_names_every_open_case() -> None:
    page = (ROOT / "docs" / "sample.md").read_text("utf-8")

    assert [case for case in STATUS if case not in page] == []
    named = set(re.findall(r"(?:OD|KH)(20[0-9]{8})", page))
    assert [n for n in sorted(named) if not (ROOT / "orders" / n[:4] / n[4:6] / f"OD{n}").is_dir()] == []
