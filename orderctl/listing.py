"""Rows of a kind with the facts about it: book and catalogue in, columns and rows out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orderctl.catalogue import Catalogue
from orderctl.hookspecs import Book
from orderctl.rule import Fact
from orderctl.terminal import technical


@dataclass(frozen=True, slots=True)
class Listing:
    """``columns``: name → pointer in the document, "" for the id or a fact's field. ``rows`` hold every field."""

    columns: Mapping[str, str]
    rows: tuple[Mapping[str, Any], ...]


def listing(kind: str, found: Catalogue, book: Book) -> Listing:
    """Return every document of ``kind`` with its index fields and the facts that are one record a document."""
    columns: dict[str, str] = {}
    rows = {str(row["id"]): dict(row) for row in book.all(kind)}
    for plugin in found.facts.values():
        fact = plugin.what
        if not isinstance(fact, Fact) or fact.on != kind:
            continue
        records = book.all(fact.id)
        if any(count > 1 for count in Counter(r["id"] for r in records).values()):
            continue
        for record in records:
            row = rows.get(str(record["id"]))
            if row is not None:
                row.update((k, v) for k, v in record.items() if k not in row)
        if len(records) == len(rows):  # about every document, so a column for all of them
            columns |= {name: "" for name in fact.index if not any(technical(r.get(name)) for r in records)}
    own = {c: p for c, p in found.kinds[kind].index if p != found.kinds[kind].key}
    ordered = {"id": found.kinds[kind].key} | {c: "" for c in columns if c not in own} | own
    shown = {c: p for c, p in ordered.items() if any(row.get(c) not in (None, "") for row in rows.values()) or not rows}
    return Listing(shown, tuple(rows[id] for id in sorted(rows)))


def chosen(rows: Sequence[Mapping[str, Any]], wanted: Sequence[tuple[str, str]]) -> list[Mapping[str, Any]]:
    """Return the rows whose every named field reads as the given text; numbers by value."""
    return [row for row in rows if all(_equal(row.get(field), text) for field, text in wanted)]


def _equal(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return text.casefold() in ({"true", "yes", "是"} if value else {"false", "no", "否"})
    if isinstance(value, int | Decimal):
        try:
            return Decimal(text) == value
        except ArithmeticError:
            return False
    if isinstance(value, tuple | list):
        return any(_equal(v, text) for v in value)
    return (str(value) if value is not None else "").casefold() == text.casefold()
