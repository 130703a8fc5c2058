"""Every row of docs/tax.md is what orderctl computes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from orderctl.money import line_amount, line_tax

TEXT = (Path(__file__).resolve().parents[2] / "docs/tax.md").read_text(encoding="utf-8")
TABLE = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if line.startswith("| ")]
SINGLE = [row for row in TABLE if row[0].replace(".", "").isdigit()]
LINES = [row for row in TABLE if row[0][:2] in {"1 ", "2 ", "3 "}]


def computed(quantity: str, price: str, discount: str, rate: str) -> list[str]:
    """Return amount, contained tax and added tax as text."""
    amount = line_amount(Decimal(quantity), Decimal(price), Decimal(discount))
    taxes = [line_tax(amount, Decimal(rate), included) for included in (True, False)]
    return [str(value) for value in (amount, *taxes)]


@pytest.mark.parametrize("row", SINGLE, ids=[" ".join(row[:4]) for row in SINGLE])
def test_row(row: list[str]) -> None:
    quantity, price, discount, rate, *expected = row
    assert computed(quantity, price, discount, rate) == expected


def test_several_rates() -> None:
    assert len(LINES) == 3
    assert [computed(row[1], row[2], "0", row[3]) for row in LINES] == [row[4:] for row in LINES]
    sums = [sum(Decimal(row[column]) for row in LINES) for column in (4, 5, 6)]
    total = next(row for row in TABLE if row[0].startswith("all"))
    assert [str(value) for value in sums] == total[4:]
    assert f"pays {sums[0]} when tax is included, {sums[0] + sums[2]} when it is added" in TEXT
