"""Walking a document's values: a path with wildcards, or everything that names a file. For rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orderctl.hookspecs import Book


def values(value: Any, path: tuple[str, ...], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of everything that ``path`` leads to; "*" stands for every row of a list."""
    if not path:
        yield pointer, value
    elif path[0] == "*":
        for at, entry in enumerate(value):
            yield from values(entry, path[1:], f"{pointer}/{at}")
    elif value.get(path[0]) is not None:
        yield from values(value[path[0]], path[1:], f"{pointer}/{path[0]}")


def named_files(value: Mapping[str, Any], pointer: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    """Return pointer and map of everything in a document that names a file; order lines name none."""
    found = [(pointer, value)] if "file" in value else []
    for key, entry in value.items():
        if isinstance(entry, str):
            continue
        if isinstance(entry, dict):
            found += named_files(entry, f"{pointer}/{key}")
        elif isinstance(entry, tuple) and key != "lines":
            for at, one in enumerate(entry):
                if isinstance(one, dict):
                    found += named_files(one, f"{pointer}/{key}/{at}")
    return found


def file_of(book: Book, path: str) -> Mapping[str, Any] | None:
    """Return ``{"sha256": hex, "size": bytes}`` of a file that a document names, or None. A case that was archived
    since has its files at the same place below archive/."""
    found = book.file(path)
    if found is None and path.startswith("orders/"):
        return book.file("archive/" + path.removeprefix("orders/"))
    return found
