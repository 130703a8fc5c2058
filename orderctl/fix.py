"""Safe mends of a run, file by file: findings and bytes in; changed files out, as bytes or as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from orderctl import edit
from orderctl.load import load
from orderctl.model import Finding
from orderctl.terminal import visible

ROUNDS = 200
"""A slip of syntax hides the ones behind it, so a file is read again after each mend, at most this often."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file before and after its mends; ``mends`` counts them."""

    path: str
    before: bytes
    after: bytes
    mends: int


def plan(
    findings: Iterable[Finding], read: Callable[[str], bytes | None], order: Callable[[str], edit.Order]
) -> tuple[Fixed, ...]:
    """Return the files that the findings' safe mends change, sorted by path. Nothing is written.

    ``order`` gives, for a path, the key order of its mappings. A file that can't be read is left out.
    """
    mended = sorted((f for f in findings if f.mend and f.mend.safe and f.path), key=lambda f: f.path)
    changed = []
    for path, found in groupby(mended, key=lambda f: f.path):
        before = read(path)
        if before is None:
            continue
        after, count = edit.apply(before, [f.mend for f in found if f.mend], order(path))
        after, more = _text(path, after, order(path))
        if after != before:
            changed.append(Fixed(path, before, after, count + more))
    return tuple(changed)


def _text(path: str, data: bytes, order: edit.Order) -> tuple[bytes, int]:
    """Mend what a first mend brought to light, until nothing safe is left."""
    count = 0
    for _ in range(ROUNDS):
        _value, findings = load(path, data)
        data, more = edit.apply(data, [f.mend for f in findings if f.mend], order)
        if not more:
            break
        count += more
    return data, count


def diff(fixed: Iterable[Fixed]) -> str:
    """Return a unified diff of the changes, for people: unseen characters are spelled out."""
    lines: list[str] = []
    for file in fixed:
        name = visible(file.path)
        before, after = _rows(file.before), _rows(file.after)
        lines += difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="")
    return "".join(line + "\n" for line in lines)


def _rows(data: bytes) -> list[str]:
    text = data.decode(errors="surrogateescape")
    rows = [visible(row) for row in text.split("\n")]
    if rows[-1]:
        rows.append("\\ No newline at end of file")
    else:
        rows.pop()
    return rows
