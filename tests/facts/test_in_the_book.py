"""The same facts through the real book: warm at every step of an order's life, and over several orders."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderctl.model import Finding
from orderctl.pipeline import check, find_workspace, open_book
from tests.facts.test_status import BASE, CASE, LIFE, masters
from tests.facts.test_stock_and_money import OPEN, chairs, due, with_copies
from tests.facts.workspaces import write
from tests.fake_book import FakeBook

AS_OF = "2024-05-24"


def facts_in(root: Path, as_of: str = AS_OF) -> dict[str, Any]:
    """Return every row of every fact, as the book holds them."""
    with open_book(find_workspace(root), as_of=as_of) as run:
        reader = run.reader()
        return {name: reader.all(name) for name in FakeBook({}).modules}


def facts_without_a_book(documents: dict[str, Any], as_of: str = AS_OF) -> dict[str, Any]:
    book = FakeBook(documents, as_of)
    return {name: book.all(name) for name in book.modules}


def test_a_warm_book_follows_every_step_of_an_orders_life(tmp_path: Path) -> None:
    documents = masters()
    write(tmp_path, documents)
    seen = []
    for file, data, *_ in LIFE:
        step = {f"{CASE}/{file}": data or BASE[f"{CASE}/{file}"]}
        documents |= step
        write(tmp_path, step)
        facts = facts_in(tmp_path)
        assert facts == facts_without_a_book(documents), file
        [status] = facts["status"]
        seen.append((file, status["status"], status["since"], status["waiting"]))
    assert seen == [(file, status, since, waiting) for file, _, status, since, waiting in LIFE]


@pytest.mark.parametrize(
    "as_of", ["2024-05-24", "2024-06-05T17:59:59+08:00", "2024-06-05T18:00:00+08:00", "2025-07-01"]
)
def test_the_base_at_several_times(tmp_path: Path, as_of: str) -> None:
    write(tmp_path, BASE)
    assert facts_in(tmp_path) == facts_without_a_book(BASE)
    assert facts_in(tmp_path, as_of) == facts_without_a_book(BASE, as_of)
    assert facts_in(tmp_path) == facts_without_a_book(BASE)


def findings_of(rule: str, documents: dict[str, Any], root: Path) -> list[Finding]:
    write(root, documents)
    return [f for f in check(find_workspace(root), as_of=AS_OF).findings if f.rule == rule]


@pytest.mark.parametrize(("limit", "over"), [("8400.00", True), ("8400.01", False), ("8400.02", False)])
def test_credit_over_several_orders(tmp_path: Path, limit: str, over: bool) -> None:
    documents = with_copies({"total": Decimal("2000.01"), "payment": {"terms": "split", "prepaid_percent": 30}})
    documents["customers/C0001.yaml"]["credit"]["limit"] = Decimal(limit)
    found = findings_of("credit-limit-exceeded", documents, tmp_path)
    assert [(f.path, f.pointer, dict(f.params)) for f in found] == [
        (
            "customers/C0001.yaml",
            "/credit/limit",
            {
                "name_zh": "北京云帆科技有限公司",
                "name_en": "Beijing Yunfan Technology Co., Ltd.",
                "owed": Decimal("8400.01"),
                "limit": Decimal(limit),
                "over": Decimal("0.01"),
                "orders": "OD2024050014, OD2024050013",
            },
        )
    ] * over


@pytest.mark.parametrize("extra", [0, 1])
def test_goods_promised_to_several_orders(tmp_path: Path, extra: int) -> None:
    documents = with_copies(
        {"lines": chairs(60), **due("2024-06-03")}, {"lines": chairs(30 + extra), **due("2024-06-07")}
    )
    found = findings_of("available-to-promise-short", documents, tmp_path)
    assert [(f.path, f.pointer, dict(f.params)) for f in found] == [
        (
            "catalog/products/CHAIR-E1.yaml",
            "/stocked",
            {
                "product": "CHAIR-E1",
                "on_hand": 110,
                "reserved": 111,
                "missing": 1,
                "due": "2024-06-07",
                "orders": "OD2024050015",
            },
        )
    ] * extra


def test_a_broken_order_leaves_its_customer_without_a_finding(tmp_path: Path) -> None:
    documents = deepcopy(BASE)
    documents["customers/C0001.yaml"]["credit"]["limit"] = 1
    assert len(findings_of("credit-limit-exceeded", documents, tmp_path)) == 1
    (tmp_path / OPEN / "order.yaml").write_text("schema: order/1\nnumber: [\n", "utf-8")
    found = check(find_workspace(tmp_path), as_of=AS_OF).findings
    assert not [f for f in found if f.rule.startswith("plugin.")]
