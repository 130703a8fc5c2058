"""A document's text in its normal form: key order of the schema, indentation, LF, final newline, no BOM; comments stay.

The result is proved: it holds the same values and the same comments, and formatting it again changes nothing.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from orderctl.edit import Order
from orderctl.load import load
from orderctl.locate import Spot, spots
from orderctl.model import pointer_parts

_COMMENT = re.compile(r"\s*#")


def formatted(data: bytes, order: Order) -> bytes | None:
    """Return the file in normal form, or None if it can't be read without doubt or can't be formatted safely."""
    before = _text(data)
    value, findings = load("", before.encode()) if before is not None else (None, [])
    if before is None or value is None or findings:
        return None
    text = _reorder(before, order)
    after = _indent(text)
    for candidate in (after, text, before):
        if _proved(before, candidate, value) and (
            candidate is before or _indent(_reorder(candidate, order)) == candidate
        ):
            return candidate.encode()
    return None


def key_order(schema: Mapping[str, Any]) -> Order:
    """Return the key order of a kind: that of its effective schema (references put in)."""

    def keys(pointer: str) -> tuple[str, ...]:
        node: Any = schema
        for part in pointer_parts(pointer):
            node = node.get("items") if part.isdigit() else node.get("properties", {}).get(part)
            if not isinstance(node, Mapping):
                return ()
        return tuple(node.get("properties", {}))

    return keys


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(row.rstrip(" \t") for row in text.split("\n")) if "|" not in text and ">" not in text else text
    return unicodedata.normalize("NFC", text).rstrip("\n") + "\n"


def _proved(before: str, after: str, value: Any) -> bool:
    again, findings = load("", after.encode())
    return (
        not findings
        and again == value
        and repr(_sorted(again)) == repr(_sorted(value))
        and (_comments(before) == _comments(after))
    )


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((k, _sorted(v)) for k, v in value.items())
    return [_sorted(v) for v in value] if isinstance(value, list) else value


def _comments(text: str) -> list[str]:
    """Return every comment, sorted; a # inside text counts too, and stays the same as well."""
    return sorted(match.strip() for row in text.split("\n") for match in re.findall(r"(?:^|\s)#.*", row))


def _reorder(text: str, order: Order) -> str:
    """Put the keys of each mapping into the schema's order, the innermost first."""
    places = spots(text.encode())
    mappings = sorted({p.rsplit("/", 1)[0] for p in places if p}, key=lambda p: (-p.count("/"), p))
    for pointer in mappings:
        wanted = order(pointer)
        places = spots(text.encode())
        children = [p for p in places if p.rsplit("/", 1)[0] == pointer and p]
        keys = [pointer_parts(p)[-1] for p in children]
        ranked = sorted(
            range(len(keys)), key=lambda i: (wanted.index(keys[i]) if keys[i] in wanted else len(wanted), i)
        )
        if not wanted or ranked == list(range(len(keys))):
            continue
        own, inner = places[pointer], [places[c] for c in children]
        if _at(text, own.line, own.column) == "{":
            text = _reorder_flow(text, own, inner, ranked)
        else:
            last = max(_last_line(text, s) for p, s in places.items() if p in children or p.startswith(f"{pointer}/"))
            text = _reorder_block(text, inner, ranked, last)
    return text


def _at(text: str, line: int, column: int) -> str:
    return text.split("\n")[line - 1][column - 1 : column]


def _last_line(text: str, spot: Spot) -> int:
    """Return the last line of a scalar or of what is in braces; a block's mark stands behind its comments: 0."""
    if not spot.scalar and _at(text, spot.line, spot.column) not in {"{", "["}:
        return 0
    return spot.end_line - 1 if spot.end_column == 1 and spot.end_line > spot.line else spot.end_line


def _reorder_flow(text: str, own: Spot, inner: list[Spot], ranked: list[int]) -> str:
    rows = text.split("\n")
    row = rows[own.line - 1]
    if own.line != own.end_line:
        return text
    parts = [row[s.key_column - 1 : s.end_column - 1] for s in inner]
    rows[own.line - 1] = row[: own.column] + ", ".join(parts[i] for i in ranked) + row[own.end_column - 2 :]
    return "\n".join(rows)


def _reorder_block(text: str, inner: list[Spot], ranked: list[int], last: int) -> str:
    """Move the lines of each key, with the comment lines right above it; the dash of a list stays in front."""
    rows = text.split("\n")
    starts = [s.key_line - 1 for s in inner]
    if len(set(starts)) < len(starts):
        return text
    for i in range(1, len(starts)):  # the first key's comments may be the file's heading: they stay on top
        while _COMMENT.match(rows[starts[i] - 1]) and starts[i] - 1 > starts[i - 1]:
            starts[i] -= 1
    indent = inner[0].key_column - 1
    lead = rows[starts[0]][:indent]
    rows[starts[0]] = " " * indent + rows[starts[0]][indent:]
    blocks = [rows[start:end] for start, end in zip(starts, [*starts[1:], last], strict=True)]
    moved = [row for i in ranked for row in blocks[i]]
    if lead.strip():
        if _COMMENT.match(moved[0]):
            return text
        moved[0] = lead + moved[0][indent:]
    return "\n".join([*rows[: starts[0]], *moved, *rows[last:]])


def _indent(text: str) -> str:
    """Return the text written anew by the round-trip writer, every scalar as it was typed; as it is if that fails."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.resolver import VersionedResolver

    class Untyped(VersionedResolver):
        """Takes every plain scalar as text, so that it is written as it was typed."""

        versioned_resolver: ClassVar[Any] = {}

    yaml = YAML(typ="rt", pure=True)
    yaml.Resolver = Untyped
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    try:
        yaml.dump(yaml.load(text), out)
    except (YAMLError, ValueError, AssertionError, RecursionError):
        return text
    return _align(out.getvalue().rstrip("\n") + "\n")


def _align(text: str) -> str:
    """Indent a comment line like the line below it, unless a block ends there: then it may belong to the block."""
    rows = text.split("\n")
    typed = {n for s in spots(text.encode()).values() if s.scalar for n in range(s.line, s.end_line)}
    below = ""
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        if number in typed or not row.strip():
            continue
        if not _COMMENT.match(row):
            below = row
        elif below:
            above = next((r for r in reversed(rows[:number]) if r.strip() and not _COMMENT.match(r)), "")
            if _depth(below) >= _depth(above):
                rows[number] = " " * _depth(below) + row.lstrip()
    return "\n".join(rows)


def _depth(row: str) -> int:
    return len(row) - len(row.lstrip(" "))
