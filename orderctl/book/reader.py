"""The book as rules, facts and views see it: read-only, every read recorded, no clock but ``passed``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.book.keys import all_key, as_text, case_key, cell_key, doc_key, fact_key, file_key, key_of
from orderctl.book.store import NEVER, Store, decode
from orderctl.model import Document, Row, Scalar, freeze

SUSPENDED = "!"
"""Stored instead of a fact's value when it could not be computed because of a broken document."""
_CACHED = 3000


class Suspended(Exception):
    """The reader met a document that is broken: no finding upon a finding."""


class Reader:
    """One reader of one book. ``start`` begins the record of a unit of work, ``reads`` and the window end it."""

    def __init__(
        self,
        store: Store,
        clock: int,
        zone: str,
        facts: Mapping[str, tuple[tuple[str, ...], frozenset[str]]],
        *,
        strict: bool = True,
    ) -> None:
        """``clock``: microseconds since 1970; ``zone``: company time zone; ``facts``: name → (kinds, needs).

        A broken document suspends a ``strict`` reader; for the others (pages, lists) it isn't there.
        """
        self._db = store.db
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._facts = facts
        self._strict = strict
        self._documents: dict[str, Document] = {}
        self._allowed: frozenset[str] | None = None
        self.reads: set[int] = set()
        self.paths: set[str] = set()
        self.since = 0
        self.until = NEVER

    def start(self, allowed: frozenset[str] | None = None) -> None:
        """Forget the last record; ``allowed`` names the facts that may be read (None: all)."""
        self._allowed = allowed
        self.reads = set()
        self.paths = set()
        self.since, self.until = 0, NEVER

    def forget(self) -> None:
        """Drop cached documents (after the book has changed)."""
        self._documents.clear()

    def doc(self, kind: str, id: str) -> Document | None:
        """See ``hookspecs.Book``."""
        self.reads.add(doc_key(kind, id))
        row = self._db.execute(
            "SELECT path, state, kind, id, unit, data FROM file WHERE kind = ? AND id = ? ORDER BY path LIMIT 1",
            (kind, id),
        ).fetchone()
        return None if row is None else self._document(row, strict=True)

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        """See ``hookspecs.Book``."""
        self.reads.add(case_key(doc.unit, kind))
        rows = self._db.execute(
            "SELECT path, state, kind, id, unit, data FROM file WHERE unit = ? AND kind = ? ORDER BY path",
            (doc.unit, kind),
        ).fetchall()
        found = (self._document(row, strict=row[0] != doc.path) for row in sorted(rows, key=_natural))
        return tuple(document for document in found if document is not None)

    def where(self, name: str, /, **equals: Scalar) -> tuple[Row, ...]:
        """See ``hookspecs.Book``."""
        if len(equals) != 1:
            raise TypeError("where() takes exactly one column=value")
        ((column, value),) = equals.items()
        self._check_fact(name)
        key = cell_key(name, column, value)
        self.reads.add(key)
        rows = self._db.execute(
            "SELECT line.data FROM cell JOIN line ON line.line = cell.line WHERE cell.key = ? AND line.name = ?"
            " ORDER BY line.id, line.place, line.owner",
            (key, name),
        ).fetchall()
        wanted = as_text(value)
        return tuple(row for (data,) in rows if as_text((row := freeze(decode(data))).get(column)) == wanted)

    def all(self, name: str) -> tuple[Row, ...]:
        """See ``hookspecs.Book``."""
        self._check_fact(name)
        self.reads.add(all_key(name))
        rows = self._db.execute("SELECT data FROM line WHERE name = ? ORDER BY id, place, owner", (name,))
        return tuple(freeze(decode(data)) for (data,) in rows)

    def fact(self, name: str, id: str) -> Any:
        """See ``hookspecs.Book``."""
        self._check_fact(name)
        kinds, _ = self._facts[name]
        self.reads.add(fact_key(name, id))
        for kind in kinds:
            self.reads.add(doc_key(kind, id))
            row = self._db.execute(
                "SELECT path FROM file WHERE kind = ? AND id = ? ORDER BY path LIMIT 1", (kind, id)
            ).fetchone()
            found = (
                row
                and self._db.execute(
                    "SELECT value FROM result WHERE consumer = ?", (key_of("fact:" + name, row[0]),)
                ).fetchone()
            )
            if found:
                if found[0].startswith(SUSPENDED):
                    if self._strict:
                        raise Suspended
                    return None
                return freeze(decode(found[0]))
        return None

    def file(self, path: str) -> Mapping[str, Any] | None:
        """See ``hookspecs.Book``."""
        self.reads.add(file_key(path))
        row = self._db.execute("SELECT data FROM file WHERE path = ? AND state = 'file'", (path,)).fetchone()
        return None if row is None or not row[0] else freeze(decode(row[0]))

    def passed(self, instant: str) -> bool:
        """See ``hookspecs.Book``."""
        if len(instant) == 10:
            self.reads.add(doc_key("workspace", "workspace"))
        at = microseconds(instant, self._zone)
        if self._clock >= at:
            self.since = max(self.since, at)
            return True
        self.until = min(self.until, at)
        return False

    def documents(self, unit: str) -> list[tuple[Document, bool]]:
        """Return a unit's own documents in order, each with whether it is valid; broken ones are left out."""
        rows = self._db.execute(
            "SELECT path, state, kind, id, unit, data FROM file WHERE unit = ? AND state IN ('ok', 'flawed') ORDER BY path",
            (unit,),
        ).fetchall()
        found = ((self._document(row, strict=False), row[1] == "ok") for row in sorted(rows, key=_natural))
        return [(document, valid) for document, valid in found if document is not None]

    def at_path(self, path: str) -> tuple[Document, bool] | None:
        """Return the document at ``path`` and whether it is valid; None if there is none that can be read."""
        row = self._db.execute(
            "SELECT path, state, kind, id, unit, data FROM file WHERE path = ? AND state IN ('ok', 'flawed')", (path,)
        ).fetchone()
        document = None if row is None else self._document(row, strict=False)
        return None if document is None else (document, row[1] == "ok")

    def _document(self, row: tuple[Any, ...], *, strict: bool) -> Document | None:
        path, state, kind, id, unit, data = row
        self.paths.add(path)
        if state == "broken" or (strict and state != "ok"):
            if self._strict:
                raise Suspended
            return None
        known = self._documents.get(path)
        if known is None:
            if len(self._documents) >= _CACHED:
                self._documents.clear()
            case = "" if unit == path else unit.rpartition("/")[2]
            known = self._documents[path] = Document(kind, id, path, case, unit, freeze(decode(data)))
        return known

    def _check_fact(self, name: str) -> None:
        if self._allowed is not None and name in self._facts and name not in self._allowed:
            raise LookupError(f"reads the fact {name!r} without naming it in needs")


def _natural(row: tuple[Any, ...]) -> tuple[int, str]:
    """Order shipment-2 before shipment-10."""
    return (len(row[0]), row[0])


def microseconds(instant: str, zone: ZoneInfo) -> int:
    """Return an instant (RFC 3339, or a date: its end in ``zone``) as microseconds since 1970.

    Raises ValueError for text that is neither.
    """
    if len(instant) == 10:
        end = datetime.combine(date.fromisoformat(instant) + timedelta(days=1), time(), zone)
    else:
        end = datetime.fromisoformat(instant)
        if end.tzinfo is None:
            raise ValueError(f"{instant!r} has no time zone")
    return int(end.timestamp() * 1_000_000)
