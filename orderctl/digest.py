"""The digest that an approval binds: a document's material fields in one canonical form (JSON, sorted, NFC)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from orderctl.model import pointer_of, pointer_parts

_GONE = object()
_END = object()
"""Marks in the map of pointers where one ends: no part of a pointer can equal it."""


def material_digest(schema: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of ``data`` without the fields that ``schema`` marks immaterial.

    Numbers count by value (820, 820.0 and 820.00 are one), texts by NFC, keys by name; the schema version doesn't
    count. A container that holds immaterial fields only is left out with them.
    """
    kept = _material(schema, data)
    return sha256(canonical({} if kept is _GONE else kept).encode()).hexdigest()


def digest_without(data: Mapping[str, Any], immaterial: Iterable[str]) -> str:
    """Return the SHA-256 (hex) of ``data`` without what the pointers ``immaterial`` name; ``*`` is every list item.

    With the schema's own ``immaterial_pointers`` it is the material digest; so it can be verified without a schema.
    A text that is no pointer names nothing.
    """
    left_out: dict[Any, Any] = {}
    for pointer in immaterial:
        if pointer and not pointer.startswith("/"):
            continue
        at = left_out
        for part in pointer_parts(pointer):
            at = at.setdefault(part, {})
        at[_END] = {}
    kept = _without(left_out, data)
    return sha256(canonical({} if kept is _GONE else kept).encode()).hexdigest()


def immaterial_pointers(schema: Mapping[str, Any]) -> list[str]:
    """Return the pointers of the fields that ``schema`` marks immaterial, sorted; list items are ``*``."""
    return sorted(pointer_of(parts) for parts in _immaterial(schema, ()))


def value_digest(value: Any) -> str:
    """Return the SHA-256 (hex) of one value's canonical text: what a statement's context names it by."""
    return sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Return the canonical JSON text of plain values."""
    if isinstance(value, Mapping):
        inner = ",".join(f"{_text(k)}:{canonical(value[k])}" for k in sorted(value))
        return "{" + inner + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | Decimal):
        number = Decimal(value).normalize()
        return "0" if number == 0 else format(number, "f")
    return _text(str(value))


def _text(value: str) -> str:
    return json.dumps(unicodedata.normalize("NFC", value), ensure_ascii=False)


def _material(schema: Mapping[str, Any], value: Any) -> Any:
    """Return the material part of ``value``, or _GONE if nothing of it is."""
    if schema.get("x-material") is False:
        return _GONE
    if isinstance(value, Mapping) and value:
        fields = schema.get("properties", {})
        parts = {k: _material(fields.get(k, {}), v) for k, v in value.items()}
        kept = {k: v for k, v in parts.items() if v is not _GONE}
        return kept or _GONE
    if isinstance(value, list | tuple) and value:
        items = schema.get("items")
        rows = [_material(items if isinstance(items, Mapping) else {}, v) for v in value]
        return _GONE if all(r is _GONE for r in rows) else [{} if r is _GONE else r for r in rows]
    return value


def _without(left_out: Mapping[Any, Any], value: Any) -> Any:
    """Return ``value`` without what the map names, or _GONE if nothing of it is left."""
    if _END in left_out:
        return _GONE
    if isinstance(value, Mapping) and value:
        parts = {k: _without(left_out.get(k, {}) if k != "*" else {}, v) for k, v in value.items()}
        return {k: v for k, v in parts.items() if v is not _GONE} or _GONE
    if isinstance(value, list | tuple) and value:
        rows = [_without(left_out.get("*", {}), v) for v in value]
        return _GONE if all(r is _GONE for r in rows) else [{} if r is _GONE else r for r in rows]
    return value


def _immaterial(schema: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if schema.get("x-material") is False:
        yield at
        return
    for name, field in schema.get("properties", {}).items():
        yield from _immaterial(field, (*at, name))
    items = schema.get("items")
    if isinstance(items, Mapping):
        yield from _immaterial(items, (*at, "*"))
