"""Merges, recomputed: does a merge commit hold exactly what its two sides say?

A path that one side touched is that side's; a document that both touched is merged field by field and list item by
item; all else is a conflict. Nothing of Git's own merging is run: attributes and drivers of a change decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orderctl.model import Document
from orderctl.tree import Entry
from orderctl.trust.commit import Commit
from orderctl.trust.graph import Graph
from orderctl.trust.state import State, World

Sides = tuple[Entry | None, Entry | None]
_KEYS = ("line", "id", "number", "n", "sku", "path", "name", "date")
"""What tells the items of a list apart, the first that all of them have."""


class Conflict(Exception):
    """Both sides changed the same value, and differently."""


def deviations(world: World, graph: Graph, commit: Commit) -> tuple[dict[str, Sides], set[str]]:
    """Return where a merge differs from its recomputation: path → (first parent's entry, merge's entry), and which of
    these paths both sides had changed (conflicts that somebody resolved by hand). Nothing: the merge is clean."""
    ours, theirs = (graph.commit(parent) for parent in commit.parents)
    trees = world.trees
    bases = graph.merge_bases(ours.id, theirs.id)
    brought = trees.diff(ours.tree, commit.tree)
    if len(bases) != 1:  # criss-cross: there is no one answer, so what it brings is the merger's own
        return brought, set(brought)
    base = graph.commit(bases[0])
    left, right = trees.diff(base.tree, ours.tree), trees.diff(base.tree, theirs.tree)
    off: dict[str, Sides] = {}
    conflicts: set[str] = set()
    for path in sorted(brought.keys() | right.keys()):
        here = brought[path][1] if path in brought else trees.find(ours.tree, path)
        if path not in right:
            off[path] = brought[path]
        elif path not in left or left[path][1] == right[path][1]:
            if here != right[path][1]:
                off[path] = (trees.find(ours.tree, path), here)
        elif not _merged(world, left[path][0], left[path][1], right[path][1], here):
            off[path] = (left[path][1], here)
            conflicts.add(path)
    return off, conflicts


def retold(world: World, graph: Graph, commit: Commit) -> dict[str, Sides]:
    """Return the documents that a merge says in lines that neither side has: what Git never does by itself, so that
    somebody has to answer for comments and layout."""
    ours, theirs = (graph.commit(parent).tree for parent in commit.parents)
    found: dict[str, Sides] = {}
    for path, (old, new) in world.trees.diff(ours, commit.tree).items():
        sides = (old, world.trees.find(theirs, path))
        if new is None or new in sides:
            continue
        texts = [(world.trees.objects.blob(entry.blob) or b"").split(b"\n") for entry in sides if entry]
        known = {line for text in texts for line in text}
        if not known.issuperset((world.trees.objects.blob(new.blob) or b"").split(b"\n")):
            found[path] = (old, new)
    return found


def _merged(world: World, base: Entry | None, ours: Entry | None, theirs: Entry | None, result: Entry | None) -> bool:
    """Tell whether ``result`` says what merging the two documents gives."""
    if base is None or ours is None or theirs is None or result is None:
        return False
    state = State(world, "", 0)
    values = [_value(state.parse(entry).document) for entry in (base, ours, theirs, result)]
    if any(value is None for value in values):
        return False
    try:
        return bool(merge3(values[0], values[1], values[2]) == values[3])
    except Conflict:
        return False


def _value(document: Document | None) -> Any:
    return None if document is None else document.data


_GONE = object()


def merge3(base: Any, ours: Any, theirs: Any) -> Any:
    """Return the values that take both sides' changes of ``base``; raise Conflict where they disagree.

    Mappings merge by key, lists of mappings by what numbers or names their items.
    """
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if all(isinstance(value, Mapping) for value in (base, ours, theirs)):
        keys = dict.fromkeys([*ours, *theirs])
        merged = {k: merge3(base.get(k, _GONE), ours.get(k, _GONE), theirs.get(k, _GONE)) for k in keys}
        return {k: v for k, v in merged.items() if v is not _GONE}
    if all(isinstance(value, list | tuple) for value in (base, ours, theirs)):
        return _merge_lists(base, ours, theirs)
    raise Conflict


def _merge_lists(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> tuple[Any, ...]:
    name = _name((*base, *ours, *theirs))
    sides = [{item[name]: item for item in side} for side in (base, ours, theirs)]
    if any(len(by_name) != len(side) for by_name, side in zip(sides, (base, ours, theirs), strict=True)):
        raise Conflict
    merged = {
        key: merge3(sides[0].get(key, _GONE), sides[1].get(key, _GONE), sides[2].get(key, _GONE))
        for key in dict.fromkeys([*sides[1], *sides[2]])
    }
    added = [key for key in merged if key not in sides[0]]
    if any(key in sides[1] for key in added) and any(key in sides[2] for key in added):
        raise Conflict  # both added items: in which order is theirs to say
    return tuple(value for value in merged.values() if value is not _GONE)


def _name(items: Sequence[Any]) -> str:
    for name in _KEYS:
        if all(isinstance(item, Mapping) and isinstance(item.get(name), str | int) for item in items):
            return name
    raise Conflict
