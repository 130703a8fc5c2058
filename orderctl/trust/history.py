"""What changed below some paths, landing by landing: Git's history in, first-parent states and the commits behind out.

One pass of ``git log`` over those paths and one list of all commits, whatever the length of the history.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orderctl.git import Git


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit and what it changes against its first parent: path → (blob before, blob after), "" for none."""

    commit: str
    parents: tuple[str, ...]
    paths: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Landing:
    """A state of the first-parent line that differs from the one before, and the commits that it brought.

    ``behind`` is oldest first, without the state's own commit; merges among them come like any other commit.
    """

    touch: Touch
    behind: tuple[Touch, ...] = field(default=())

    def source(self, path: str) -> Iterator[Touch]:
        """Yield the commits that may have brought ``path`` as it is here: newest first, merges last."""
        own = (t for t in (self.touch, *reversed(self.behind)) if path in t.paths)
        yield from sorted(own, key=lambda t: len(t.parents) > 1)


def landings(git: Git, tip: str, paths: Sequence[str]) -> list[Landing]:
    """Return every landing that touches ``paths`` (folders or files), oldest first."""
    touched = {touch.commit: touch for touch in _touches(git, tip, paths)}
    if not touched:
        return []
    parents = _parents(git, tip)
    owner = owners(parents, tip)
    behind: dict[str, list[Touch]] = {}
    for commit in reversed(parents):  # parents first
        if commit in touched and owner[commit] != commit:
            behind.setdefault(owner[commit], []).append(touched[commit])
    states = (c for c in reversed(parents) if c in touched and owner[c] == c)
    return [Landing(touched[c], tuple(behind.get(c, ()))) for c in states]


def owners(parents: Mapping[str, Sequence[str]], tip: str) -> dict[str, str]:
    """Return commit → the first-parent commit with which it landed on the line that ends in ``tip``."""
    line, at = [], tip
    while at in parents:
        line.append(at)
        at = parents[at][0] if parents[at] else ""
    found: dict[str, str] = {}
    for state in reversed(line):
        found[state] = state
        pending = list(parents[state][1:])
        while pending:
            commit = pending.pop()
            if commit in parents and commit not in found:
                found[commit] = state
                pending.extend(parents[commit])
    return found


def _parents(git: Git, tip: str) -> dict[str, tuple[str, ...]]:
    """Return every commit with its parents, children before parents."""
    lines = git.run("rev-list", "--topo-order", "--parents", tip).decode().splitlines()
    return {ids[0]: tuple(ids[1:]) for ids in (line.split() for line in lines)}


def _touches(git: Git, tip: str, paths: Sequence[str]) -> Iterator[Touch]:
    log = git.run(
        "-c", "log.showRoot=true", "log", "--full-history", "--diff-merges=first-parent", "--raw", "-z", "--no-abbrev",
        "--no-renames", "--no-ext-diff", "--no-textconv", "--format=%x01%H %P", tip, "--", *paths,
    )  # fmt: skip
    heads: list[str] = []
    found: dict[str, tuple[str, str]] = {}
    fields = iter(log.split(b"\0"))
    for raw in fields:
        text = raw.lstrip(b"\n")
        if text.startswith(b":"):  # the next field is a path, whatever it looks like
            _, _, old, new, _ = text.decode().split(" ")
            found[os.fsdecode(next(fields))] = (_known(old), _known(new))
        elif text.startswith(b"\x01"):
            yield from _touch(heads, found)
            heads, found = text[1:].decode().split(), {}
    yield from _touch(heads, found)


def _touch(ids: Sequence[str], paths: Mapping[str, tuple[str, str]]) -> Iterable[Touch]:
    return [Touch(ids[0], tuple(ids[1:]), paths)] if ids and paths else []


def _known(blob: str) -> str:
    return "" if set(blob) == {"0"} else blob
