"""What can be read from the book, as integers: a change touches the keys of its old and new values.

A key is the first 63 bits of BLAKE2b over its parts. Two keys that collide only run something once too often:
rows are compared with what was asked when they are read.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import Any


def key_of(*parts: str) -> int:
    """Return the key for these parts."""
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def doc_key(kind: str, id: str) -> int:
    """A document by its identity: touched when its bytes, its place or its existence change."""
    return key_of("doc", kind, id)


def case_key(unit: str, kind: str) -> int:
    """The documents of one kind in one case folder."""
    return key_of("case", unit, kind)


def cell_key(name: str, column: str, value: Any) -> int:
    """The rows of a kind or fact whose column has this value."""
    return key_of("cell", name, column, type(value).__name__[:3] if value is None else "", as_text(value))


def all_key(name: str) -> int:
    """All rows of a kind or fact."""
    return key_of("all", name)


def fact_key(name: str, id: str) -> int:
    """A fact's value for one document id."""
    return key_of("fact", name, id)


def file_key(path: str) -> int:
    """A file that is no document (evidence), or the commit that brought a path."""
    return key_of("file", path)


def as_text(value: Any) -> str:
    """Return a scalar as index text: equal numbers give equal texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)
