"""Writing a book in one go: every file parsed, every fact and unit computed, in worker processes if wanted.

Workers only compute; this process alone writes. The book appears at its path when it is whole.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from orderctl.book.files import Parsed, all_clashes, file_row, line_rows
from orderctl.book.pool import workers
from orderctl.book.reader import Reader
from orderctl.book.store import INDEXES, LATE_INDEXES, Store, create, drop, open_store
from orderctl.book.update import fact_lines, result_row
from orderctl.book.work import Consumer, run

CHUNK = 300
_INHERITED: dict[str, Any] = {}
"""What forked workers find: set just before the pool starts, empty otherwise."""

Rows = list[tuple[str, list[tuple[Any, ...]]]]
Progress = Callable[[str, int, int], None]


def build(
    path: Path,
    entries: Sequence[Any],
    parse: Callable[[Sequence[Any]], Iterable[Parsed]],
    layers: Sequence[Sequence[Consumer]],
    make_reader: Callable[[Store], Reader],
    jobs: int,
    progress: Progress,
    state: Mapping[str, str],
) -> Store:
    """Write a new book to ``path`` and return it, open. ``parse`` turns a chunk of entries into parsed files;
    ``state`` is what the book will say about itself (tree, code, clock)."""
    drop(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    store = create(temporary)
    _INHERITED.update(parse=parse, layers=layers, make_reader=make_reader, path=temporary)
    try:
        pool = _pool(jobs, len(entries))
        try:
            _fill(store, entries, layers, pool, progress)
        finally:
            if pool:
                pool.shutdown(cancel_futures=True)
        store.set_meta(**state)
        store.close()
        os.replace(temporary, path)
    finally:
        _INHERITED.clear()
        store.close()
        for leftover in (temporary, Path(f"{temporary}-wal"), Path(f"{temporary}-shm")):
            leftover.unlink(missing_ok=True)
    opened = open_store(path)
    if opened is None:
        raise OSError(f"the book just written can't be opened: {path}")
    return opened


def _fill(
    store: Store,
    entries: Sequence[Any],
    layers: Sequence[Sequence[Consumer]],
    pool: ProcessPoolExecutor | None,
    progress: Progress,
) -> None:
    done = 0
    store.db.execute("BEGIN")
    for rows in _map(pool, _parse_chunk, _chunks(entries)):
        _insert(store, rows)
        done = min(done + CHUNK, len(entries))
        progress("load", done, len(entries))
    for statement in INDEXES:
        store.db.execute(statement)
    all_clashes(store)
    store.db.execute("COMMIT")
    for number, layer in enumerate(layers):
        subjects = [(number, place, owner) for place, c in enumerate(layer) for owner in _subjects(store, c)]
        subjects.sort(key=lambda s: s[2])  # one document's facts in one chunk: it is decoded once
        done = 0
        store.db.execute("BEGIN")
        for rows in _map(pool, _run_chunk, _chunks(subjects), store):
            _insert(store, rows)
            done = min(done + CHUNK, len(subjects))
            progress("check", done, len(subjects))
        store.db.execute("COMMIT")
    store.db.execute("BEGIN")
    for statement in LATE_INDEXES:
        store.db.execute(statement)
    store.db.execute("COMMIT")


def _subjects(store: Store, consumer: Consumer) -> Iterator[str]:
    if not consumer.kinds:
        query = "SELECT DISTINCT unit FROM file WHERE state IN ('ok', 'flawed') ORDER BY unit"
        yield from (row[0] for row in store.db.execute(query))
    for kind in sorted(consumer.kinds):
        query = "SELECT path FROM file WHERE kind = ? AND state IN ('ok', 'flawed') ORDER BY path"
        yield from (row[0] for row in store.db.execute(query, (kind,)))


def _insert(store: Store, rows: Rows) -> None:
    for table, values in rows:
        store.insert(table, values)


def _parse_chunk(entries: Sequence[Any]) -> Rows:
    files, lines, cells = [], [], []
    for parsed in _INHERITED["parse"](entries):
        files.append(file_row(parsed))
        if parsed.lines:
            line_table, cell_table = line_rows(parsed.path, parsed.id, parsed.lines)
            lines += line_table
            cells += cell_table
    return [("file", files), ("line", lines), ("cell", cells)]


def _run_chunk(subjects: Sequence[tuple[int, int, str]], store: Store | None = None) -> Rows:
    reader = _reader(store)
    results, reads, lines, cells = [], [], [], []
    if _INHERITED.get("layer") != subjects[0][0]:  # facts of the layer before are there now
        _INHERITED["layer"] = subjects[0][0]
        reader.forget()
    for layer, place, owner in subjects:
        consumer = _INHERITED["layers"][layer][place]
        result = run(consumer, owner, reader)
        if result is None:
            continue
        results.append(result_row(result))
        reads += [(key, result.consumer) for key in reader.reads]
        if consumer.fact:
            line_table, cell_table = line_rows(owner, result.id, fact_lines(consumer, result))
            lines += line_table
            cells += cell_table
    return [("result", results), ("read", reads), ("line", lines), ("cell", cells)]


def _reader(store: Store | None) -> Reader:
    """Return this process's reader; a worker opens the book for itself, read-only."""
    if store is None:
        if "store" not in _INHERITED:
            _INHERITED["store"] = open_store(_INHERITED["path"], write=False)
        store = _INHERITED["store"]
    make: Callable[[Store], Reader] = _INHERITED["make_reader"]
    if "reader" not in _INHERITED:
        _INHERITED["reader"] = make(store)
    reader: Reader = _INHERITED["reader"]
    return reader


def _pool(jobs: int, entries: int) -> ProcessPoolExecutor | None:
    if jobs < 2 or entries < 4 * CHUNK:
        return None
    return workers(jobs)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _map(
    pool: ProcessPoolExecutor | None,
    work: Callable[..., Rows],
    chunks: Iterable[Sequence[Any]],
    store: Store | None = None,
) -> Iterator[Rows]:
    """Yield ``work`` of each chunk in order, with only a few chunks under way so that memory stays small."""
    if pool is None:
        for chunk in chunks:
            yield work(chunk, store) if store else work(chunk)
        return
    under_way: deque[Future[Rows]] = deque()
    for chunk in chunks:
        under_way.append(pool.submit(work, chunk))
        if len(under_way) > 8:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()
