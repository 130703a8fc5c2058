"""Everything known about one document: id and book in; facts, fields, timeline and related documents out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orderctl.catalogue import Catalogue
from orderctl.hookspecs import Book
from orderctl.labels import node_of
from orderctl.model import Document
from orderctl.rule import Fact
from orderctl.schema import Kind

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?")
RELATED = 50
"""Related documents shown at most: a good customer has hundreds of orders."""


def find(id: str, found: Catalogue, book: Book) -> Document | None:
    """Return the document with this id, upper and lower case alike. Numbered kinds come first: an order is its case."""
    wanted = id.strip().casefold()
    ranked = sorted(found.kinds.values(), key=lambda k: (not k.is_case or not k.number, k.name))
    for kind in ranked:
        if (document := book.doc(kind.name, id.strip())) is not None:
            return document
    for kind in ranked:
        for row in book.all(kind.name):
            if wanted in (str(row["id"]).casefold(), str(row["path"]).casefold()):
                return book.doc(kind.name, str(row["id"]))
    return None


def ids(found: Catalogue, book: Book) -> Iterator[str]:
    """Yield the ids of all documents."""
    for name in found.kinds:
        for row in book.all(name):
            yield str(row["id"])


def dossier(document: Document, found: Catalogue, book: Book) -> dict[str, Any]:
    """Return plain values: kind, id, path, facts, document, timeline, related."""
    facts = {}
    for plugin in found.facts.values():
        if isinstance(plugin.what, Fact) and plugin.what.on == document.kind:
            value = book.fact(plugin.what.id, document.id)
            if value:
                facts[plugin.what.id] = [value] if isinstance(value, Mapping) else list(value)
    facts = dict(sorted(facts.items(), key=lambda f: ("status" not in f[1][0], f[0])))
    return {
        "kind": document.kind,
        "id": document.id,
        "path": document.path,
        "facts": facts,
        "document": document.data,
        "timeline": _timeline(document, found, book) if document.case else [],
        "related": _related(document, found, book),
    }


def _timeline(document: Document, found: Catalogue, book: Book) -> list[dict[str, Any]]:
    """Return the documents of the case by the first date that each one says."""
    events = []
    for kind in found.kinds.values():
        if kind.is_case:
            events += [
                {"at": _day(d, kind), "kind": d.kind, "id": d.id, "path": d.path, "says": _says(d, kind)}
                for d in book.case(document, kind.name)
            ]
    return sorted(events, key=lambda e: (e["at"] == "", e["at"], e["path"]))


def _day(document: Document, kind: Kind) -> str:
    """Return the first date or time among the document's own fields, in the schema's order; "" if it has none."""
    for name in kind.schema.get("properties", {}):
        value = document.get(name)
        dated = node_of(kind.schema, f"/{name}").get("format") in ("date", "date-time")
        if dated and isinstance(value, str) and _DAY.fullmatch(value):
            return value[:16].replace("T", " ")
    return ""


def _says(document: Document, kind: Kind) -> dict[str, Any]:
    """Return what the kind is looked up by: pointer → value, texts only, without dates and the id."""
    values = {pointer: document.get(pointer) for _, pointer in kind.index if pointer != kind.key}
    return {p: v for p, v in values.items() if isinstance(v, str) and v and not _DAY.fullmatch(v)}


def _related(document: Document, found: Catalogue, book: Book) -> dict[str, list[list[str]]]:
    """Return the documents and rows that name this one in a field called like its kind."""
    related = {}
    for kind in found.kinds.values():
        if any(column == document.kind for column, _ in kind.index):
            rows = [[str(r["id"]), str(r["path"])] for r in book.where(kind.name, **{document.kind: document.id})]
            if rows:
                related[kind.name] = rows[-RELATED:]
    return related
