"""References put in: schema with local ``$ref`` in, schema without any out. Nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.model import pointer_parts
from orderctl.schema.notes import File, escaped

BESIDE = frozenset({"title", "description", "examples", "$comment"})
"""What may stand beside ``$ref``; x- keywords too."""
_BRANCHES = ("oneOf", "anyOf", "allOf")
_SINGLE = ("items", "not", "if", "then", "else")
_NAMED = ("properties", "patternProperties")


MAX_NODES = 20_000
MAX_CHAIN = 32


class Inliner:
    """Puts references in for one file. ``shared`` maps the ``$id`` of a file of definitions to its content."""

    def __init__(self, file: File, root: dict[str, Any], shared: Mapping[str, dict[str, Any]]) -> None:
        self.file = file
        self.root = root
        self.shared = shared
        self.left = MAX_NODES
        self.told = False

    def run(self) -> dict[str, Any]:
        """Return the file's schema without references and definitions."""
        found: dict[str, Any] = self._node(self.root, self.root, "", ())
        found.pop("$defs", None)
        return found

    def _node(
        self, node: dict[str, Any], home: dict[str, Any], pointer: str, stack: tuple[tuple[int, str], ...]
    ) -> dict[str, Any]:
        self.left -= 1
        if "$ref" in node:
            return self._reference(node, home, pointer, stack)
        found = dict(node)
        for word in _NAMED:
            if word in found:
                found[word] = {
                    name: self._node(inner, home, f"{pointer}/{word}/{escaped(name)}", stack)
                    for name, inner in found[word].items()
                }
        for word in _SINGLE:
            if word in found:
                found[word] = self._node(found[word], home, f"{pointer}/{word}", stack)
        for word in _BRANCHES:
            if word in found:
                found[word] = [self._node(b, home, f"{pointer}/{word}/{n}", stack) for n, b in enumerate(found[word])]
        return found

    def _reference(
        self, node: dict[str, Any], home: dict[str, Any], pointer: str, stack: tuple[tuple[int, str], ...]
    ) -> dict[str, Any]:
        reference = node["$ref"]
        beside = {k: v for k, v in node.items() if k != "$ref"}
        if not self.file.quiet:
            for word in [k for k in beside if k not in BESIDE and not k.startswith("x-")]:
                self.file.note(codes.REF_BESIDE, f"{pointer}/{word}", keyword=word)
                del beside[word]
        address, _, inside = reference.partition("#")
        target = home if not address else self.shared.get(address)
        if target is None and ("//" in address or address.startswith("file:")):
            self.file.note(codes.REMOTE_REF, f"{pointer}/$ref", found=reference[:80])
            return beside
        found = _at(target, inside) if target is not None else None
        if target is None or found is None:
            self.file.note(codes.UNKNOWN_REF, f"{pointer}/$ref", found=reference[:80])
            return beside
        here = (id(target), inside)
        if here in stack:
            self.file.note(codes.CYCLE, f"{pointer}/$ref", found=reference[:80])
            return beside
        if self.left < 0 or len(stack) >= MAX_CHAIN:
            if not self.told:  # once is enough: all the rest follows
                self.file.note(codes.EXPANDS, f"{pointer}/$ref", found=reference[:80])
                self.told = True
            return beside
        return {**self._node(found, target, pointer, (*stack, here)), **beside}


def _at(root: dict[str, Any], pointer: str) -> dict[str, Any] | None:
    """Return the schema at a pointer; what isn't a schema (a group of fields, a number) is not found."""
    value: Any = root
    parts = iter(pointer_parts(pointer))
    if pointer and not pointer.startswith("/"):
        return None
    for word in parts:
        if not isinstance(value, dict) or word not in (*_NAMED, *_SINGLE, *_BRANCHES, "$defs"):
            return None
        value = value.get(word)
        if word in _SINGLE:
            continue
        name = next(parts, "")
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None
