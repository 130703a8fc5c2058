"""What the newest policy knows of keys that older ones didn't: put into those, and what loses its proof by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orderctl.model import freeze
from orderctl.trust.context import is_statement
from orderctl.trust.keys import Key, Ring
from orderctl.trust.people import instant

if TYPE_CHECKING:
    from orderctl.model import Document, Finding
    from orderctl.trust.graph import Graph
    from orderctl.trust.policy import Policy
    from orderctl.trust.state import World

VOID = frozenset({"key.compromised", "key.revoked"})
"""What is said of a signature that a later policy makes worthless."""
Lost = tuple[int | None, int | None]
"""Since when a key is compromised, and since when it is revoked; None: it isn't."""


@dataclass(frozen=True, slots=True)
class Void:
    """A statement that has lost its proof, in the step (commit) that brought it."""

    path: str
    commit: str
    subject: str
    number: str
    revision: int
    stage: str
    person: str


def knowledge(policy: Policy) -> dict[str, Lost]:
    """Return fingerprint → since when it is worthless, for the keys that this policy says so of: those of somebody who
    was taken off the list too."""
    lost: dict[str, Lost] = {print: (None, since) for print, since in policy.revoked.items()}
    for person in policy.people.values():
        lost |= {key.fingerprint: (key.compromised_since, key.revoked_since) for key in person.keys}
    for entry in _pgp(policy):
        print = entry["fingerprint"]
        lost[print] = (instant(entry.get("compromised_since")), policy.revoked.get(print))
    return {print: since for print, since in sorted(lost.items()) if since != (None, None)}


def informed(policy: Policy, known: Mapping[str, Lost]) -> Policy:
    """Return the policy with what was learnt of its keys later; the earlier time counts."""
    keys = [key for person in policy.people.values() for key in person.keys]
    if any(key.fingerprint in known for key in keys):
        policy = replace(policy, ring=Ring(_told(key, *known.get(key.fingerprint, (None, None))) for key in keys))
    if any(entry["fingerprint"] in known for entry in _pgp(policy)):
        people = [
            {**person, "pgp": [_told_pgp(entry, known) for entry in person.get("pgp", ())]}
            for person in policy.people_data["people"]
        ]
        policy = replace(policy, people_data=freeze({**policy.people_data, "people": people}))
    ended = {print: _earlier(policy.revoked.get(print), since) for print, (_, since) in known.items()}
    return replace(policy, revoked={**policy.revoked, **{p: since for p, since in ended.items() if since is not None}})


def _told(key: Key, compromised: int | None, revoked: int | None) -> Key:
    return replace(
        key,
        compromised_since=_earlier(key.compromised_since, compromised),
        revoked_since=_earlier(key.revoked_since, revoked),
    )


def _pgp(policy: Policy) -> Iterator[Mapping[str, Any]]:
    for person in policy.people_data["people"]:
        yield from person.get("pgp", ())


def _told_pgp(entry: Mapping[str, Any], known: Mapping[str, Lost]) -> Mapping[str, Any]:
    since, _ = known.get(entry["fingerprint"], (None, None))
    since = _earlier(instant(entry.get("compromised_since")), since)
    return entry if since is None else {**entry, "compromised_since": datetime.fromtimestamp(since, UTC).isoformat()}


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((t for t in (one, other) if t is not None), default=None)


def voided(world: World, graph: Graph, findings: Iterable[Finding]) -> Iterator[Void]:
    """Yield the statements whose proof these findings take away: their own signature's, or that of the commit that
    brought them."""
    from orderctl.trust.state import State

    found = [finding for finding in findings if finding.rule in VOID]
    named = {finding.path.removesuffix(".sig") for finding in found}
    for finding in found:
        id = str(finding.params.get("commit", ""))
        commit = graph.commit(id)
        state = State(world, commit.tree, 0)
        paths = [finding.path.removesuffix(".sig")]
        if not is_statement(finding.path):
            before = graph.commit(commit.parents[0]).tree if commit.parents else None
            changed = world.trees.diff(before, commit.tree)
            brought = [p for p, (_, new) in changed.items() if new and is_statement(p) and p.endswith(".yaml")]
            paths = [p for p in brought if p in named or state.entry(p + ".sig") is None]
        for path in sorted(paths):
            document = state.document(path)
            if document is not None and document.kind == "approval" and document["person"] == finding.params["person"]:
                yield _void(document, id)


def _void(statement: Document, commit: str) -> Void:
    folder = statement.path.rpartition("/")[0].rpartition("/")[0]
    return Void(
        statement.path,
        commit,
        str(statement["subject"]),
        str(statement.get("number", folder.rpartition("/")[2])),
        int(statement["revision"]),
        str(statement["stage"]),
        str(statement["person"]),
    )
