"""Bringing a workspace's book to a tree and a time: changed where it can be, written anew where not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from orderctl.book.files import apply_files, storable
from orderctl.book.reader import Reader, Suspended
from orderctl.book.store import UNSOUND, Store, decode, encode, open_store
from orderctl.book.update import Log, outside_window, propagate
from orderctl.book.work import Consumer, Crashed
from orderctl.catalogue import Catalogue
from orderctl.check import FactError, as_data, check_unit, derive
from orderctl.classify import concerns, folders_of
from orderctl.codes.plugin import ENDINGS
from orderctl.rule import Fact, Rule, layers_of
from orderctl.tree import Entry, Tree
from orderctl.workspace import Config

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it, of how much."""
REBUILD_ABOVE = 3000
"""With more changed files than this, writing the book anew (in parallel) is quicker than changing it."""


def silent(_what: str, _done: int, _all: int) -> None:
    """Show no progress."""


def bring(
    path: Path, tree: Tree, kinds: Catalogue, config: Config, now: int, jobs: int, progress: Progress
) -> tuple[Store, Log]:
    """Return the book at ``path``, brought to ``tree``, and what ran; written anew where it can't be changed.

    A book that a plugin is missing from serves this run and no other.
    """
    digest = f"{kinds.digest} {config.zone}"
    store = open_store(path)
    if store is not None:
        meta = store.meta()
        differing = changes(store, meta, tree) if meta.get("code") == digest and "tree" in meta else None
        if differing is not None and len(differing) <= REBUILD_ABOVE:
            try:
                log = change(store, meta, tree, differing, kinds, config, now)
                if kinds.lacking:
                    store.set_meta(code="")
            except BaseException:
                store.close()
                raise
            return store, log
        store.close()
    from orderctl.book.build import build
    from orderctl.intake import parse_all

    folders = folders_of(path for kind in kinds.kinds.values() for path in kind.paths)
    entries = [e for e in tree.entries() if concerns(e.path, folders)]
    validator = kinds.validator
    order = layers(kinds)

    def parse(chunk: Sequence[Entry]) -> Any:
        return parse_all(tree, kinds.kinds, validator, chunk)

    def make(opened: Store) -> Reader:
        return reader_of(opened, now, config.zone, kinds)

    about = {"problems": encode([as_data(f) for f in kinds.problems]), "folders": " ".join(sorted(folders))}
    digest = "" if kinds.lacking else digest
    store = build(path, entries, parse, order, make, jobs, progress, _state(tree, digest) | about)
    return store, []


def _state(tree: Tree, digest: str) -> dict[str, str]:
    """Return what the book says it holds."""
    over = sorted(tree.overlay)
    return {"code": digest, "tree": tree.tree_id, "overlay": encode([os.fsencode(p).hex() for p in over])}


def changes(store: Store, meta: Mapping[str, str], tree: Tree) -> dict[str, Entry | None] | None:
    """Return the workspace's paths that differ from what the book holds; None if that can't be told."""
    before = [os.fsdecode(bytes.fromhex(p)) for p in decode(meta["overlay"])]
    differing = tree.changes(meta["tree"], before)
    if differing is None:
        return None
    folders = frozenset(meta["folders"].split())
    found: dict[str, Entry | None] = {}
    for path, entry in sorted(differing.items()):
        if concerns(path, folders):
            row = store.db.execute("SELECT blob, mode FROM file WHERE path = ?", (storable(path),)).fetchone()
            if row != ((entry.blob, entry.mode) if entry else None):
                found[path] = entry
    return found


def change(
    store: Store,
    meta: Mapping[str, str],
    tree: Tree,
    changes: Mapping[str, Entry | None],
    kinds: Catalogue,
    config: Config,
    now: int,
) -> Log:
    """Change the book in one transaction; a change that fails leaves it as it was."""
    from orderctl.intake import line_columns, parse_all

    state = _state(tree, meta["code"])
    if not changes and not outside_window(store, now):
        if any(meta.get(k) != v for k, v in state.items()):
            with suppress(sqlite3.OperationalError):  # a read-only book: next time then
                store.set_meta(**state)
        return []
    validator = kinds.validator
    reader = reader_of(store, now, config.zone, kinds)
    store.db.execute("BEGIN IMMEDIATE")
    try:
        present = [e for e in changes.values() if e is not None]
        parsed = {p.path: p for p in parse_all(tree, kinds.kinds, validator, present)}
        touched = apply_files(store, [(p, parsed.get(p)) for p in map(storable, changes)], line_columns(kinds.kinds))
        log = propagate(store, touched, layers(kinds), reader, now)
        store.set_meta(**state)
        store.db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.OperationalError):  # a full disk ended it already
            store.db.execute("ROLLBACK")
        raise
    return log


def reader_of(store: Store, now: int, zone: str, kinds: Catalogue, *, strict: bool = True) -> Reader:
    """Return a reader of the book at ``now`` (microseconds since 1970) in the company's ``zone``."""
    from orderctl.intake import line_columns

    facts = {}
    for plugin in kinds.facts.values():
        assert isinstance(plugin.what, Fact)
        facts[plugin.what.id] = ((plugin.what.on,), frozenset(plugin.what.needs))
    columns = {name: frozenset(indexed) for name, indexed in line_columns(kinds.kinds).items()}
    columns |= {p.what.id: frozenset(p.what.index) for p in kinds.facts.values() if isinstance(p.what, Fact)}
    return Reader(store, now, zone, facts, columns, strict=strict)


def layers(kinds: Catalogue) -> list[list[Consumer]]:
    """Return facts in the order of their needs, then the units with all their rules."""
    facts = {p.what.id: p for p in kinds.facts.values() if isinstance(p.what, Fact)}
    ordered, _ = layers_of([p.what for p in facts.values() if isinstance(p.what, Fact)])
    found = [[_fact_consumer(facts[id].what, facts[id].run) for id in layer] for layer in ordered]
    rules: dict[str, list[tuple[Rule, Any]]] = {}
    for plugin in sorted(kinds.rules.values(), key=lambda p: p.what.id):
        assert isinstance(plugin.what, Rule)
        for kind in (plugin.what.on,) if isinstance(plugin.what.on, str) else plugin.what.on:
            rules.setdefault(kind, []).append((plugin.what, plugin.run))

    def judge(documents: Any, book: Reader) -> list[dict[str, Any]]:
        found = check_unit(documents, book, rules, Suspended, UNSOUND)
        if any(f["rule"] in ENDINGS for f in found):
            book.hold_never()
        return found

    return [*found, [Consumer("unit", frozenset(), judge)]]


def _fact_consumer(fact: Any, function: Callable[..., Any]) -> Consumer:
    def compute(document: Any, book: Reader) -> Any:
        try:
            return derive(fact, function, document, book, Suspended, UNSOUND)
        except FactError as error:
            if error.finding.rule in ENDINGS:
                book.hold_never()
            raise Crashed(as_data(error.finding)) from error

    return Consumer(f"fact:{fact.id}", frozenset({fact.on}), compute, fact.index, frozenset(fact.needs))
