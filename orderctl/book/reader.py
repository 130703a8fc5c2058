"""The book as rules, facts and views see it: read-only, every read recorded, no clock but ``passed``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.book.keys import all_key, as_text, case_key, cell_key, doc_key, fact_key, file_key, key_of
from orderctl.book.store import NEVER, Store, decode
from orderctl.model import Document, Row, Scalar, freeze

SUSPENDED = "!"
"""Stored instead of a fact's value when it could not be computed because of a broken document."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CACHED = 4000
_CACHED_UNITS = 200
_COLUMNS = "path, state, kind, id, unit, data"


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
        columns: Mapping[str, frozenset[str]],
        *,
        strict: bool = True,
    ) -> None:
        """``clock``: microseconds since 1970; ``zone``: company time zone; ``facts``: name → (kinds, needs);
        ``columns``: name of a kind, its items or a fact → indexed columns.

        A broken document suspends a ``strict`` reader; for the others (pages, lists) it isn't there.
        """
        self._store = store
        self._db = store.db
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._facts = facts
        self._columns = columns
        self._strict = strict
        self._units: dict[str, dict[str, list[list[Any]]]] = {}
        self._found: dict[tuple[Any, ...], Any] = {}
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
        """Drop what is cached (after the book has changed)."""
        self._units.clear()
        self._found.clear()

    def doc(self, kind: str, id: str) -> Document | None:
        """See ``hookspecs.Book``."""
        key, row = self._cached(("doc", kind, id), self._find)
        self.reads.add(key)
        return None if row is None else self._document(row, strict=True)

    def _find(self, _what: str, kind: str, id: str) -> tuple[int, list[Any] | None]:
        key = doc_key(kind, id)  # TypeError for what is no text, as in a flawed document
        query = f"SELECT {_COLUMNS} FROM file WHERE kind = ? AND id = ? ORDER BY path LIMIT 1"
        row = self._db.execute(query, (kind, id)).fetchone()
        return key, None if row is None else list(row)

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        """See ``hookspecs.Book``."""
        self.reads.add(case_key(doc.unit, kind))
        rows = self._unit(doc.unit).get(kind, ())
        found = (self._document(row, strict=row[0] != doc.path) for row in rows)
        return tuple(document for document in found if document is not None)

    def _unit(self, unit: str) -> dict[str, list[list[Any]]]:
        """Return the unit's rows by kind, in natural order of their paths."""
        known = self._units.get(unit)
        if known is None:
            if len(self._units) >= _CACHED_UNITS:
                self._units.clear()
            known = self._units[unit] = {}
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM file WHERE unit = ?", (unit,)).fetchall()
            for row in sorted(map(list, rows), key=_natural):
                known.setdefault(row[2], []).append(row)
        return known

    def where(self, name: str, /, **equals: Scalar) -> tuple[Row, ...]:
        """See ``hookspecs.Book``."""
        if len(equals) != 1:
            raise TypeError("where() takes exactly one column=value")
        ((column, value),) = equals.items()
        self._check_name(name, column)
        key, rows = self._cached(("where", name, column, value.__class__, value), self._rows)
        self.reads.add(key)
        return rows  # type: ignore[no-any-return]  # what _rows gave

    def _rows(self, _what: str, name: str, column: str, _type: type, value: Scalar) -> tuple[int, tuple[Row, ...]]:
        key, wanted = cell_key(name, column, value), as_text(value)
        lines = (line for (line,) in self._db.execute("SELECT line FROM cell WHERE key = ?", (key,)))
        query = "SELECT id, place, owner, data FROM line WHERE line IN ({}) AND +name = ?"
        rows = sorted(self._store.among(query, lines, name))
        found = (freeze(decode(data)) for _, _, _, data in rows)
        return key, tuple(row for row in found if as_text(row.get(column)) == wanted)

    def all(self, name: str) -> tuple[Row, ...]:
        """See ``hookspecs.Book``."""
        self._check_name(name)
        self.reads.add(all_key(name))
        rows = self._db.execute("SELECT data FROM line WHERE name = ? ORDER BY id, place, owner", (name,))
        return tuple(freeze(decode(data)) for (data,) in rows)

    def fact(self, name: str, id: str) -> Any:
        """See ``hookspecs.Book``."""
        self._check_name(name)
        keys, value = self._cached(("fact", name, id), self._value)
        self.reads |= keys
        if value is Suspended:
            if self._strict:
                raise Suspended
            return None
        return value

    def _value(self, _what: str, name: str, id: str) -> tuple[set[int], Any]:
        keys = {fact_key(name, id)}
        for kind in self._facts[name][0]:
            key, row = self._cached(("doc", kind, id), self._find)
            keys.add(key)
            query = "SELECT value FROM result WHERE consumer = ?"
            found = row and self._db.execute(query, (key_of("fact:" + name, row[0]),)).fetchone()
            if found:
                return keys, Suspended if found[0].startswith(SUSPENDED) else freeze(decode(found[0]))
        return keys, None

    def _cached(self, key: tuple[Any, ...], read: Callable[..., Any]) -> Any:
        """Return what ``read(*key)`` gave: while the book stays as it is, one answer serves all who ask."""
        found = self._found
        if key not in found:
            if len(found) >= _CACHED:
                found.clear()
            found[key] = read(*key)
        return found[key]

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

    def hold_never(self) -> None:
        """Say that what is being computed holds at no time: the next run computes it again."""
        self.since = self.until = self._clock

    def documents(self, unit: str) -> list[tuple[Document, bool]]:
        """Return a unit's own documents in order, each with whether it is valid; broken ones are left out."""
        rows = [row for rows in self._unit(unit).values() for row in rows if row[1] in ("ok", "flawed")]
        rows.sort(key=_natural)
        found = ((self._document(row, strict=False), row[1] == "ok") for row in rows)
        return [(document, valid) for document, valid in found if document is not None]

    def at_path(self, path: str) -> tuple[Document, bool] | None:
        """Return the document at ``path`` and whether it is valid; None if there is none that can be read."""
        found = self._db.execute(
            "SELECT unit FROM file WHERE path = ? AND state IN ('ok', 'flawed')", (path,)
        ).fetchone()
        rows = self._unit(found[0]).values() if found else ()
        row = next((row for kind in rows for row in kind if row[0] == path), None)
        document = None if row is None else self._document(row, strict=False)
        return None if document is None or row is None else (document, row[1] == "ok")

    def _document(self, row: list[Any], *, strict: bool) -> Document | None:
        """Return a row's document, decoded once: then it stands in its row."""
        self.paths.add(row[0])
        if row[1] == "broken" or (strict and row[1] != "ok"):
            if self._strict:
                raise Suspended
            return None
        if row[5].__class__ is str:
            path, _, kind, id, unit, data = row
            case = "" if unit == path else unit.rpartition("/")[2]
            row[5] = Document(kind, id, path, case, unit, freeze(decode(data)))
        document: Document = row[5]
        return document

    def _check_name(self, name: str, column: str = "") -> None:
        """Raise LookupError for a fact that may not be read here; in a strict reader also for a name that nothing has
        and a column that isn't indexed: a slip of the pen would look like absence."""
        if self._strict and name not in self._columns:
            raise LookupError(f"nothing is called {name!r}")
        if self._strict and column and column not in self._columns[name]:
            raise LookupError(f"{column!r} is no index of {name!r}: {', '.join(sorted(self._columns[name]))}")
        if self._allowed is not None and name in self._facts and name not in self._allowed:
            raise LookupError(f"reads the fact {name!r} without naming it in needs")


def _natural(row: list[Any]) -> tuple[int, str]:
    """Order shipment-2 before shipment-10."""
    return (len(row[0]), row[0])


def microseconds(instant: str, zone: ZoneInfo) -> int:
    """Return an instant (RFC 3339, or a date: its end in ``zone``) as microseconds since 1970.

    Raises ValueError for text that is neither.
    """
    if instant[4:5] != "-" or "W" in instant:  # fromisoformat takes ISO 8601's other spellings too
        raise ValueError(f"{instant!r} is no date or time of RFC 3339")
    if len(instant) == 10:
        day = date.fromisoformat(instant)
        if day == date.max:
            return NEVER
        end = datetime.combine(day + timedelta(days=1), time(), zone)
    else:
        end = datetime.fromisoformat(instant)
        if end.tzinfo is None:
            raise ValueError(f"{instant!r} has no time zone")
    return (end - _EPOCH) // timedelta(microseconds=1)
