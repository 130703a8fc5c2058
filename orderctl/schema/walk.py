"""Finding one's way in an effective schema (no references in it)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orderctl.model import pointer_parts
from orderctl.schema.notes import escaped

Schema = Mapping[str, Any]
_BRANCHES = ("allOf", "oneOf", "anyOf")


def types(node: Schema) -> tuple[str, ...]:
    """Return the types that a node allows; guessed from its keywords when it names none."""
    said = node.get("type")
    if said is not None:
        return (said,) if isinstance(said, str) else tuple(said)
    if "properties" in node or "patternProperties" in node:
        return ("object",)
    return ("array",) if "items" in node else ()


def is_leaf(node: Schema) -> bool:
    """Tell whether a node holds a value, not further fields."""
    return not {"object", "array"} & set(types(node))


def child(node: Schema, part: str) -> Schema | None:
    """Return the schema of a field or of a list's item, or None."""
    if (found := node.get("properties", {}).get(part)) is not None:
        return found  # type: ignore[no-any-return]
    for pattern, inner in node.get("patternProperties", {}).items():
        if re.search(pattern, part):
            return inner  # type: ignore[no-any-return]
    if part.isdigit() and isinstance(node.get("items"), Mapping):
        return node["items"]  # type: ignore[no-any-return]
    for word in _BRANCHES:
        for branch in node.get(word, ()):
            if (found := child(branch, part)) is not None:
                return found
    return None


def at(schema: Schema, parts: Sequence[str | int]) -> Schema | None:
    """Return the schema of the value at ``parts`` (keys and indexes), or None."""
    node: Schema | None = schema
    for part in parts:
        node = child(node, str(part)) if node is not None else None
    return node


def at_pointer(schema: Schema, pointer: str) -> Schema | None:
    """Return the schema of the value at a JSON pointer, or None."""
    return at(schema, pointer_parts(pointer))


def nodes(schema: Schema, pointer: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Yield (pointer in the schema, node, is an item) of every field and list item, outside in, the root first."""
    yield pointer, schema, pointer.endswith("/items")
    for word in ("properties", "patternProperties"):
        for name, inner in schema.get(word, {}).items():
            yield from nodes(inner, f"{pointer}/{word}/{escaped(name)}")
    if isinstance(schema.get("items"), Mapping):
        yield from nodes(schema["items"], f"{pointer}/items")
