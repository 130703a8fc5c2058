"""What judging one step needs to know: the states before and after, the policy in force, the trusted time, reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from orderctl.model import Finding
from orderctl.trust.commit import Commit
from orderctl.trust.graph import Graph
from orderctl.trust.merge import Sides
from orderctl.trust.policy import Policy
from orderctl.trust.state import State, World

STATEMENT = "orderctl-approval@v1"
"""The namespace of detached signatures of statements."""
AHEAD = 600
"""Seconds that somebody's clock may be ahead."""
_DEPTHS = {"orders": 5, "archive": 5, "policy": 2, "waivers": 2}
Reviewed = Callable[[str, str], bool]
"""(SHA-256 of a statement's bytes, person) → did a forge review prove it?"""


@dataclass(frozen=True, slots=True)
class Context:
    """One first-parent step of a protected branch. ``observed`` is the trusted time, seconds since 1970."""

    world: World
    graph: Graph
    policy: Policy
    before: State
    after: State
    after_id: str
    observed: int
    reviewed: Reviewed


@dataclass(frozen=True, slots=True)
class Signed:
    """A commit of the step, who signed it ("" if that isn't proved) and what it changed.

    ``changed``: path → entry before and after; of a merge only what neither side explains.
    """

    commit: Commit
    person: str
    changed: Mapping[str, Sides]
    problem: Finding | None = None
    """Why nobody is known to have signed it."""


def is_statement(path: str) -> bool:
    """Tell whether a path holds a statement, a receipt, or the signature of one: what is only ever added.

    They lie in a case's own folder for them, or the policy's or the waivers'; a case may itself be called "approvals".
    """
    folder, _, name = path.rpartition("/")
    place = path.count("/") == _DEPTHS.get(path.partition("/")[0])
    return place and folder.rpartition("/")[2] in ("approvals", "receipts") and name.endswith((".yaml", ".yaml.sig"))
