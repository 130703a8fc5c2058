"""Mends put into a file's text: bytes and mends in, bytes out. Comments, order and every other byte stay.

Each mend is proved by reading the result again: a valid document must differ by the mended value only, a broken
one must have lost the slip. A mend that can't be proved is left out, never half done.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from orderctl.load import load
from orderctl.locate import Spot, spots
from orderctl.model import Mend, pointer_of, pointer_parts

Order = Callable[[str], Sequence[str]]
"""Pointer of a mapping → its keys in the order in which people expect them; empty: no opinion."""
_WHOLE = {"bom", "newlines", "nfc"}


def apply(data: bytes, mends: Sequence[Mend], order: Order = lambda _pointer: ()) -> tuple[bytes, int]:
    """Return the bytes with the safe mends in, and how many mends that were."""
    text, done = _whole(data, {m.action for m in mends if m.safe})
    if text is None:
        return data, 0
    raw = text.encode()
    last = len(raw) + 1
    for mend in sorted((m for m in mends if m.safe and m.action == "text"), key=lambda m: -m.start):
        if 0 <= mend.start <= mend.end <= min(last, len(raw)):
            changed = raw[: mend.start] + str(mend.value).encode() + raw[mend.end :]
            if _better(raw, changed):
                raw, done, last = changed, done + 1, mend.start
    if any(m.safe and m.action == "nfc" for m in mends):
        done += _normal(raw) != raw
        raw = _normal(raw)
    for mend in mends:
        if mend.safe and mend.action in ("set", "scalar"):
            placed = _placed(raw, mend, order)
            if placed is not None and placed != raw:
                raw, done = placed, done + 1
    return raw, done


def _whole(data: bytes, actions: set[str]) -> tuple[str | None, int]:
    """Return the text that offsets and places count in: without BOM, LF only. None if it can't be had."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None, 0
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if plain != text and not actions & _WHOLE:
        return None, 0
    return plain, len(actions & {"bom", "newlines"}) if plain != text else 0


def _normal(raw: bytes) -> bytes:
    return unicodedata.normalize("NFC", raw.decode()).encode()


def _better(before: bytes, after: bytes) -> bool:
    """Tell whether a mend of text is proved: a slip is gone; in a file without slips, one value is another one."""
    old, was = load("", before)
    new, now = load("", after)
    if old is not None and new is not None:
        leaves, others = dict(_leaves(old)), dict(_leaves(new))
        return leaves.keys() == others.keys() and sum(repr(leaves[p]) != repr(others[p]) for p in leaves) == 1
    places = {(f.rule, f.line) for f in was}
    return new is not None or sum((f.rule, f.line) in places for f in now) < len(was)


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield pointer, None if isinstance(value, dict | list) else value
    for key, child in inner:
        yield from _leaves(child, f"{pointer}/{key}")


def _placed(raw: bytes, mend: Mend, order: Order) -> bytes | None:
    before, findings = load("", raw)
    if before is None or findings:
        return None
    text = raw.decode()
    places = spots(raw)
    spot = places.get(mend.pointer)
    changed: str | None
    if mend.action == "scalar":
        if spot is None or not spot.scalar:
            return None
        changed = _spliced(text, spot, str(mend.value))
        expected = None
    else:
        expected = _with(before, mend.pointer, mend.value)
        if expected is None:
            return None
        if spot is not None:
            changed = _spliced(text, spot, written(mend.value, _quoted(text, spot)))
        else:
            changed = _added(text, places, mend, order)
    after, findings = load("", changed.encode()) if changed is not None else (None, [])
    if changed is None or after is None or findings:
        return None
    if expected is None:  # the new value is what the text says
        expected = _with(before, mend.pointer, _value(after, mend.pointer))
    return changed.encode() if _same(after, expected) else None


def written(value: Any, quoted: bool = False) -> str:
    """Return a value as YAML in flow style; text is quoted only where it must be (or where it was)."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(v) for v in value) + "]"
    if isinstance(value, str):
        text = f"{{k: {value}, l: 1}}".encode(errors="replace")
        field = load("", f"{{{value}: 1}}".encode(errors="replace")) == ({value: 1}, [])
        plain = field and not quoted and load("", text) == ({"k": value, "l": 1}, [])
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value)


def _quoted(text: str, spot: Spot) -> bool:
    start, _ = _range(text, spot)
    return text[start : start + 1] in {"'", '"'}


def _range(text: str, spot: Spot) -> tuple[int, int]:
    rows = text.split("\n")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    return starts[spot.line - 1] + spot.column - 1, min(starts[spot.end_line - 1] + spot.end_column - 1, len(text))


def _spliced(text: str, spot: Spot, value: str) -> str:
    start, end = _range(text, spot)
    if start == end and text[start - 1 : start] in {":", "-"}:  # an empty value
        value = " " + value
    return text[:start] + value + text[end:]


def _added(text: str, places: dict[str, Spot], mend: Mend, order: Order) -> str | None:
    """Return the text with a new key in the mapping at the pointer's parent, after the key it should follow."""
    *head, key = pointer_parts(mend.pointer)
    parent = pointer_of(tuple(head))
    if parent not in places:  # the parent is made first, holding the key
        return _added(text, places, Mend("set", {key: mend.value}, parent), order) if head else None
    if places[parent].scalar:  # null: it becomes a mapping
        return _spliced(text, places[parent], written({key: mend.value}))
    start, _end = _range(text, places[parent])
    keys = [pointer_parts(p)[-1] for p in places if _is_child(p, parent)]
    previous = _previous(keys, key, order(parent))
    entry = f"{written(key)}: {written(mend.value)}"
    if text[start : start + 1] == "{":
        if previous is None:
            return f"{text[: start + 1]}{entry}{', ' if keys else ''}{text[start + 1 :]}"
        _, at = _range(text, places[f"{parent}{pointer_of([previous])}"])
        return f"{text[:at]}, {entry}{text[at:]}"
    indent = " " * (places[f"{parent}{pointer_of([keys[0]])}"].key_column - 1)
    if previous is None:
        return f"{text[:start]}{entry}\n{indent}{text[start:]}"
    above = f"{parent}{pointer_of([previous])}"
    below = [(_range(text, s), s) for p, s in places.items() if p == above or p.startswith(above + "/")]
    # the mark of a block collection stands behind the comments that follow it: only its leaves tell where it ends
    at = max(stop for (first, stop), s in below if s.scalar or text[first] in "{[")
    line_end = at - 1 if at and text[at - 1] == "\n" else text.find("\n", at)
    if line_end < 0:
        return f"{text}\n{indent}{entry}\n"
    return f"{text[: line_end + 1]}{indent}{entry}\n{text[line_end + 1 :]}"


def _is_child(pointer: str, parent: str) -> bool:
    return pointer.startswith(parent + "/") and "/" not in pointer[len(parent) + 1 :]


def _previous(keys: list[str], key: str, wanted: Sequence[str]) -> str | None:
    if key in wanted:
        before = set(wanted[: list(wanted).index(key)])
        return next((k for k in reversed(keys) if k in before), None)
    return keys[-1] if keys else None


def _with(document: Any, pointer: str, value: Any) -> Any:
    """Return a copy of the document with ``value`` at the pointer, or None when the pointer leads nowhere."""
    copy = deepcopy(document)
    *head, last = pointer_parts(pointer) or [""]
    target = copy
    for part in head:
        if isinstance(target, list) and part.isdigit() and int(part) < len(target):
            target = target[int(part)]
        elif isinstance(target, dict):
            if target.get(part) is None:
                target[part] = {}
            target = target[part]
        else:
            return None
    if isinstance(target, list) and last.isdigit() and int(last) < len(target):
        target[int(last)] = value
    elif isinstance(target, dict):
        target[last] = value
    else:
        return None
    return copy


def _value(document: Any, pointer: str) -> Any:
    for part in pointer_parts(pointer):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def _same(one: Any, other: Any) -> bool:
    """Tell whether two documents are equal by value and type, decimals included (8 is not 8.00)."""
    return repr(_plain(one)) == repr(_plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((k, _plain(v)) for k, v in value.items())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
