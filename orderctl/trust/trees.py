"""Tree ids in, entries and differences out, read strictly: what one tool would read otherwise is refused.

What two trees share is never read: equal ids end the comparison, whatever lies below.
"""

from __future__ import annotations

import os
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from orderctl.codes.commit import LIMIT_TREE, TREE_DUPLICATE, TREE_MALFORMED, TREE_MISSING
from orderctl.objects import Objects
from orderctl.rule import Code
from orderctl.tree import Entry
from orderctl.trust.refusal import Refusal

FOLDER = "040000"
DEEPEST = 32
"""Folders inside one another; far above what any workspace has."""
MOST = 1_000_000
"""Entries that one question may look at: a folder that holds itself many times over ends here."""
_KEPT = 200_000  # entries of parsed trees that are kept in memory
_MODE = {b"100644": "100644", b"100755": "100755", b"120000": "120000", b"40000": FOLDER, b"160000": "160000"}
_ENTRY = re.compile(rb"(100644|100755|120000|40000|160000) ([^\0/]+)\0(.{20})", re.DOTALL)
# What HFS+ leaves out of a name, and what NTFS takes for ".git": the rules of Git's own fsck.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS = re.compile(r"(?:^|.*\\)(?:\.git|git~1)[ .]*(?:[\\:].*)?", re.DOTALL)
_SUSPICIOUS = re.compile(rb"[gG][iI]|\xe2\x80|\xe2\x81|\xef\xbb\xbf| \.\.?\0")

Items = Mapping[str, tuple[str, str]]


class Trees:
    """The trees of a repository. Everything raises Refusal ``tree.malformed``, ``tree.duplicate``, ``tree.missing``."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._parsed: OrderedDict[str, Items] = OrderedDict()
        self._size = 0
        self._seen = 0

    def items(self, tree: str) -> Items:
        """Return name → (mode, id) of one folder. Modes are those of ``git ls-tree``: a folder is 040000."""
        return self._items(tree, "")

    def _items(self, tree: str, path: str) -> Items:
        known = self._parsed.get(tree)
        if known is not None:
            self._parsed.move_to_end(tree)
            return known
        found = self._objects.get(tree)
        if found is None or found[0] != "tree":
            raise _refused(TREE_MISSING, path, tree=tree)
        parsed = parse_tree(found[1], path)
        self._parsed[tree] = parsed
        self._size += len(parsed) + 1
        while self._size > _KEPT and len(self._parsed) > 1:
            self._size -= len(self._parsed.popitem(last=False)[1]) + 1
        return parsed

    def find(self, tree: str, path: str) -> Entry | None:
        """Return what lies at ``path`` (file or folder), or None."""
        *folders, name = path.split("/")
        at = ""
        for folder in folders:
            mode, id = self._items(tree, at).get(folder, ("", ""))
            if mode != FOLDER:
                return None
            at, tree = f"{at}{folder}/", id
        mode, id = self._items(tree, at).get(name, ("", ""))
        return Entry(path, mode, id) if mode else None

    def folder(self, tree: str, path: str) -> str | None:
        """Return the id of the folder at ``path`` ("": the tree itself), or None."""
        path = path.rstrip("/")
        found = self.find(tree, path) if path else Entry("", FOLDER, tree)
        return found.blob if found is not None and found.mode == FOLDER else None

    def files(self, tree: str, folder: str = "") -> dict[str, Entry]:
        """Return path → entry of everything below ``folder`` that isn't a folder: files, links, submodules."""
        self._seen = 0
        id = self.folder(tree, folder)
        prefix = folder.rstrip("/") + "/" if folder.rstrip("/") else ""
        return {entry.path: entry for entry in self._below(id, prefix)} if id else {}

    def _below(self, tree: str, prefix: str) -> Iterator[Entry]:
        for name, (mode, id) in self._look(tree, prefix).items():
            if mode == FOLDER:
                yield from self._below(id, f"{prefix}{name}/")
            else:
                yield Entry(prefix + name, mode, id)

    def diff(self, old: str | None, new: str) -> dict[str, tuple[Entry | None, Entry | None]]:
        """Return path → (entry before, entry after) of what differs; ``old`` None: everything in ``new`` is added."""
        self._seen = 0
        changed: dict[str, tuple[Entry | None, Entry | None]] = {}
        self._compare(old, new, "", changed)
        return changed

    def _compare(
        self, old: str | None, new: str | None, prefix: str, changed: dict[str, tuple[Entry | None, Entry | None]]
    ) -> None:
        if old == new:
            return
        before = self._look(old, prefix) if old else {}
        after = self._look(new, prefix) if new else {}
        for name in dict(sorted(before.items() ^ after.items())):
            (mode_a, id_a), (mode_b, id_b) = before.get(name, ("", "")), after.get(name, ("", ""))
            path = prefix + name
            was = Entry(path, mode_a, id_a) if mode_a not in {"", FOLDER} else None
            now = Entry(path, mode_b, id_b) if mode_b not in {"", FOLDER} else None
            if was or now:
                changed[path] = (was, now)
            if FOLDER in {mode_a, mode_b}:
                below = (id_a if mode_a == FOLDER else None), (id_b if mode_b == FOLDER else None)
                self._compare(*below, f"{path}/", changed)

    def _look(self, tree: str, prefix: str) -> Items:
        """Return a folder's items on a walk that has its limits."""
        items = self._items(tree, prefix)
        self._seen += len(items) + 1
        deep = prefix.count("/")
        if deep > DEEPEST:
            raise _refused(LIMIT_TREE, prefix, what=f"{deep}", limit=DEEPEST)
        if self._seen > MOST:
            raise _refused(LIMIT_TREE, prefix, what=f"{self._seen}", limit=MOST)
        return items


def parse_tree(raw: bytes, path: str = "") -> Items:
    """Return name → (mode, id) of a tree object; ``path`` is where it lies ("" or with "/" at its end)."""
    found = _ENTRY.findall(raw)
    names = [name for _, name, _ in found]
    if sum(map(len, names)) + sum(len(mode) for mode, _, _ in found) + 22 * len(found) != len(raw):
        raise _refused(TREE_MALFORMED, path, what="entry")
    items = {os.fsdecode(name): (_MODE[mode], id.hex()) for mode, name, id in found}
    if len(items) < len(found):
        twice = max(names, key=Counter(names).__getitem__)
        raise _refused(TREE_DUPLICATE, path + os.fsdecode(twice), name=os.fsdecode(twice))
    order = [name + b"/" if mode == b"40000" else name for mode, name, _ in found]
    if order != sorted(order):
        raise _refused(TREE_MALFORMED, path, what="order")
    if _SUSPICIOUS.search(raw):
        for name in items:
            if name in {".", ".."} or is_dot_git(name):
                raise _refused(TREE_MALFORMED, path + name, what=name)
    return items


def is_dot_git(name: str) -> bool:
    """Tell whether some file system takes this name for ``.git``."""
    lower = name.lower()
    return _IGNORED.sub("", lower) == ".git" or _NTFS.fullmatch(lower) is not None


def _refused(code: Code, path: str, **params: str | int) -> Refusal:
    return Refusal(replace(code.at(path), params={"commit": "", "person": "", **params}))
