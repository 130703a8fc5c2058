"""Every row of docs/numbers-and-text.md is what the loader does, up to the limits and one beyond."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderctl.fix import plan
from orderctl.load import load

TEXT = (Path(__file__).resolve().parents[2] / "docs/numbers-and-text.md").read_text(encoding="utf-8")


def cells(line: str) -> list[str]:
    """Return a table row's cells, code marks removed."""
    parts = re.split(r"(?<!\\)\|", line)[1:-1]
    inner = (part.strip().strip("`").replace("\\|", "|") for part in parts)
    return [part if part.strip() else "" for part in inner]


def rows(columns: int) -> Iterator[list[str]]:
    """Yield the rows of the tables with that many columns, heads left out."""
    for line in TEXT.splitlines():
        if line.startswith("| `") and len(cells(line)) == columns:
            yield cells(line)


def spelled(cell: str) -> bytes:
    """Return the bytes that a cell stands for."""
    text = re.sub(r"⟨([0-9A-F]+)⟩", lambda match: chr(int(match[1], 16)), cell.replace("⏎", "\n"))
    return (text + "\n").encode("utf-8", "surrogatepass")


def exact(value: Any) -> Any:
    """Return a value with every number beside its type, so that 1 and 1.0 and "1" differ."""
    if isinstance(value, dict):
        return {key: exact(below) for key, below in value.items()}
    return (type(value).__name__, str(value))


ROWS = list(rows(4))


def test_the_table_is_there() -> None:
    assert len(ROWS) > 80


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row[0][:30]}" for n, row in enumerate(ROWS)])
def test_row(row: list[str]) -> None:
    written, meaning, codes, mended = row
    data = spelled(written)
    value, findings = load("a.yaml", data)
    assert ", ".join(dict.fromkeys(finding.rule for finding in findings)) == codes
    if meaning:
        expected = json.loads(re.sub(r"⟨(.+?)⟩", r"\\u00\1", meaning), parse_float=Decimal)
        assert exact(value) == exact(expected)
    else:
        assert value is None
    fixed = plan(findings, lambda _path: data, lambda _path: lambda _pointer: ())
    assert [file.after for file in fixed] == ([spelled(mended)] if mended else [])
    if mended:
        assert load("a.yaml", spelled(mended))[1] == []


def nested(levels: int) -> bytes:
    return b"a: " + b"[" * (levels - 1) + b"]" * (levels - 1)


def findings_of(count: int) -> bytes:
    return "".join(f"k{n}: 0{n}\n" for n in range(count)).encode()


LIMITS = {
    "limit.size": lambda n: (b"a: " + b"x" * 90 + b"\n" + b"#" * n)[:n],
    "limit.nodes": lambda n: b"a: [" + b"1," * (n - 3) + b"]",
    "limit.depth": nested,
    "limit.scalar": lambda n: b"a: " + b"x" * n,
    "limit.number": lambda n: b"a: " + b"1" * n,
    "limit.findings": findings_of,
}


@pytest.mark.parametrize("code", LIMITS)
def test_limit(code: str) -> None:
    limit = next(int(row[1]) for line in TEXT.splitlines() if (row := cells(line)) and row[-1] == code)
    for size, beyond in ((limit - 1, False), (limit, False), (limit + 1, True)):
        _, found = load("a.yaml", LIMITS[code](size))
        assert (code in {finding.rule for finding in found}) is beyond, size
