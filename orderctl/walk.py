"""Walking a document's values: a path with wildcards, or everything that names a file. For rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


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
