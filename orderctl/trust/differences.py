"""Two versions of a document in, the fields that differ out: JSON pointer, value before, value after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderctl.model import pointer_of

_NAMES = ("id", "number", "line", "product", "key")
"""What identifies a row of a list, in this order; a list without any is compared by position."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. ``old`` or ``new`` is None where there was nothing; the pointer is the newer version's."""

    pointer: str
    old: Any
    new: Any


def differences(old: Any, new: Any, at: tuple[object, ...] = ()) -> Iterator[Difference]:
    """Yield the leaf fields that differ, in the newer document's order."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in (*new, *(k for k in old if k not in new)):
            yield from differences(old.get(key), new.get(key), (*at, key))
    elif _rows(old) and _rows(new):
        for place, before, after in _paired(old, new):
            yield from differences(before, after, (*at, place))
    elif old is None and (isinstance(new, Mapping) or _nested(new)):
        yield from differences(type(new)(), new, at) if new else (Difference(pointer_of(at), None, new),)
    elif new is None and (isinstance(old, Mapping) or _nested(old)):
        yield from differences(old, type(old)(), at) if old else (Difference(pointer_of(at), old, None),)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield Difference(pointer_of(at), old, new)


def _rows(value: Any) -> bool:
    """Tell whether a list's members are compared one by one: rows are, plain values are one value together."""
    return isinstance(value, list | tuple) and all(isinstance(v, Mapping) for v in value)


def _nested(value: Any) -> bool:
    return _rows(value) and bool(value)


def _paired(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Yield (place, row before, row after); a row that is gone has its old place."""
    name = next((n for n in _NAMES if _unique(old, n) and _unique(new, n)), "")
    if not name:
        for place in range(max(len(old), len(new))):
            yield place, _at(old, place), _at(new, place)
        return
    before = {row[name]: row for row in old}
    for place, row in enumerate(new):
        yield place, before.get(row[name]), row
    kept = {row[name] for row in new}
    for place, row in enumerate(old):
        if row[name] not in kept:
            yield place, row, None


def _unique(rows: Sequence[Any], name: str) -> bool:
    values = [row.get(name) for row in rows]
    scalar = all(isinstance(v, str | int) for v in values)
    return scalar and len(set(values)) == len(values)


def _at(rows: Sequence[Any], place: int) -> Any:
    return rows[place] if place < len(rows) else None
