"""Documents that cannot be read cost their own page at most: the site appears, its links hold, the findings tell."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.conftest import BASE, build
from tests.site.test_pages import pages
from tests.site.test_pages import test_every_link_leads_to_a_file_and_anchor_of_the_site as links_hold

ALWAYS = {
    "index.html", "orders.html", "inquiries.html", "customers.html", "products.html", "findings.html", "rules.html",
}  # fmt: skip
CASE = "orders/2024/05/OD2024050012"


def spoil(path: str) -> Callable[[Path], None]:
    """Text that is no YAML."""

    def change(shop: Path) -> None:
        (shop / path).write_text("a: [", "utf-8")

    return change


def falsify(path: str, old: str, new: str) -> Callable[[Path], None]:
    """YAML that the schema refuses."""

    def change(shop: Path) -> None:
        text = (shop / path).read_text("utf-8")
        assert old in text
        (shop / path).write_text(text.replace(old, new, 1), "utf-8")

    return change


def drop(*paths: str) -> Callable[[Path], None]:
    def change(shop: Path) -> None:
        for path in paths:
            shutil.rmtree(shop / path) if (shop / path).is_dir() else (shop / path).unlink()

    return change


def all_of(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def change(shop: Path) -> None:
        for one in changes:
            one(shop)

    return change


OPEN_TICKET = falsify(f"{CASE}/ticket-1.yaml", "closed_on: 2024-05-23", "")
NOWHERE = all_of(
    falsify("orders/2024/05/OD2024050013/order.yaml", "kind: new", "kind: repeat\nrepeats: OD2023010001"),
    falsify("customers/C0001.yaml", "{product: CHAIR-E1, price", "{product: CHAIR-E9, price"),
    drop("catalog/products"),
)
CASES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "order, no YAML": (spoil(f"{CASE}/order.yaml"), {"orders/OD2024050013.html", "customers/C0001.html"}),
    "order, refused": (
        falsify(f"{CASE}/order.yaml", "kind: custom", "kind: 12"),
        {"orders/OD2024050013.html", "customers/C0001.html"},
    ),
    "customer, refused": (
        falsify("customers/C0001.yaml", "kind: private", "kind: 12"),
        {"orders/OD2024050012.html", "orders/OD2024050013.html"},
    ),
    "customer, missing": (drop("customers/C0001.yaml"), {"orders/OD2024050012.html", "orders/OD2024050013.html"}),
    "people and flows, missing": (
        drop("policy/people.yaml", "policy/flows.yaml"),
        {"orders/OD2024050012.html", "orders/OD2024050013.html", "customers/C0001.html"},
    ),
    "flows, refused": (falsify("policy/flows.yaml", "role: finance", "role: [1]"), {"customers/C0001.html"}),
    "order of an open ticket, missing": (
        all_of(OPEN_TICKET, drop(f"{CASE}/order.yaml")),
        {"orders/OD2024050013.html", "customers/C0001.html"},
    ),
    "references that lead nowhere": (
        NOWHERE,
        {"orders/OD2024050012.html", "orders/OD2024050013.html", "customers/C0001.html"},
    ),
    "an empty shop": (drop("orders", "customers", "catalog", "stock", "calendar"), set()),
}


@pytest.mark.parametrize("case", CASES)
def test_a_document_that_cannot_be_read_costs_its_own_page_at_most(case: str, tmp_path: Path) -> None:
    change, left = CASES[case]
    shutil.copytree(BASE, tmp_path / "shop")
    change(tmp_path / "shop")
    site = build(tmp_path / "shop", tmp_path / "out", "2024-05-24", exits=(0, 10))
    assert set(pages(site)) == ALWAYS | left
    links_hold(site)
