"""Mends: what ``check --fix`` writes, and all that it leaves alone."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderctl.edit import apply
from orderctl.load import load
from orderctl.model import Mend
from tests.cli.conftest import AS_OF, Run, change

ORDER = "orders/2024/05/OD2024050013/order.yaml"
SOURCE = """\
# heading
number: 7   # why

lines:
  - {line: 1, price: 8.00}  # first
  - line: 2
    # the price of the second
    price: 9.00
delivery:
  to: {}
  note:
# about money
total: 17.00
text: |
  two
  lines
"""
CASES: list[tuple[str, Any, str, str]] = [
    ("/total", Decimal("18.00"), "total: 17.00", "total: 18.00"),
    ("/lines/0/amount", Decimal("8.00"), "price: 8.00}", "price: 8.00, amount: 8.00}"),
    ("/lines/1/amount", Decimal("9.00"), "    price: 9.00\n", "    price: 9.00\n    amount: 9.00\n"),
    ("/delivery/to/city", "深圳市", "to: {}", "to: {city: 深圳市}"),
    ("/delivery/note", "a: b", "note:\n", 'note: "a: b"\n'),
    ("/delivery/due", "2024-05-20", "  note:\n", "  note:\n  due: 2024-05-20\n"),
    ("/payment/days", 30, "  lines\n", "  lines\npayment: {days: 30}\n"),
    ("/currency", "CNY", "number: 7   # why\n", "number: 7   # why\ncurrency: CNY\n"),
    ("/number", "0012", "number: 7 ", 'number: "0012" '),
]


def order(pointer: str) -> tuple[str, ...]:
    return ("number", "currency", "lines", "delivery", "total") if pointer == "" else ()


@pytest.mark.parametrize(("pointer", "value", "old", "new"), CASES)
def test_a_set_value_changes_nothing_else(pointer: str, value: Any, old: str, new: str) -> None:
    assert SOURCE.count(old) == 1
    after, done = apply(SOURCE.encode(), [Mend("set", value, pointer)], order)
    assert (after.decode(), done) == (SOURCE.replace(old, new), 1)
    again, more = apply(after, [Mend("set", value, pointer)], order)
    assert (again, more) == (after, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 0012\n", 'a: "0012"\n'),
        ("a：1\n", "a: 1\n"),
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("\ufeffa: 1\n", "a: 1\n"),
        ("\ufeffa: 1e3 # x\r\n", 'a: "1e3" # x\n'),
        ("a: １２\n", "a: 12\n"),
        ("# 数字\na: e\u0301\n", "# 数字\na: é\n"),
    ],
)
def test_slips_of_text(before: str, after: str) -> None:
    data = before.encode()
    _, findings = load("x", data)
    mended, _done = apply(data, [f.mend for f in findings if f.mend])
    assert mended.decode() == after
    assert load("x", mended)[1] == []


@pytest.mark.parametrize(
    "mend",
    [
        Mend("set", 1, "/total", safe=False),
        Mend("set", 1, "/lines/9/price"),
        Mend("set", 1, "/number/deep"),
        Mend("scalar", "}", "/total"),
        Mend("scalar", "1", "/lines"),
        Mend("scalar", "&a 1", "/total"),
        Mend("text", "x: [", start=0, end=0),
        Mend("text", "x: 1\n", start=0, end=0),
        Mend("text", "", start=0, end=9),
        Mend("text", "", start=5, end=99999),
        Mend("text", "", start=-1, end=-1),
    ],
)
def test_what_is_unsafe_or_unproved_is_left_alone(mend: Mend) -> None:
    assert apply(SOURCE.encode(), [mend]) == (SOURCE.encode(), 0)


def test_text_of_one_value_may_change() -> None:
    start = SOURCE.encode().index(b"17.00")
    after, done = apply(SOURCE.encode(), [Mend("text", "18.00", start=start, end=start + 5)])
    assert (after.decode(), done) == (SOURCE.replace("17.00", "18.00"), 1)


def test_fix_fills_what_can_be_computed_and_counts_what_is_left(shop: Path, orderctl: Run) -> None:
    file = shop / ORDER
    before = file.read_text()
    change(file, ", amount: 7000.00", "")
    change(file, "total: 7000.00\n", "")
    change(file, "tax: 805.31\n", "")
    change(file, "total_capitals: 柒仟元整\n", "")
    done = orderctl("check", "--fix", "--as-of", AS_OF, cwd=shop)
    assert done.returncode == 0, done.stdout
    assert file.read_text() == before
    assert ORDER in done.stderr


def test_fix_leaves_a_wrong_amount_to_people(shop: Path, orderctl: Run) -> None:
    change(shop / ORDER, "amount: 7000.00", "amount: 7000.01")
    before = (shop / ORDER).read_bytes()
    done = orderctl("check", "--fix", "--as-of", AS_OF, cwd=shop)
    assert done.returncode == 10
    assert (shop / ORDER).read_bytes() == before


def test_diff_shows_and_writes_nothing(shop: Path, orderctl: Run) -> None:
    change(shop / ORDER, "total_capitals: 柒仟元整\n", "")
    before = (shop / ORDER).read_bytes()
    done = orderctl("check", ORDER, "--diff", "--as-of", AS_OF, "--output", "concise", cwd=shop)
    assert done.stdout.splitlines()[:3] == [
        f"--- a/{ORDER}",
        f"+++ b/{ORDER}",
        "@@ -17,6 +17,7 @@",
    ]
    assert "+total_capitals: 柒仟元整" in done.stdout
    assert done.returncode == 10
    assert (shop / ORDER).read_bytes() == before


def test_fix_never_follows_a_link(shop: Path, orderctl: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_bytes(b"schema: customer/1\r\nid: C0009\r\n")
    os.symlink(outside, shop / "customers" / "C0009.yaml")
    orderctl("check", "--fix", "--as-of", AS_OF, cwd=shop)
    assert outside.read_bytes() == b"schema: customer/1\r\nid: C0009\r\n"
    assert (shop / "customers" / "C0009.yaml").is_symlink()


def test_fix_keeps_the_mode_and_leaves_no_other_file(shop: Path, orderctl: Run) -> None:
    file = shop / ORDER
    change(file, "total_capitals: 柒仟元整\n", "")
    file.chmod(0o640)
    orderctl("check", "--fix", "--as-of", AS_OF, cwd=shop)
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in file.parent.iterdir() if p.is_file()) == sorted(
        p for p in os.listdir(file.parent) if not p.endswith(".tmp") and (file.parent / p).is_file()
    )


def test_fix_is_for_files_on_disk(shop: Path, orderctl: Run) -> None:
    assert orderctl("check", "--fix", "--rev", "HEAD", cwd=shop).returncode == 2
