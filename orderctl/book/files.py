"""The first step of an update: changed files in, the book's files and rows changed, touched keys out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from orderctl.book.keys import all_key, case_key, cell_key, doc_key, file_key, key_of
from orderctl.book.store import Store, decode, encode


@dataclass(frozen=True, slots=True)
class Parsed:
    """One path of the tree, loaded and validated. ``state``: ok, flawed (schema errors), broken, file.

    ``data``: JSON of the document, or of {"sha256", "size"} for a file; ``findings``: JSON list or "".
    ``lines``: (name, place, record, indexed columns) to find the document by.
    """

    path: str
    mode: str
    blob: str
    state: str
    kind: str = ""
    id: str = ""
    unit: str = ""
    data: str = ""
    findings: str = ""
    lines: tuple[tuple[str, int, dict[str, Any], tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class Touched:
    """What the changed files touch: keys, units to run again, documents (path → kind) that are new, changed or gone."""

    keys: set[int] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    documents: dict[str, str] = field(default_factory=dict)


def storable(path: str) -> str:
    r"""Return the path as text that can be stored: bytes that are no UTF-8 (such a path is refused) as \xff."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def folded(path: str) -> str:
    """Return the form in which two paths must not be equal (NFKC, case folded)."""
    return unicodedata.normalize("NFKC", path).casefold()


def file_row(parsed: Parsed) -> tuple[Any, ...]:
    """Return the row of the file table."""
    p = parsed
    fold = p.path if p.path.isascii() and p.path == p.path.lower() else folded(p.path)
    return (p.path, fold, p.mode, p.blob, p.state, p.kind, p.id, p.unit, p.data, p.findings)


def line_rows(
    owner: str, id: str, lines: Iterable[tuple[str, int, dict[str, Any], tuple[str, ...]]]
) -> tuple[list[tuple[int, str, str, str, int, str]], list[tuple[int, int]]]:
    """Return the rows of the line and cell tables for one owner."""
    line_table: list[tuple[int, str, str, str, int, str]] = []
    cell_table: list[tuple[int, int]] = []
    for name, place, record, columns in lines:
        line = key_of("line", name, owner, str(place))
        line_table.append((line, name, owner, id, place, encode(record)))
        cell_table.extend((cell_key(name, column, record.get(column)), line) for column in columns)
    return line_table, cell_table


def apply_files(
    store: Store, changes: Iterable[tuple[str, Parsed | None]], columns: dict[str, tuple[str, ...]]
) -> Touched:
    """Write changed paths (None: gone) into the book and return what they touch.

    ``columns``: name → indexed columns, to find the cells of old lines.
    """
    touched = Touched()
    for path, parsed in changes:
        old = store.db.execute("SELECT kind, id, unit, state, folded FROM file WHERE path = ?", (path,)).fetchone()
        touched.keys.add(file_key(path))
        clashes = set()
        if old is not None:
            _touch_document(touched, old[0], old[1], old[2], path)
            clashes |= {("path", old[4]), ("id", old[0], old[1])}
            store.db.execute("DELETE FROM file WHERE path = ?", (path,))
        if parsed is not None:
            _touch_document(touched, parsed.kind, parsed.id, parsed.unit, path)
            row = file_row(parsed)
            clashes |= {("path", row[1]), ("id", parsed.kind, parsed.id)}
            store.insert("file", [row])
        names = {line[0] for line in parsed.lines} if parsed else set()
        names |= {n for (n,) in store.db.execute("SELECT DISTINCT name FROM line WHERE owner = ?", (path,))}
        for name in sorted(names):
            if name not in columns:
                continue  # a fact's lines: the fact's own run replaces them
            lines = [line for line in parsed.lines if line[0] == name] if parsed else []
            touched.keys |= replace_lines(store, name, path, parsed.id if parsed else "", lines, columns[name])
        for parts in clashes:
            if parts[-1]:
                _clash(store, parts)
    return touched


def _touch_document(touched: Touched, kind: str, id: str, unit: str, path: str) -> None:
    if kind:
        touched.keys |= {doc_key(kind, id), case_key(unit, kind)}
        touched.units.add(unit)
        touched.documents[path] = kind


def replace_lines(
    store: Store,
    name: str,
    owner: str,
    id: str,
    lines: Sequence[tuple[str, int, dict[str, Any], tuple[str, ...]]],
    columns: tuple[str, ...],
) -> set[int]:
    """Replace an owner's lines of one name and return the keys whose rows differ from before."""
    old = {
        (line, data): place
        for line, place, data in store.db.execute(
            "SELECT line, place, data FROM line WHERE owner = ? AND name = ?", (owner, name)
        )
    }
    line_table, cell_table = line_rows(owner, id, lines)
    new = {(row[0], row[5]) for row in line_table}
    if old.keys() == new:
        return set()
    touched = {all_key(name)}
    for line, data in old:
        record = decode(data)
        keys = [cell_key(name, column, record.get(column)) for column in columns]
        for key in keys:
            store.db.execute("DELETE FROM cell WHERE key = ? AND line = ?", (key, line))
        if (line, data) not in new:
            touched.update(keys)
    store.db.execute("DELETE FROM line WHERE owner = ? AND name = ?", (owner, name))
    store.insert("line", line_table)
    store.insert("cell", cell_table)
    changed = {row[0] for row in line_table if (row[0], row[5]) not in old}
    touched.update(key for key, line in cell_table if line in changed)
    return touched


def _clash(store: Store, parts: tuple[str, ...]) -> None:
    """Note (or forget) that several paths share one identity or differ only in how their name is written."""
    key = key_of("clash", *parts)
    store.db.execute("DELETE FROM clash WHERE key = ?", (key,))
    if parts[0] == "path":
        query, values = "SELECT path FROM file WHERE folded = ? ORDER BY path", parts[1:]
    else:
        query, values = "SELECT path FROM file WHERE kind = ? AND id = ? ORDER BY path", parts[1:]
    paths = [row[0] for row in store.db.execute(query, values)]
    if len(paths) > 1:
        store.insert("clash", [(key, encode([parts[0], paths, *parts[1:]]))])


def all_clashes(store: Store) -> None:
    """Find the clashes of a book that was written in one go."""
    for (fold,) in store.db.execute("SELECT folded FROM file GROUP BY folded HAVING count(*) > 1").fetchall():
        _clash(store, ("path", fold))
    query = "SELECT kind, id FROM file WHERE kind != '' AND id != '' GROUP BY kind, id HAVING count(*) > 1"
    for kind, id in store.db.execute(query).fetchall():
        _clash(store, ("id", kind, id))
