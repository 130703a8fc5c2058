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


@dataclass(frozen=True, slots=True)
class Listing:
    """``columns``: name → pointer in the document, "" for a fact's field. ``rows`` hold every field, listed or not."""

    columns: Mapping[str, str]
    rows: tuple[Mapping[str, Any], ...]


def listing(kind: str, found: Catalogue, book: Book) -> Listing:
    """Return every document of ``kind`` with its index fields and the facts that are one record a document."""
    columns: dict[str, str] = {"id": ""}
    columns |= dict(found.kinds[kind].index)
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
        known = {k for r in records for k, v in r.items() if not isinstance(v, Mapping | tuple | list)}
        columns |= {name: "" for name in fact.index if name in known and name not in columns}
    return Listing(columns, tuple(rows[id] for id in sorted(rows)))


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
