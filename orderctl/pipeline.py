"""The program in one place, top to bottom: tree → load → validate → book → check → findings. Stages meet only here."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orderctl.book.files import apply_files, storable
from orderctl.book.overlay import overlay
from orderctl.book.reader import Reader, Suspended
from orderctl.book.store import Store, decode, encode, open_store
from orderctl.book.update import Log, outside_window, propagate
from orderctl.book.work import Consumer, Crashed
from orderctl.catalogue import Catalogue, load_catalogue
from orderctl.check import FactError, as_data, check_unit, derive, from_data
from orderctl.classify import concerns, folders_of
from orderctl.codes.tree import ID_DUPLICATE, PATH_COLLISION
from orderctl.model import Finding, Severity
from orderctl.places import private_folder, run_lock
from orderctl.rule import Fact, Rule, layers_of
from orderctl.tree import Entry, Tree, commit_tree, folder_tree, index_tree, work_tree
from orderctl.workspace import Config, SetupError, Workspace, clock, find_workspace, read_config

__all__ = [
    "Outcome",
    "Run",
    "SetupError",
    "Workspace",
    "catalogue",
    "check",
    "find_workspace",
    "open_book",
    "run",
    "tree_of",
]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it, of how much."""
REBUILD_ABOVE = 3000
"""With more changed files than this, writing the book anew (in parallel) is quicker than changing it."""


def _silent(_what: str, _done: int, _all: int) -> None:
    return


@dataclass(frozen=True)
class Run:
    """One tree at one time, with its book brought up to date. Close it with ``with run(...)``."""

    workspace: Workspace
    tree: Tree
    config: Config
    catalogue: Catalogue
    clock: int
    store: Store
    log: Log
    """What ran to bring the book here; empty for a book written in one go."""
    changed: tuple[str, ...] = ()
    """The paths that differed from what the book held before."""

    def reader(self, *, strict: bool = False, store: Store | None = None) -> Reader:
        """Return a new reader of the book (``store``: of another connection to it). For a strict one, as rules have
        it, a broken document raises; for the others it isn't there."""
        return _reader(store or self.store, self.clock, self.config.zone, self.catalogue, strict=strict)

    def findings(self) -> list[Finding]:
        """Return all findings: those of files, rules, clashes and of the set-up itself; unsorted, unplaced."""
        problems = map(from_data, decode(self.store.meta()["problems"]))
        return [
            _adjusted(f, self.config) for f in (*problems, *_stored_findings(self.store)) if _enabled(f, self.config)
        ]

    def documents(self) -> int:
        """Return how many documents the tree holds."""
        (count,) = self.store.db.execute("SELECT count(*) FROM file WHERE kind > ''").fetchone()
        return int(count)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says. ``read`` gives a path's bytes in the tree judged, for placing and code frames."""

    findings: tuple[Finding, ...]
    documents: int
    read: Callable[[str], bytes | None]
    catalogue: Catalogue
    config: Config


def check(
    workspace: Workspace,
    *,
    rev: str | None = None,
    changed: str | None = None,
    index: bool = False,
    paths: Sequence[str] = (),
    as_of: str | None = None,
    jobs: int = 0,
    progress: Progress = _silent,
) -> Outcome:
    """Judge a tree: the work tree, the index or ``rev``; with ``changed`` only what is new since that revision."""
    tree = tree_of(workspace, rev, index)
    if changed is not None:
        outcome = _check_changed(workspace, tree, changed, as_of, jobs, progress)
        below = tuple(f for f in outcome.findings if not paths or _below(f.path, paths))
        return replace(outcome, findings=below)
    with run(workspace, tree, as_of=as_of, jobs=jobs, progress=progress) as it:
        findings = [f for f in it.findings() if not paths or _below(f.path, paths)]
        documents = it.documents() if not paths else _count_below(it.store, paths)
        return Outcome(tuple(findings), documents, tree.read, it.catalogue, it.config)


def _check_changed(
    workspace: Workspace, tree: Tree, changed: str, as_of: str | None, jobs: int, progress: Progress
) -> Outcome:
    """Return the findings of ``tree`` in what changed since ``changed``, and elsewhere those that were not there."""
    assert_git = _git(workspace)
    base_id = _commit(workspace, changed)
    if tree.revision or assert_git.resolve("HEAD"):
        done = assert_git.try_run("merge-base", base_id, tree.revision or "HEAD")
        base_id = done.stdout.decode().strip() if done.returncode == 0 else base_id
    base = commit_tree(assert_git, workspace.root, base_id, workspace.prefix)
    with run(workspace, base, as_of=as_of, jobs=jobs, progress=progress) as before:
        known = {_fingerprint(f) for f in before.findings()}
        after = _overlaid(before, tree, as_of)
        units = {_unit(after.store, path) for path in after.changed} - {""}
        shown = [f for f in after.findings() if _fingerprint(f) not in known or _unit(after.store, f.path) in units]
        return Outcome(tuple(shown), len(units), tree.read, after.catalogue, after.config)


@contextmanager
def run(
    workspace: Workspace,
    tree: Tree,
    *,
    as_of: str | None = None,
    jobs: int = 0,
    progress: Progress = _silent,
    trusted: bool = False,
) -> Iterator[Run]:
    """Bring the workspace's book to ``tree`` at ``as_of`` and hold it (one process at a time) until the block ends."""
    config = read_config(tree)
    kinds = load_catalogue(tree, trusted=trusted)
    now = clock(config, as_of)
    with run_lock(workspace.state) as usable:
        folder = workspace.state if usable else private_folder()
        store, log = _bring(folder / "book.db", tree, kinds, config, now, jobs or os.cpu_count() or 1, progress)
        try:
            yield Run(workspace, tree, config, kinds, now, store, log)
        finally:
            store.close()


@contextmanager
def open_book(
    workspace: Workspace,
    rev: str | None = None,
    as_of: str | None = None,
    *,
    jobs: int = 0,
    progress: Progress = _silent,
) -> Iterator[Run]:
    """Return a run over the work tree or ``rev`` for showing, listing and building; its ``reader()`` is the book."""
    tree = tree_of(workspace, rev)
    with run(workspace, tree, as_of=as_of, jobs=jobs, progress=progress) as it:
        yield it


def catalogue(workspace: Workspace) -> Catalogue:
    """Return what the workspace goes by: kinds, rules, facts, papers, pages, codes."""
    return load_catalogue(tree_of(workspace))


def _bring(
    path: Path, tree: Tree, kinds: Catalogue, config: Config, now: int, jobs: int, progress: Progress
) -> tuple[Store, Log]:
    """Return the book at ``path``, brought to ``tree``, and what ran; written anew where it can't be changed."""
    digest = f"{kinds.digest} {config.zone}"
    store = open_store(path)
    if store is not None:
        meta = store.meta()
        changes = None
        if meta.get("code") == digest and "tree" in meta:
            changes = _changes(store, meta, tree)
        if changes is not None and len(changes) <= REBUILD_ABOVE:
            return store, _change(store, meta, tree, changes, kinds, config, now)
        store.close()
    from orderctl.book.build import build
    from orderctl.intake import parse_all
    from orderctl.validate import Validator

    folders = folders_of(kind.path for kind in kinds.kinds.values())
    entries = [e for e in tree.entries() if concerns(e.path, folders)]
    validator = Validator(kinds.kinds)
    layers = _layers(kinds)

    def parse(chunk: Sequence[Entry]) -> Any:
        return parse_all(tree, kinds.kinds, validator, chunk)

    def make(opened: Store) -> Reader:
        return _reader(opened, now, config.zone, kinds)

    about = {"problems": encode([as_data(f) for f in kinds.problems]), "folders": " ".join(sorted(folders))}
    store = build(path, entries, parse, layers, make, jobs, progress, _state(tree, digest) | about)
    return store, []


def _state(tree: Tree, digest: str) -> dict[str, str]:
    """Return what the book says it holds."""
    over = sorted(tree.overlay)
    return {"code": digest, "tree": tree.tree_id, "overlay": encode([os.fsencode(p).hex() for p in over])}


def _changes(store: Store, meta: Mapping[str, str], tree: Tree) -> dict[str, Entry | None] | None:
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


def _change(
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
    from orderctl.validate import Validator

    state = _state(tree, meta["code"])
    if not changes and not outside_window(store, now):
        if any(meta.get(k) != v for k, v in state.items()):
            with suppress(sqlite3.OperationalError):  # a read-only book: next time then
                store.set_meta(**state)
        return []
    validator = Validator(kinds.kinds)
    reader = _reader(store, now, config.zone, kinds)
    store.db.execute("BEGIN IMMEDIATE")
    try:
        present = [e for e in changes.values() if e is not None]
        parsed = {p.path: p for p in parse_all(tree, kinds.kinds, validator, present)}
        touched = apply_files(store, [(p, parsed.get(p)) for p in map(storable, changes)], line_columns(kinds.kinds))
        log = propagate(store, touched, _layers(kinds), reader, now)
        store.set_meta(**state)
        store.db.execute("COMMIT")
    except BaseException:
        store.db.execute("ROLLBACK")
        raise
    return log


def _overlaid(base: Run, tree: Tree, as_of: str | None) -> Run:
    """Return a run over ``tree`` as a temporary overlay of ``base``'s book; nothing of it is kept."""
    config = read_config(tree)
    kinds = load_catalogue(tree)
    meta = base.store.meta()
    base.store.close()
    assert base.store.path is not None
    now = clock(config, as_of) if as_of or config.sample else base.clock
    digest = f"{kinds.digest} {config.zone}"
    store = open_store(base.store.path, write=False)
    if store is None or digest != meta["code"]:
        folder = private_folder()
        changed = tuple(tree.changes(base.tree.tree_id, base.tree.overlay) or ())
        store, log = _bring(folder / "book.db", tree, kinds, config, now, os.cpu_count() or 1, _silent)
        return Run(base.workspace, tree, config, kinds, now, store, log, changed)
    store = overlay(store)
    changes = _changes(store, meta, tree) or {}
    log = _change(store, meta, tree, changes, kinds, config, now)
    return Run(base.workspace, tree, config, kinds, now, store, log, tuple(changes))


def _reader(store: Store, now: int, zone: str, kinds: Catalogue, *, strict: bool = True) -> Reader:
    facts = {}
    for plugin in kinds.facts.values():
        assert isinstance(plugin.what, Fact)
        facts[plugin.what.id] = ((plugin.what.on,), frozenset(plugin.what.needs))
    return Reader(store, now, zone, facts, strict=strict)


def _layers(kinds: Catalogue) -> list[list[Consumer]]:
    """Return facts in the order of their needs, then the units with all their rules."""
    facts = {p.what.id: p for p in kinds.facts.values() if isinstance(p.what, Fact)}
    ordered, _ = layers_of([p.what for p in facts.values() if isinstance(p.what, Fact)])
    layers = [[_fact_consumer(facts[id].what, facts[id].run) for id in layer] for layer in ordered]
    rules: dict[str, list[tuple[Rule, Any]]] = {}
    for plugin in sorted(kinds.rules.values(), key=lambda p: p.what.id):
        assert isinstance(plugin.what, Rule)
        for kind in (plugin.what.on,) if isinstance(plugin.what.on, str) else plugin.what.on:
            rules.setdefault(kind, []).append((plugin.what, plugin.run))
    units = Consumer("unit", frozenset(), lambda docs, book: check_unit(docs, book, rules, Suspended))
    return [*layers, [units]]


def _fact_consumer(fact: Any, function: Callable[..., Any]) -> Consumer:
    def compute(document: Any, book: Any) -> Any:
        try:
            return derive(fact, function, document, book, Suspended)
        except FactError as error:
            raise Crashed(as_data(error.finding)) from error

    return Consumer(f"fact:{fact.id}", frozenset({fact.on}), compute, fact.index, frozenset(fact.needs))


def _stored_findings(store: Store) -> Iterator[Finding]:
    for (data,) in store.db.execute("SELECT findings FROM file WHERE findings != ''"):
        yield from map(from_data, decode(data))
    for (data,) in store.db.execute("SELECT value FROM result WHERE found = 1"):
        if data.startswith("!"):
            yield from_data(decode(data[1:]))
        else:
            yield from map(from_data, decode(data))
    for (data,) in store.db.execute("SELECT value FROM clash"):
        what, paths, *names = decode(data)
        for path in paths[1:]:
            if what == "path":
                yield PATH_COLLISION.at(path, line=1, column=1, other=paths[0])
            else:
                yield ID_DUPLICATE.at(path, id=names[1], other=paths[0])


def _enabled(finding: Finding, config: Config) -> bool:
    return config.rules.get(finding.rule, {}).get("enabled") is not False


def _adjusted(finding: Finding, config: Config) -> Finding:
    """Return the finding with the severity that the company gives the rule; machine codes stay as they are."""
    wanted = config.rules.get(finding.rule, {}).get("severity")
    if wanted not in tuple(Severity) or "." in finding.rule:
        return finding
    return Finding(
        finding.rule,
        Severity(wanted),
        finding.path,
        finding.pointer,
        finding.params,
        finding.line,
        finding.column,
        finding.mend,
    )


def _fingerprint(finding: Finding) -> tuple[str, ...]:
    """Return what makes a finding the same one in another tree: rule, subject, field, parameters; no line."""
    return (finding.rule, finding.path, finding.pointer, repr(sorted((k, str(v)) for k, v in finding.params.items())))


def _unit(store: Store, path: str) -> str:
    row = store.db.execute("SELECT unit FROM file WHERE path = ?", (path,)).fetchone()
    return row[0] if row else ""


def _below(path: str, paths: Sequence[str]) -> bool:
    return any(p in ("", ".") or path == p or path.startswith(p + "/") for p in paths)


def _count_below(store: Store, paths: Sequence[str]) -> int:
    rows = store.db.execute("SELECT path FROM file WHERE kind > ''")
    return sum(1 for (path,) in rows if _below(path, paths))


def _git(workspace: Workspace) -> Any:
    if workspace.git is None:
        raise SetupError(
            "setup.no_git",
            "这个工作区不在 Git 仓库里，没有版本可比",
            "this workspace is in no Git repository: there are no revisions",
        )
    return workspace.git


def _commit(workspace: Workspace, revision: str) -> str:
    found = _git(workspace).resolve(revision)
    if found is None:
        raise SetupError("setup.revision", f"没有版本“{revision}”", f"there is no revision {revision!r}")
    return str(found)


def tree_of(workspace: Workspace, rev: str | None = None, index: bool = False) -> Tree:
    """Return the tree that a command names."""
    if rev is not None:
        return commit_tree(_git(workspace), workspace.root, _commit(workspace, rev), workspace.prefix)
    if workspace.root is None:
        return commit_tree(_git(workspace), None, _commit(workspace, "HEAD"))
    if index:
        return index_tree(_git(workspace), workspace.root, workspace.prefix)
    if workspace.git is None:
        return folder_tree(workspace.root)
    return work_tree(workspace.git, workspace.root, workspace.prefix)
