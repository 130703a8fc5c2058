"""What a person calls something in, the paths where its history lies out; without a book and without reading files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orderctl.git import Git
from orderctl.schema import Kind

_MONTH = re.compile(r"([12]\d{3})(0[1-9]|1[0-2])")
_CASES = ("orders", "archive")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the history of one thing lies: its paths below the workspace, of a case both folders it may lie in."""

    id: str
    paths: tuple[str, ...]
    case: bool

    def relative(self, path: str) -> str:
        """Return a path of this place without the case folder, so that it stays the same in the archive."""
        for folder in self.paths:
            if self.case and path.startswith(folder + "/"):
                return path[len(folder) + 1 :]
        return path


def find(git: Git, tip: str, prefix: str, kinds: Mapping[str, Kind], id: str) -> Place | None:
    """Return the place of a case, a document's id or a path; None if nothing near at hand has that name."""
    text = id.strip().strip("/").removeprefix("./")
    if "/" in text:
        return _path(text) if not {"", ".", ".."} & set(text.split("/")) else None
    near = (_cases(git, tip, prefix, text), _masters(git, tip, prefix, kinds, text))
    return next((place for places in near for place in places), None)


def _path(path: str) -> Place:
    parts = path.split("/")
    if parts[0] not in _CASES or len(parts) < 4:
        return Place(path, (path,), False)
    rest = "/".join(parts[1:])
    both = tuple(f"{top}/{rest}" for top in (parts[0], *(c for c in _CASES if c != parts[0])))
    return Place(parts[3], both, True) if len(parts) == 4 else Place(path, both, False)


def _cases(git: Git, tip: str, prefix: str, id: str) -> Iterator[Place]:
    """Yield the case of that number: its number says the month in which it lies, wherever in the number that is."""
    for year, month in _MONTH.findall(id):
        for top in _CASES:
            for name in _names(git, tip, f"{prefix}{top}/{year}/{month}"):
                if name.casefold() == id.casefold():
                    yield _path(f"{top}/{year}/{month}/{name}")


def removed(id: str) -> Iterator[Place]:
    """Yield where a case of that number lay: one that was removed still has a history."""
    for year, month in _MONTH.findall(id):
        yield _path(f"orders/{year}/{month}/{id}")


def _masters(git: Git, tip: str, prefix: str, kinds: Mapping[str, Kind], id: str) -> Iterator[Place]:
    """Yield the documents whose file is called so: C-0042, or the kind itself where there is one only (people)."""
    for kind in kinds.values():
        folder = kind.path.rpartition("/")[0]
        if kind.is_case or "{" in folder:
            continue
        if "{" not in kind.path:
            if kind.name.casefold() == id.casefold():
                yield Place(kind.path, (kind.path,), False)
            continue
        for name in _names(git, tip, f"{prefix}{folder}".rstrip("/")):
            path = f"{folder}/{name}".lstrip("/")
            if name.removesuffix(".yaml").casefold() == id.casefold() and kind.match(path) is not None:
                yield Place(path, (path,), False)


def _names(git: Git, tip: str, folder: str) -> list[str]:
    done = git.try_run("ls-tree", "-z", "--name-only", f"{tip}:{folder}")
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name] if done.returncode == 0 else []
