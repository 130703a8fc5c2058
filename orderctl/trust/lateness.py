"""Is a stage late, by what the protected branch knows? Papers say when they were made; that date is their writer's.

A stage passes on to somebody else once it is late. So its hours count from when the branch held everything that opened
it, never from a date before that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.approvals import StageState, deadline
from orderctl.flows import before
from orderctl.model import Document
from orderctl.trust.context import Context
from orderctl.workdays import moment


def as_known(
    context: Context,
    stage: StageState,
    stages: Sequence[StageState],
    flow: Mapping[str, Any],
    submission: Document | None,
) -> StageState:
    """Return a stage that opened, its deadline counted from when the branch knew that: walks the first-parent line."""
    awaited = before(flow)[stage.id]
    papers = [d.path for s in stages if s.id in awaited for d in s.decisions[: s.needs]]
    held = held_since(context, [*papers, *([submission.path] if submission else ())])
    known = datetime.fromtimestamp(held, ZoneInfo(context.policy.zone)).isoformat()
    since = max(stage.since, known, key=moment)
    written = next(s for s in flow["stages"] if s["id"] == stage.id)
    return replace(stage, since=since, due=deadline(written, since, context.before))


def held_since(context: Context, paths: Sequence[str]) -> int:
    """Return when the branch came to hold these files as they are, in seconds since 1970: the committer date of the
    first of its states in a row that holds all of them; what the step itself brings, it knows now."""
    wanted = [context.after.entry(path) for path in paths]
    find, at, id = context.world.trees.find, context.observed, context.after_id
    while parents := context.graph.links(id)[0]:
        id = parents[0]
        commit = context.graph.commit(id)
        if [find(commit.tree, path) for path in paths] != wanted:
            break
        at = commit.committer.at
    return at
