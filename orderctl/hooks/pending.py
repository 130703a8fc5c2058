"""Verdicts on their way from pre-receive to post-receive: one small file each, beside the ledger.

A file also reserves the step: while its push is alive, no other push from the same commit passes, so that exactly one
of several comes first and the others are told so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from orderctl.trust.ledger import Record
from orderctl.writing import write_inside

_FOLDER = "verdicts"
Owner = tuple[int, str]
"""The process that moves the refs: its id and when it began."""


def moving(state: Path, ref: str, old: str, process: int) -> bool:
    """Tell whether another live push is just moving ``ref`` from ``old``; forget what dead ones left."""
    for path, other, owner in _pending(state):
        if (other.ref, other.old) == (ref, old) and owner[0] != process:
            if _lives(owner):
                return True
            path.unlink(missing_ok=True)
    return False


def reserve(state: Path, records: Sequence[Record], process: int) -> None:
    """Write the verdicts of one push. ``process``: the id of the process that will move the refs. Raises OSError."""
    for record in records:
        data = json.dumps({**asdict(record), "process": [process, started(process)]}, sort_keys=True).encode()
        write_inside(state, f"{_FOLDER}/{_name(record.ref, record.old, record.new)}", data)


def pending(state: Path, ref: str, old: str, new: str) -> Record | None:
    """Return the verdict that allowed this very step, or None."""
    found = _read(state / _FOLDER / _name(ref, old, new))
    return found[0] if found is not None and (found[0].ref, found[0].old, found[0].new) == (ref, old, new) else None


def path_between(state: Path, ref: str, old: str, new: str) -> list[Record]:
    """Return the verdicts that lead from ``old`` to ``new`` step by step; empty if they don't.

    One whose push still lives is just not written down yet; the others were lost and count as recovered.
    """
    steps: dict[str, list[Record]] = {}
    for _, record, owner in _pending(state):
        if record.ref == ref:
            steps.setdefault(record.old, []).append(replace(record, recovered=not _lives(owner)))
    ways: list[list[Record]] = [[]]
    seen = {old}
    for way in ways:
        for record in steps.get(way[-1].new if way else old, []):
            if record.new == new:
                return [*way, record]
            if record.new not in seen:
                seen.add(record.new)
                ways.append([*way, record])
    return []


def drop(state: Path, records: Sequence[Record]) -> None:
    """Forget verdicts that are in the ledger, and those of pushes that ended without moving their ref."""
    for record in records:
        with suppress(OSError):
            (state / _FOLDER / _name(record.ref, record.old, record.new)).unlink()


def sweep(state: Path, known: Mapping[str, str]) -> None:
    """Forget the verdicts of dead pushes that can lead nowhere any more: their ref is elsewhere in the ledger.

    ``known``: ref → the last commit of the ledger.
    """
    for path, record, owner in _pending(state):
        if not _lives(owner) and known.get(record.ref, record.old) != record.old:
            with suppress(OSError):
                path.unlink()


def _pending(state: Path) -> Iterator[tuple[Path, Record, Owner]]:
    with suppress(OSError):
        for path in sorted((state / _FOLDER).glob("*.json")):
            found = _read(path)
            if found is not None:
                yield path, *found


def _read(path: Path) -> tuple[Record, Owner] | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            value: dict[str, Any] = json.loads(stream.read())
        process, began = value.pop("process")
        return Record(**value), (int(process), str(began))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _name(ref: str, old: str, new: str) -> str:
    return sha256(f"{ref} {old} {new}".encode()).hexdigest()[:32] + ".json"


def _lives(owner: Owner) -> bool:
    """Tell whether the process is still the one that was meant: alive, no zombie, not another one of the same id."""
    process, began = owner
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return process > 1 and started(process) == began


def started(process: int) -> str:
    """Return when a process began, as the system counts; "" where it doesn't say, or for one that has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
