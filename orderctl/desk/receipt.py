"""Receipts: what a forge's reviews proved when statements landed, kept in the repository so that nobody asks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from orderctl.desk.statements import instant, written
from orderctl.model import SetupError
from orderctl.trust.change import judge_step
from orderctl.trust.graph import Graph
from orderctl.trust.reviews import Review, Reviews, approvers
from orderctl.trust.state import State

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk
    from orderctl.names import Names
    from orderctl.trust.policy import Policy

SERVICE = "service"


def receipts(at: Desk, base: str, head: str, found: Sequence[Reviews]) -> dict[str, bytes]:
    """Return path → content of the receipts for what landed from ``base`` to ``head`` (commit ids).

    A statement gets one if nothing but a review proved it; one that has its receipt gets no other. Raises SetupError
    when ``head`` hasn't landed here or doesn't come after ``base``.
    """
    graph = Graph(at.objects)
    chain = graph.first_parents(base, head)
    if chain is None or not graph.is_ancestor(head, at.head):
        raise SetupError(
            "evidence.not_landed",
            f"{head[:12]} 还没有从 {base[:12]} 合入当前分支。合入之后再写回执",
            f"{head[:12]} hasn't come from {base[:12]} into the branch that is checked out. Receipts are written after",
        )
    made: dict[str, bytes] = {}
    for before, after in pairwise([base, *chain]):
        for path, facts, review in _proved(at, graph, before, after, found):
            receipt = f"{path.replace('/approvals/', '/receipts/').removesuffix('.yaml')}.receipt.yaml"
            if at.state.read(receipt) is None:
                made[receipt] = _receipt(at, path, facts, review)
    return dict(sorted(made.items()))


def check_service(policy: Policy, names: Names, person: str, now: int) -> None:
    """Raise SetupError unless ``person`` is the service that may write receipts."""
    if SERVICE not in policy.roles(person, now):
        raise SetupError(
            "evidence.no_service",
            f"回执只能由服务密钥签署，{names.person(person, 'zh')}没有角色 {names.role(SERVICE, 'zh')}。"
            "请用 --key 指明服务的密钥",
            f"receipts are signed by the service's key, and {names.person(person, 'en')} hasn't the role "
            f"{names.role(SERVICE, 'en')}: name its key with --key",
        )


def _proved(
    at: Desk, graph: Graph, before: str, after: str, found: Sequence[Reviews]
) -> list[tuple[str, Reviews, Review]]:
    """Return the new statements of one step that a review alone proved: path, pull request, review."""
    world = at.state.world
    policy = State(world, graph.commit(before).tree, at.now).policy()
    heads = (after, *graph.commit(after).parents[1:])
    fitting = [f for f in found if f.head in heads and f.base and graph.is_ancestor(f.base, before)]
    if not fitting:
        return []
    facts = fitting[0]
    counted = approvers(facts, facts.head, policy, observed=at.now)
    asked: set[tuple[str, str]] = set()

    def reviewed(statement: str, person: str) -> bool:
        """Answer as the gate did; it asks only when nothing else proves the statement."""
        asked.add((statement, person))
        return person in counted

    step = judge_step(world, graph, before, after, at.now, reviewed)
    result = State(world, graph.commit(after).tree, at.now)
    proved = []
    for path in step.changed:
        document = result.document(path) if "approvals/" in path and path.endswith(".yaml") else None
        person = str(document["person"]) if document is not None and document.kind == "approval" else ""
        digest = sha256(result.read(path) or b"").hexdigest()
        if person in counted and (digest, person) in asked:
            proved.append((path, facts, counted[person]))
    return proved


def _receipt(at: Desk, path: str, facts: Reviews, review: Review) -> bytes:
    statement = at.state.read(path)
    document = at.state.document(path)
    assert statement is not None
    assert document is not None  # statements are never removed
    data: Mapping[str, Any] = {
        "schema": "receipt/1",
        "statement": sha256(statement).hexdigest(),
        "forge": facts.forge,
        "pull": facts.pull,
        "review": review.id,
        "user": review.user,
        "person": document["person"],
        "state": "approved",
        "commit": review.commit,
        "submitted_at": instant(review.submitted_at, at.policy.zone),
        "author": facts.author,
        "recorded_at": instant(at.now, at.policy.zone),
    }
    return written(data, at.catalogue.kinds["receipt"])
