"""A set of (path, blob): the work tree, the index or any commit, read through one value.

A tree is a Git tree id plus an overlay of the paths that differ from it, so that comparing two trees costs what
differs, not what there is. A folder outside Git is the empty tree with everything in the overlay.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from orderctl.git import EMPTY_TREE, Git, GitError

REGULAR = "100644"
SKIPPED_FOLDERS = frozenset({".git", ".orderctl", "site", "node_modules", "__pycache__", ".venv"})
"""What is derived or nobody's document; not even looked into."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path: Git's mode as six digits ("000000" for what Git can't hold, such as a FIFO), and the blob's id."""

    path: str
    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree. ``overlay`` maps a path to its entry, or to None where the path is gone.

    ``disk`` names the paths of the overlay whose bytes lie below ``root`` rather than in Git.
    ``revision`` is the commit for a commit's tree, "" otherwise.
    """

    git: Git | None
    root: Path | None
    tree_id: str
    overlay: Mapping[str, Entry | None] = field(default_factory=dict)
    disk: frozenset[str] = frozenset()
    revision: str = ""

    def entries(self) -> Iterator[Entry]:
        """Yield every entry, sorted by path."""
        committed = ls_tree(self.git, self.tree_id) if self.git else iter(())
        found = {e.path: e for e in committed if e.path not in self.overlay}
        found |= {p: e for p, e in self.overlay.items() if e is not None}
        for path in sorted(found):
            yield found[path]

    def changes(self, tree_id: str, overlay: Iterable[str]) -> dict[str, Entry | None] | None:
        """Return what may differ here from the tree (``tree_id`` + overlaid paths): path → entry here, None if gone.

        None when the other tree can't be compared (its objects are gone): then compare everything.
        """
        result: dict[str, Entry | None] = {}
        if tree_id != self.tree_id:
            if self.git is None:
                return None
            differing = diff_trees(self.git, tree_id, self.tree_id)
            if differing is None:
                return None
            result.update(differing)
        unknown = [p for p in overlay if p not in result and p not in self.overlay]
        if unknown:
            result.update(dict.fromkeys(unknown))
            if self.git:
                result.update({e.path: e for e in ls_tree(self.git, self.tree_id, unknown)})
        result.update(self.overlay)
        return result

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        """Yield each entry with its bytes (None: not a file, or one that may not be read), Git's objects through one
        process. Raises GitError for an object that is missing or damaged."""
        pending: list[Entry] = []
        for entry in entries:
            if entry.path in self.disk:
                data = read_file(self.root, entry.path) if self.root else None
                # Someone may have written it since it was listed: what was read and its id stay together.
                yield (entry if data is None else replace(entry, blob=blob_id(data))), data
            else:
                pending.append(entry)
        if pending and self.git:
            for entry, (_, data) in zip(pending, self.git.blobs(e.blob for e in pending), strict=True):
                if data is None and entry.mode != "160000":
                    raise GitError(f"object {entry.blob} of {entry.path} is missing or damaged")
                yield entry, data

    def read(self, path: str) -> bytes | None:
        """Return the bytes at ``path`` in this tree, or None."""
        entry = self.overlay.get(path)
        if entry is None and path not in self.overlay and self.git:
            entry = next((e for e in ls_tree(self.git, self.tree_id, [path]) if e.path == path), None)
        if entry is None or entry.mode == "000000":
            return None
        return next((data for _, data in self.contents([entry])), None)


def commit_tree(git: Git, root: Path | None, commit: str, prefix: str = "") -> Tree:
    """Return the tree of a commit (hex id), below ``prefix`` of the repository."""
    tree_id = git.resolve(f"{commit}:{prefix}", "") if prefix else git.resolve(commit, "tree")
    return Tree(git, root, tree_id or EMPTY_TREE, revision=commit)


def work_tree(git: Git, root: Path, prefix: str = "") -> Tree:
    """Return the work tree: HEAD's tree and what ``git status`` sees differ, untracked files included.

    Files that Git ignores are no part of it, nor are derived folders.
    """
    base = commit_tree(git, root, "HEAD", prefix)
    overlay: dict[str, Entry | None] = {}
    disk: set[str] = set()
    out = git.run(
        "status", "--porcelain=v2", "-z", "-uall", "--no-renames", "--ignore-submodules=none", "--", prefix or "."
    )
    for mode, blob, raw in _status(out):
        path = os.fsdecode(raw)
        if prefix:
            if not path.startswith(prefix + "/"):
                continue
            path = path[len(prefix) + 1 :]
        if path.partition("/")[0] in SKIPPED_FOLDERS:
            continue
        if blob:  # staged and the same on disk: Git has the bytes
            overlay[path] = Entry(path, mode, blob)
            continue
        entry = disk_entry(root, path)
        overlay[path.rstrip("/")] = entry
        if entry is not None:
            disk.add(path.rstrip("/"))
    return Tree(git, root, base.tree_id, overlay, frozenset(disk))


def index_tree(git: Git, root: Path, prefix: str = "") -> Tree:
    """Return the index: HEAD's tree and what is staged."""
    whole = commit_tree(git, root, "HEAD")
    below = f"{prefix}/" if prefix else ""
    out = git.run("diff-index", "--cached", "--raw", "-z", "--no-renames", whole.tree_id)
    staged = {p[len(below) :]: e for p, e in _raw_diff(out) if p.startswith(below)}
    overlay = {p: Entry(p, e.mode, e.blob) if e else None for p, e in staged.items()}
    return Tree(git, root, commit_tree(git, root, "HEAD", prefix).tree_id, overlay)


def folder_tree(root: Path) -> Tree:
    """Return a folder outside Git as a tree."""
    overlay: dict[str, Entry | None] = {}
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(d for d in subfolders if d not in SKIPPED_FOLDERS)
        links = [d for d in subfolders if os.path.islink(os.path.join(folder, d))]
        for name in [*files, *links]:
            path = os.path.relpath(os.path.join(folder, name), root)
            overlay[path] = disk_entry(root, path)
    return Tree(None, root, EMPTY_TREE, overlay, frozenset(p for p, e in overlay.items() if e))


def ls_tree(git: Git, tree_id: str, paths: Iterable[str] = ()) -> Iterator[Entry]:
    """Yield the entries of a Git tree, below ``paths`` if given."""
    if tree_id == EMPTY_TREE:
        return
    wanted = [os.fsencode(p) for p in paths]
    for start in range(0, max(len(wanted), 1), 500):
        chunk = [os.fsdecode(p) for p in wanted[start : start + 500]]
        for record in git.run("ls-tree", "-r", "-z", "--full-tree", tree_id, "--", *chunk).split(b"\0"):
            if record:
                meta, _, path = record.partition(b"\t")
                mode, _, blob = meta.decode().split(" ")
                yield Entry(os.fsdecode(path), mode, blob)


def diff_trees(git: Git, old: str, new: str) -> dict[str, Entry | None] | None:
    """Return path → entry in ``new`` (None if gone) for every path that differs; None if an object is missing."""
    done = git.try_run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv", old, new)
    return dict(_raw_diff(done.stdout)) if done.returncode == 0 else None


def _raw_diff(out: bytes) -> Iterator[tuple[str, Entry | None]]:
    fields = out.split(b"\0")
    for meta, raw in zip(fields[0::2], fields[1::2], strict=False):
        _, mode, _, blob, status = meta.decode().split(" ")
        path = os.fsdecode(raw)
        yield path, None if status == "D" else Entry(path, mode, blob)


def _status(out: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield (mode, blob, path); mode and blob are "" when only the disk knows."""
    for record in out.split(b"\0"):
        kind, _, rest = record.partition(b" ")
        if kind == b"?":
            yield "", "", rest
        elif kind == b"1":
            xy, _sub, _mh, mi, _mw, _hh, hi, path = rest.split(b" ", 7)
            staged = xy[1:2] == b"." and xy[0:1] != b"D"
            yield (mi.decode(), hi.decode(), path) if staged else ("", "", path)
        elif kind == b"u":
            yield "", "", rest.split(b" ", 9)[9]


def disk_entry(root: Path, path: str) -> Entry | None:
    """Return the entry of a path on disk, never following a link; None if nothing is there."""
    try:
        info = os.lstat(root / path)
    except (OSError, ValueError):
        return None
    if stat.S_ISLNK(info.st_mode):
        return Entry(path, "120000", blob_id(os.fsencode(os.readlink(root / path))))
    if stat.S_ISDIR(info.st_mode):  # "folder/": a repository inside the repository; else its files stand for it
        return Entry(path.rstrip("/"), "160000", "0" * 40) if path.endswith("/") else None
    data = read_file(root, path)
    if data is None:
        return Entry(path, REGULAR if stat.S_ISREG(info.st_mode) else "000000", "0" * 40)
    mode = "100755" if info.st_mode & 0o100 else REGULAR
    return Entry(path, mode, blob_id(data))


def blob_id(data: bytes) -> str:
    """Return Git's SHA-1 id of these bytes as a blob."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def read_file(root: Path, path: str) -> bytes | None:
    """Return a regular file's bytes, or None; never follows a link at the end, never waits on a FIFO or device."""
    try:
        fd = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return None
    with os.fdopen(fd, "rb") as stream:
        return stream.read()
