"""Fixtures: a file in <kind>/positive/ passes; one in <kind>/negative/ gives exactly the .txt beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderctl.codes import schema as codes
from orderctl.edit import apply
from orderctl.load import load
from orderctl.validate import Validator
from tests.schema.helper import CASES, kinds, read, shown

KINDS, _ = kinds()
VALIDATOR = Validator(KINDS)


def files(sort: str) -> list[Path]:
    return sorted(CASES.glob(f"*/{sort}/*.yaml"))


def name(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", files("positive"), ids=name)
def test_passes(path: Path) -> None:
    assert shown(VALIDATOR.findings(path.parent.parent.name, path.name, read(path))) == ""


@pytest.mark.parametrize("path", files("negative"), ids=name)
def test_says(path: Path) -> None:
    said = shown(VALIDATOR.findings(path.parent.parent.name, path.name, read(path)))
    expected = path.with_suffix(".txt")
    assert expected.is_file(), f"put this into {expected}, if it is right:\n{said}"
    assert said == expected.read_text()


@pytest.mark.parametrize("path", files("negative"), ids=name)
def test_safe_mends_mend(path: Path) -> None:
    """Every safe mend goes into the file, and what it mended is no finding any more."""
    kind = path.parent.parent.name
    found = VALIDATOR.findings(kind, path.name, read(path))
    mends = [f.mend for f in found if f.mend and f.mend.safe]
    after, count = apply(path.read_bytes(), mends)
    assert count == len(mends)
    value, broken = load(path.name, after)
    assert broken == []
    left = {(f.rule, f.pointer) for f in VALIDATOR.findings(kind, path.name, value)}
    assert left == {(f.rule, f.pointer) for f in found if f.mend not in mends}


def test_each_kind_has_fixtures_of_both_sorts() -> None:
    for sort in ("positive", "negative"):
        assert {p.parent.parent.name for p in files(sort)} == set(KINDS)


def test_each_expectation_has_its_fixture() -> None:
    assert [p for p in CASES.rglob("*.txt") if not p.with_suffix(".yaml").is_file()] == []


def test_each_code_is_shown_by_a_fixture_or_has_its_own_test() -> None:
    said = "".join(p.with_suffix(".txt").read_text() for p in files("negative"))
    own_test = {
        "schema.any_of",
        "schema.not_allowed",
        "schema.too_short",
    }  # no built-in kind needs them: test_validate.py
    assert {c.id for c in codes.CODES} - own_test == {c.id for c in codes.CODES if f"  {c.id}\n" in said}
