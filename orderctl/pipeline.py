"""The program in one place, top to bottom: tree → load → validate → book → check → findings. Stages meet only here."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from orderctl.book.overlay import overlay
from orderctl.book.reader import Reader
from orderctl.book.store import UNSOUND, Store, decode, drop, open_store
from orderctl.book.update import Log
from orderctl.bring import Progress, bring, change, changes, reader_of, silent
from orderctl.catalogue import Catalogue, load_catalogue
from orderctl.gather import all_findings, count_below, fingerprint, is_below, unit_of_path
from orderctl.git import GitError
from orderctl.model import Again, Finding, SetupError
from orderctl.places import private_folder, run_lock
from orderctl.revisions import commit_of, git_of, tree_of
from orderctl.tree import Tree, commit_tree
from orderctl.waivers import with_waivers
from orderctl.workspace import Config, Workspace, clock, find_workspace, read_config

__all__ = [
    "Outcome",
    "Run",
    "SetupError",
    "Workspace",
    "check",
    "find_workspace",
    "open_book",
    "run",
    "states",
]


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
        return reader_of(store or self.store, self.clock, self.config.zone, self.catalogue, strict=strict)

    def findings(self) -> list[Finding]:
        """Return all findings: those of files, rules, clashes and of the set-up itself; unsorted, unplaced.

        Those that a waiver lets pass at the run's time are notes.
        """
        found = [*all_findings(self.store, self.config), *self._policy()]
        return with_waivers(found, self.reader(), self.catalogue.sentence)

    def _policy(self) -> list[Finding]:
        """Return what is wrong with the policy's documents taken together: what the gate would refuse them for."""
        from orderctl.trust.policy import FILES, policy_faults

        read = self.store.db.execute
        rows = [
            (path, read("SELECT data FROM file WHERE path = ? AND state = 'ok'", (path,)).fetchone()) for path in FILES
        ]
        return policy_faults({path: decode(row[0]) for path, row in rows if row}, self.catalogue.kinds)

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
    progress: Progress = silent,
) -> Outcome:
    """Judge a tree: the work tree, the index or ``rev``; with ``changed`` only what is new since that revision."""
    tree = tree_of(workspace, rev, index)
    if changed is not None:
        outcome = _check_changed(workspace, tree, changed, as_of, jobs, progress)
        below = tuple(f for f in outcome.findings if not paths or is_below(f.path, paths))
        return replace(outcome, findings=below)
    with run(workspace, tree, as_of=as_of, jobs=jobs, progress=progress) as it:
        findings = [f for f in it.findings() if not paths or is_below(f.path, paths)]
        documents = it.documents() if not paths else count_below(it.store, paths)
        return Outcome(tuple(findings), documents, tree.read, it.catalogue, it.config)


def _check_changed(
    workspace: Workspace, tree: Tree, changed: str, as_of: str | None, jobs: int, progress: Progress
) -> Outcome:
    """Return the findings of ``tree`` in what changed since ``changed``, and elsewhere those that were not there."""
    git = git_of(workspace)
    base_id = commit_of(workspace, changed)
    if tree.revision or git.resolve("HEAD"):
        done = git.try_run("merge-base", base_id, tree.revision or "HEAD")
        base_id = done.stdout.decode().strip() if done.returncode == 0 else base_id
    base = commit_tree(git, workspace.root, base_id, workspace.prefix)
    with run(workspace, base, as_of=as_of, jobs=jobs, progress=progress) as before:
        known = {fingerprint(f) for f in before.findings()}
        after = _overlaid(before, tree, as_of)
        units = {unit_of_path(after.store, path) for path in after.changed} - {""}
        shown = [
            f for f in after.findings() if fingerprint(f) not in known or unit_of_path(after.store, f.path) in units
        ]
        return Outcome(tuple(shown), len(units), tree.read, after.catalogue, after.config)


@contextmanager
def run(
    workspace: Workspace,
    tree: Tree,
    *,
    as_of: str | None = None,
    jobs: int = 0,
    progress: Progress = silent,
    catalogue: Catalogue | None = None,
) -> Iterator[Run]:
    """Bring the workspace's book to ``tree`` at ``as_of`` and hold it (one process at a time) until the block ends.

    It goes by ``catalogue`` if given, else by the tree's own.
    """
    config = read_config(tree)
    kinds = catalogue or load_catalogue(tree)
    now = clock(config, as_of)
    with run_lock(workspace.state) as usable:
        store, log = _book(
            [workspace.state] if usable else [],
            lambda path: bring(path, tree, kinds, config, now, jobs or os.cpu_count() or 1, progress),
        )
        try:
            yield Run(workspace, tree, config, kinds, now, store, log)
        except UNSOUND as error:
            assert store.path is not None
            drop(store.path)
            raise Again from error
        finally:
            store.close()


def _book(folders: list[Path], bring_at: Callable[[Path], tuple[Store, Log]]) -> tuple[Store, Log]:
    """Return the book of the first folder where it can be brought up to date: changed there, made anew if it is
    damaged, else made in a private folder. Raises SetupError when no place is left for one."""
    for folder in folders:
        try:
            return bring_at(folder / "book.db")
        except SetupError:
            raise
        except Exception:  # noqa: BLE001  whatever an old book made fail, a new one decides
            drop(folder / "book.db")
        try:
            return bring_at(folder / "book.db")
        except (sqlite3.OperationalError, OSError):  # no space left, or a failing disk
            drop(folder / "book.db")
    try:
        return bring_at(private_folder() / "book.db")
    except (sqlite3.OperationalError, OSError) as error:
        raise SetupError(
            "setup.space",
            f"没有地方写临时数据：{error}。请清理磁盘，或用 TMPDIR 指明有空间的文件夹",
            f"there is no place for temporary data: {error}. Free some space, or name a folder that has some in TMPDIR",
        ) from None


@contextmanager
def open_book(
    workspace: Workspace,
    rev: str | None = None,
    as_of: str | None = None,
    *,
    jobs: int = 0,
    progress: Progress = silent,
) -> Iterator[Run]:
    """Return a run over the work tree or ``rev`` for showing, listing and building; its ``reader()`` is the book."""
    tree = tree_of(workspace, rev)
    with run(workspace, tree, as_of=as_of, jobs=jobs, progress=progress) as it:
        yield it


def _overlaid(base: Run, tree: Tree, as_of: str | None) -> Run:
    """Return a run over ``tree`` as a temporary overlay of ``base``'s book; nothing of it is kept."""
    config = read_config(tree)
    kinds = load_catalogue(tree)
    now = clock(config, as_of) if as_of or config.sample else base.clock
    same = f"{kinds.digest} {config.zone}" == base.store.meta()["code"]
    store = _over(base)
    if same and store is not None:
        return _laid(replace(base, store=store, config=config, catalogue=kinds, clock=now), tree)
    if store is not None:
        store.close()
    changed = tuple(tree.changes(base.tree.tree_id, base.tree.overlay) or ())
    store, log = bring(private_folder() / "book.db", tree, kinds, config, now, os.cpu_count() or 1, silent)
    return Run(base.workspace, tree, config, kinds, now, store, log, changed)


def states(base: Run, trees: Iterable[Tree]) -> Iterator[Run]:
    """Yield a run over each of ``trees`` in turn, judged by what ``base`` goes by: each a temporary overlay folded
    over the one before, of which nothing is kept. Raises GitError for a tree that can't be compared."""
    store = _over(base)
    if store is None:
        raise Again
    try:
        for tree in trees:
            yield _laid(replace(base, store=store), tree)
    finally:
        store.close()


def _over(base: Run) -> Store | None:
    """Return ``base``'s book with an empty overlay, so that nothing writes to it; None if it can't be opened again.

    ``base`` itself can be read no more.
    """
    base.store.close()
    assert base.store.path is not None
    store = open_store(base.store.path, write=False)
    return overlay(store) if store else None


def _laid(base: Run, tree: Tree) -> Run:
    """Return ``base`` with ``tree`` laid over what its book holds."""
    meta = base.store.meta()
    differing = changes(base.store, meta, tree)
    if differing is None:  # taken for "no change", a state would pass unchecked
        raise GitError(f"the trees {meta['tree']} and {tree.tree_id} can't be compared")
    log = change(base.store, meta, tree, differing, base.catalogue, base.config, base.clock)
    return replace(base, tree=tree, log=log, changed=tuple(differing))
