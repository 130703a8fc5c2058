"""The digest that an approval binds: a document's material fields in one canonical form (JSON, sorted, NFC)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

_GONE = object()


def material_digest(schema: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of ``data`` without the fields that ``schema`` marks immaterial.

    Numbers count by value (820, 820.0 and 820.00 are one), texts by NFC, keys by name; the schema version doesn't
    count. A container that holds immaterial fields only is left out with them.
    """
    kept = _material(schema, data)
    return sha256(canonical({} if kept is _GONE else kept).encode()).hexdigest()


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
