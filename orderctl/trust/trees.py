"""Tree ids in, entries and differences out, read strictly: what one tool would read otherwise is refused.

What two trees share is never read: equal ids end the comparison, whatever lies below.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from orderctl.codes.commit import LIMIT_TREE, TREE_MISSING
from orderctl.objects import Objects
from orderctl.tree import Entry
from orderctl.trust.folder import FOLDER, Folder, Item, items, parse_folder, refused

DEEPEST = 32
"""Folders inside one another; far above what any workspace has."""
MOST = 1_000_000
"""Entries that one question may look at: a folder that holds itself many times over ends here."""
_KEPT = 64 << 20  # bytes of folders that are kept in memory

Changes = dict[str, tuple[Entry | None, Entry | None]]


class Trees:
    """The trees of a repository. Everything raises Refusal: ``tree.…`` or ``limit.tree``."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._folders: OrderedDict[str, Folder] = OrderedDict()
        self._size = 0
        self._seen = 0

    def items(self, tree: str) -> Mapping[str, tuple[str, str]]:
        """Return name → (mode, id) of one folder. Modes are those of ``git ls-tree``: a folder is 040000."""
        return {name: (mode, id) for name, mode, id in self._folder(tree, "").items()}

    def find(self, tree: str, path: str) -> Entry | None:
        """Return what lies at ``path`` (file or folder), or None."""
        at = ""
        *folders, name = path.split("/")
        for folder in folders:
            found = self._folder(tree, at).find(folder)
            if found is None or found[1] != FOLDER:
                return None
            at, tree = f"{at}{folder}/", found[2]
        found = self._folder(tree, at).find(name)
        return Entry(path, found[1], found[2]) if found else None

    def folder(self, tree: str, path: str) -> str | None:
        """Return the id of the folder at ``path`` ("": the tree itself), or None."""
        path = path.rstrip("/")
        found = self.find(tree, path) if path else Entry("", FOLDER, tree)
        return found.blob if found is not None and found.mode == FOLDER else None

    def files(self, tree: str, folder: str = "") -> dict[str, Entry]:
        """Return path → entry of everything below ``folder`` that isn't a folder: files, links, submodules."""
        self._seen = 0
        id = self.folder(tree, folder)
        prefix = f"{folder.rstrip('/')}/".lstrip("/")
        return {entry.path: entry for entry in self._below(id, prefix)} if id else {}

    def diff(self, old: str | None, new: str) -> Changes:
        """Return path → (entry before, entry after) of what differs; ``old`` None: everything in ``new`` is added."""
        self._seen = 0
        changes: Changes = {}
        self._compare(old, new, "", changes)
        return changes

    def _below(self, tree: str, prefix: str) -> Iterator[Entry]:
        found = self._folder(tree, prefix).items()
        self._count(len(found), prefix)
        for name, mode, id in found:
            if mode == FOLDER:
                yield from self._below(id, f"{prefix}{name}/")
            else:
                yield Entry(prefix + name, mode, id)

    def _compare(self, old: str | None, new: str | None, prefix: str, changes: Changes) -> None:
        if old == new:
            return
        before, after = self._differing(old, new, prefix)
        self._count(len(before) + len(after), prefix)
        both = {name: (mode, id, "", "") for name, mode, id in before}
        for name, mode, id in after:
            both[name] = (*both.get(name, ("", ""))[:2], mode, id)
        for name, (was, id, now, new_id) in sorted(both.items()):
            if (was, id) == (now, new_id):
                continue
            path = prefix + name
            entry = Entry(path, was, id) if was not in {"", FOLDER} else None
            after_entry = Entry(path, now, new_id) if now not in {"", FOLDER} else None
            if entry or after_entry:
                changes[path] = (entry, after_entry)
            self._compare(id if was == FOLDER else None, new_id if now == FOLDER else None, f"{path}/", changes)

    def _differing(self, old: str | None, new: str | None, prefix: str) -> tuple[list[Item], list[Item]]:
        """Return the entries before and after, without most of those that are the same in both."""
        if old is None or new is None:
            return (self._folder(old, prefix).items() if old else []), (
                self._folder(new, prefix).items() if new else []
            )
        known, other = (new, old) if new in self._folders and old not in self._folders else (old, new)
        here, raw = self._folder(known, prefix), self._raw(other, prefix)
        span = here.span(raw)
        if other not in self._folders:
            self._keep(other, here.like(raw, span, prefix))
        mine, theirs = here.items(span.first, span.last), items(span.there)
        return (mine, theirs) if known == old else (theirs, mine)

    def _count(self, entries: int, prefix: str) -> None:
        self._seen += entries + 1
        deep = prefix.count("/")
        if deep > DEEPEST:
            raise refused(LIMIT_TREE, prefix, what=f"{deep}", limit=DEEPEST)
        if self._seen > MOST:
            raise refused(LIMIT_TREE, prefix, what=f"{self._seen}", limit=MOST)

    def _folder(self, tree: str, path: str) -> Folder:
        known = self._folders.get(tree)
        if known is None:
            return self._keep(tree, parse_folder(self._raw(tree, path), path))
        self._folders.move_to_end(tree)
        return known

    def _raw(self, tree: str, path: str) -> bytes:
        if tree in self._folders:
            return self._folders[tree].raw
        found = self.objects.get(tree)
        if found is None or found[0] != "tree":
            raise refused(TREE_MISSING, path, tree=tree)
        return found[1]

    def _keep(self, tree: str, folder: Folder) -> Folder:
        self._folders[tree] = folder
        self._size += len(folder.raw) + 200
        while self._size > _KEPT and len(self._folders) > 1:
            self._size -= len(self._folders.popitem(last=False)[1].raw) + 200
        return folder
