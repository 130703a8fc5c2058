"""Schemas in, the names of their enum values out: {(kind, pointer): {value: {"zh": …, "en": …}}}.

A list's items have the pointer part ``*``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Names = Mapping[tuple[str, str], Mapping[str, Mapping[str, str]]]


def enum_names(schemas: Mapping[str, Mapping[str, Any]], types: Mapping[str, Any]) -> Names:
    """Return every named enum of ``schemas`` (kind → schema), following references into the shared ``types``."""
    return {(kind, at): names for kind, schema in schemas.items() for at, names in _walk(schema, types, "")}


def _walk(node: Mapping[str, Any], types: Mapping[str, Any], at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reference = str(node.get("$ref", ""))
    if "#/$defs/" in reference:
        node = {**types.get("$defs", {}).get(reference.rpartition("/")[2], {}), **node}
    if names := node.get("x-enum-names"):
        yield at, names
    for name, child in node.get("properties", {}).items():
        yield from _walk(child, types, f"{at}/{name}")
    if isinstance(items := node.get("items"), Mapping):
        yield from _walk(items, types, f"{at}/*")


def namer(names: Names) -> Callable[[str, str, str], Mapping[str, str]]:
    """Return ``enum(kind, pointer, value)`` for templates; an unnamed value stands for itself in both languages."""

    def enum(kind: str, pointer: str, value: str) -> Mapping[str, str]:
        named: Mapping[str, Mapping[str, str]] = names.get((kind, pointer), {})
        return named.get(value) or {"zh": value, "en": value}

    return enum
