"""Bringing a book to another tree or another time: run what a change dirties, stop where a value stays the same.

Push, not pull: changed paths → touched keys → the results that read them, layer by layer (facts in the order of
their needs, then units). What nothing touched is not looked at.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from orderctl.book.files import Touched, replace_lines
from orderctl.book.keys import fact_key, key_of
from orderctl.book.reader import SUSPENDED, Reader
from orderctl.book.store import NEVER, Store
from orderctl.book.work import Consumer, Result, run

Log = list[tuple[str, str]]
"""What ran: (consumer name, owner), in order."""


def propagate(
    store: Store,
    touched: Touched,
    layers: Sequence[Sequence[Consumer]],
    reader: Reader,
    clock: int,
) -> Log:
    """Run every result that the touched keys or the clock made stale; return what ran."""
    log: Log = []
    stale = outside_window(store, clock)
    keys = set(touched.keys)
    _add_readers(store, keys, stale)
    for layer in layers:
        changed: set[int] = set()
        for consumer in layer:
            owners = set(stale.get(consumer.name, ()))
            if consumer.kinds:
                owners.update(p for p, kind in touched.documents.items() if kind in consumer.kinds)
                owners.update(p for p in touched.documents if _known(store, consumer.name, p))
            else:
                owners.update(touched.units)
            for owner in sorted(owners):
                log.append((consumer.name, owner))
                changed |= replace_result(store, consumer, owner, run(consumer, owner, reader))
        if changed:
            _add_readers(store, changed, stale)
            reader.forget()
    _forget_others(store, stale, touched, {consumer.name for layer in layers for consumer in layer})
    return log


def _forget_others(store: Store, stale: dict[str, set[str]], touched: Touched, ran: set[str]) -> None:
    """Delete stale results of what runs at another time (views): missing means unknown."""
    for name, owners in sorted(stale.items()):
        if name not in ran:
            for owner in sorted(owners):
                replace_result(store, Consumer(name, frozenset(), _nothing), owner, None)
    for path in sorted(touched.documents):
        for (name,) in store.db.execute("SELECT name FROM result WHERE owner = ?", (path,)).fetchall():
            if name not in ran:
                replace_result(store, Consumer(name, frozenset(), _nothing), path, None)


def _nothing(_subject: object, _reader: Reader) -> None:
    return None


def _known(store: Store, name: str, owner: str) -> bool:
    query = "SELECT 1 FROM result WHERE consumer = ?"
    return store.db.execute(query, (key_of(name, owner),)).fetchone() is not None


def outside_window(store: Store, clock: int) -> dict[str, set[str]]:
    """Return the results that don't hold at ``clock``: name → owners."""
    stale: dict[str, set[str]] = defaultdict(set)
    for query in (
        f"SELECT name, owner FROM result WHERE until < {NEVER} AND until <= ?",
        "SELECT name, owner FROM result WHERE since > 0 AND since > ?",
    ):
        for name, owner in store.db.execute(query, (clock,)):
            stale[name].add(owner)
    return stale


def _add_readers(store: Store, keys: Iterable[int], stale: dict[str, set[str]]) -> None:
    readers = {id_ for (id_,) in store.among("SELECT consumer FROM read WHERE key IN ({})", keys)}
    for name, owner in store.among("SELECT name, owner FROM result WHERE consumer IN ({})", readers):
        stale[name].add(owner)


def replace_result(store: Store, consumer: Consumer, owner: str, result: Result | None) -> set[int]:
    """Replace a stored result by ``result`` (None: its subject is gone); return the keys that this touches."""
    id_ = key_of(consumer.name, owner)
    old = store.db.execute("SELECT value, reads FROM result WHERE consumer = ?", (id_,)).fetchone()
    if old is not None:
        store.db.executemany("DELETE FROM read WHERE key = ? AND consumer = ?", ((key, id_) for key in unpack(old[1])))
        store.db.execute("DELETE FROM result WHERE consumer = ?", (id_,))
    touched: set[int] = set()
    if result is not None:
        store.insert("result", [result_row(result)])
        store.insert("read", ((key, id_) for key in unpack(result.reads)))
    if consumer.fact:
        lines = fact_lines(consumer, result) if result else []
        touched |= replace_lines(store, consumer.fact, owner, result.id if result else "", lines, consumer.index)
        if result is not None and (old is None or old[0] != result.value):
            touched.add(fact_key(consumer.fact, result.id))  # a subject that is gone touched its document's key
    return touched


def result_row(result: Result) -> tuple[Any, ...]:
    """Return the row of the result table."""
    r = result
    found = int(r.value not in ("[]", SUSPENDED) and (r.name == "unit" or r.value.startswith(SUSPENDED)))
    return (r.consumer, r.name, r.owner, r.since, r.until, r.value, r.reads, found)


def fact_lines(consumer: Consumer, result: Result) -> list[tuple[str, int, dict[str, Any], tuple[str, ...]]]:
    """Return a fact's records as lines to index."""
    return [(consumer.fact, place, record, consumer.index) for place, record in enumerate(result.records)]


def unpack(reads: bytes) -> array[int]:
    """Return the keys of a result's reads."""
    keys = array("q")
    keys.frombytes(reads)
    return keys
