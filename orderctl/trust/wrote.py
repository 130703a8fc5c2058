"""Who wrote what a step brings: the persons behind its signed commits."""

from __future__ import annotations

from collections.abc import Sequence

from orderctl.digest import material_digest
from orderctl.trust.context import Context, Signed
from orderctl.trust.state import State


def committers(signed: Sequence[Signed], path: str, context: Context) -> list[str]:
    """Return the persons whose signed commits brought a file exactly as it is in the result."""
    entry = context.after.entry(path)
    return [s.person for s in signed if s.person and wrote(context, s, path) and s.changed[path][1] == entry]


def wrote(context: Context, signed: Signed, path: str) -> bool:
    """Tell whether a commit itself wrote what it has at a path: a merge that takes what one side has wrote nothing."""
    if path not in signed.changed:
        return False
    parents = signed.commit.parents if len(signed.commit.parents) > 1 else ()
    trees = (context.graph.commit(parent).tree for parent in parents)
    return all(context.world.trees.find(tree, path) != signed.changed[path][1] for tree in trees)


def contributors(context: Context, path: str, signed: Sequence[Signed]) -> set[str]:
    """Return the persons whose signed commits changed the material content of an order."""
    schema = context.world.parser.kinds["order"].schema
    found = set()
    for one in signed:
        old, new = one.changed.get(path, (None, None))
        if new is None or not one.person or not wrote(context, one, path):
            continue
        state = State(context.world, one.commit.tree, context.observed)
        before, after = (state.parse(old).data if old else None), state.parse(new).data
        if before is None or after is None or material_digest(schema, before) != material_digest(schema, after):
            found.add(one.person)
    return found
