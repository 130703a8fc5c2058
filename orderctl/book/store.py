"""The SQLite file: tables, opening, damage. Knows rows and keys, no documents and no rules."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

VERSION = 1
UNSOUND: tuple[type[BaseException], ...] = (sqlite3.Error, msgspec.DecodeError)
"""What reading a damaged book raises."""
_LISTS = (1, 8, 64, 512)
"""Lengths of the lists that a query is prepared for: few, so that SQLite keeps what it prepared."""
NEVER = 2**62
"""A window's end that never comes (microseconds since 1970)."""

TABLES = {
    # one line a path of the tree; data is canonical JSON of the document, findings those of load and validate
    "file": "path TEXT, folded TEXT, mode TEXT, blob TEXT, state TEXT, kind TEXT, id TEXT, unit TEXT, data TEXT,"
    " findings TEXT",
    # projected rows of kinds, items and facts; owner is the document's path
    "line": "line INTEGER, name TEXT, owner TEXT, id TEXT, place INTEGER, data TEXT",
    # which lines have a value in an indexed column
    "cell": "key INTEGER, line INTEGER",
    # a computed result, its clock window [since, until) in microseconds, and the keys it read (8 bytes each)
    "result": "consumer INTEGER, name TEXT, owner TEXT, since INTEGER, until INTEGER, value TEXT, reads BLOB,"
    " found INTEGER",
    "read": "key INTEGER, consumer INTEGER",
    # keys that must be unique and are not, with their paths
    "clash": "key INTEGER, value TEXT",
}
INDEXES = (
    "CREATE INDEX file_path ON file(path)",
    "CREATE INDEX file_identity ON file(kind, id)",
    "CREATE INDEX file_unit ON file(unit)",
    "CREATE INDEX file_folded ON file(folded)",
    "CREATE INDEX file_findings ON file(path) WHERE findings != ''",
    "CREATE INDEX line_owner ON line(owner, name)",
    "CREATE INDEX line_name ON line(name, id, place)",
    "CREATE INDEX line_line ON line(line)",
    "CREATE INDEX cell_key ON cell(key, line)",
    "CREATE UNIQUE INDEX result_consumer ON result(consumer)",
    "CREATE INDEX clash_key ON clash(key)",
)
LATE_INDEXES = (  # not needed while a book is first filled: quicker to make at its end
    "CREATE INDEX result_name ON result(name, owner)",
    "CREATE INDEX result_owner ON result(owner, name)",
    "CREATE INDEX result_until ON result(until) WHERE until < 4611686018427387904",
    "CREATE INDEX result_since ON result(since) WHERE since > 0",
    "CREATE INDEX result_found ON result(owner) WHERE found = 1",
    "CREATE INDEX read_key ON read(key, consumer)",
)

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: Any) -> str:
    """Return JSON text; Decimals are numbers with their own digits."""
    return _encoder.encode(value).decode()


def decode(text: str | bytes) -> Any:
    """Return the value of JSON text; numbers with a point are Decimal."""
    return _decoder.decode(text)


class Store:
    """An open book. Reading and writing SQL is the same on a file and on a temporary overlay over it."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.db = connection
        self.path = path

    def meta(self) -> dict[str, str]:
        """Return what the book says about itself (version, code, tree, overlay, clock)."""
        return dict(self.db.execute("SELECT name, value FROM meta"))

    def set_meta(self, **values: str) -> None:
        """Write facts about the book itself."""
        for name, value in values.items():
            self.db.execute("DELETE FROM meta WHERE name = ?", (name,))
            self.db.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (name, value))

    def among(self, query: str, keys: Iterable[int], *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query on one table whose ``{}`` stands for a list of keys; ``values`` come behind them.

        Instead of a join: over the overlay's views SQLite would read a joined table as a whole.
        """
        wanted = list(keys)
        while wanted:
            size = next((n for n in _LISTS if len(wanted) <= n), _LISTS[-1])
            listed, wanted = wanted[:size], wanted[size:]
            listed += listed[-1:] * (size - len(listed))
            yield from self.db.execute(query.format(", ".join("?" * size)), (*listed, *values))

    def insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows, values in the order of ``TABLES``."""
        names = [column.split()[0] for column in TABLES[table].split(", ")]
        places = ", ".join("?" * len(names))
        self.db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        self.db.close()


def create(path: Path | None) -> Store:
    """Return a new, empty book without indexes at ``path`` (mode 0600: it holds personal data), or in memory."""
    if path is not None:
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    db = _connect(str(path) if path else ":memory:")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    for table, columns in TABLES.items():
        db.execute(f"CREATE TABLE {table} ({columns})")
    store = Store(db, path)
    store.set_meta(version=str(VERSION))
    return store


def drop(path: Path) -> None:
    """Delete the book at ``path``, whatever lies there, and what SQLite and killed runs left beside it.

    A journal that outlives its book would be read into the next one of that name.
    """
    for leftover in (path, *path.parent.glob(f"{path.name}-*"), *path.parent.glob(f".{path.name}.*")):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def open_store(path: Path, *, write: bool = True) -> Store | None:
    """Return the book at ``path``, or None if it is missing, damaged, foreign or of another version."""
    try:
        info = os.lstat(path)
        if not os.path.isfile(path) or os.path.islink(path) or (hasattr(os, "getuid") and info.st_uid != os.getuid()):
            return None
        db = _connect(path.absolute().as_uri() + ("" if write else "?mode=ro"), uri=True)
        store = Store(db, path)
        if store.meta().get("version") == str(VERSION):
            if write:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
            return store
        db.close()
    except (OSError, sqlite3.Error):
        pass
    return None


def _connect(name: str, *, uri: bool = False) -> sqlite3.Connection:
    db = sqlite3.connect(name, timeout=30, isolation_level=None, uri=uri)
    db.execute("PRAGMA cache_size = -16000")
    db.execute("PRAGMA temp_store = MEMORY")
    return db
