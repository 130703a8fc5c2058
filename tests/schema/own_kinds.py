"""A company's own kind of document, and small changes to its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Change = Callable[[dict[str, Any]], object]


def leaf(**more: Any) -> dict[str, Any]:
    return {
        "type": "string",
        "maxLength": 20,
        "title": "Note",
        "x-title-zh": "备注",
        "description": "A note.",
        "x-description-zh": "备注。",
        "examples": ["a"],
        "x-audience": ["staff"],
        "x-pii": False,
        "x-material": True,
        **more,
    }


def whole(**more: Any) -> dict[str, Any]:
    named = {"title": "Group", "x-title-zh": "组", "description": "A group.", "x-description-zh": "一组。"}
    return {"type": "object", **named, "properties": {"a": leaf()}, "additionalProperties": False, **more}


def several(**more: Any) -> dict[str, Any]:
    named = {"title": "List", "x-title-zh": "列表", "description": "A list.", "x-description-zh": "列表。"}
    return {"type": "array", **named, "maxItems": 9, "items": leaf(), **more}


PLAIN = {"type": "string", "maxLength": 5}


def memo() -> dict[str, Any]:
    """Return a complete schema of a new kind."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "orderctl:memo",
        "title": "Memo",
        "x-title-zh": "备忘",
        "description": "A memo.",
        "x-description-zh": "一份备忘。",
        "x-kind": "memo",
        "x-version": 1,
        "x-path": "memos/{id}.yaml",
        "x-key": "/id",
        "x-index": ["/id", "/group/a"],
        "x-items": {"pointer": "/rows", "index": ["a"], "parent": ["group_a"]},
        "type": "object",
        "properties": {
            "schema": leaf(const="memo/1"),
            "id": leaf(),
            "note": leaf(),
            "group": whole(),
            "rows": several(items=whole()),
        },
        "required": ["schema", "id"],
        "additionalProperties": False,
    }


def note(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"]["note"]
    return found


def doubling(levels: int) -> dict[str, Any]:
    """Return definitions that each use the next one twice."""
    found: dict[str, Any] = {
        f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}], **PLAIN}
        for n in range(levels)
    }
    return {**found, f"d{levels}": PLAIN}


def chain(length: int) -> dict[str, Any]:
    """Return definitions that lead from the first to the last over ``length`` references in all."""
    return {**{f"c{n}": {"$ref": f"#/$defs/c{n + 1}"} for n in range(length - 1)}, f"c{length - 1}": PLAIN}


def put(**more: Any) -> Change:
    return lambda s: note(s).update(more)


def top(**more: Any) -> Change:
    return lambda s: s.update(more)


def drop(word: str) -> Change:
    return lambda s: note(s).pop(word)


def swap(new: dict[str, Any], **defs: Any) -> Change:
    """Put another field in place of ``note``, with definitions beside it."""

    def change(schema: dict[str, Any]) -> None:
        schema["properties"]["note"] = new
        if defs:
            schema["$defs"] = defs

    return change


def same(schema: dict[str, Any]) -> None:
    """The twin is the complete schema itself."""


REF = {k: v for k, v in leaf().items() if k not in ("type", "maxLength")}
AT = "/properties/note"
