"""One first-parent step of a protected branch: may it land? Trust only; business rules are the book's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from orderctl.classify import unit_of
from orderctl.codes import gate as codes
from orderctl.codes.approval import APPROVAL_IMMUTABLE, APPROVAL_STRAY
from orderctl.model import Finding
from orderctl.trust.amendment import judge_others, judge_policy
from orderctl.trust.case import Missing, judge_case
from orderctl.trust.commit import Commit
from orderctl.trust.commits import judge_commits, undone
from orderctl.trust.context import AHEAD, Context, Reviewed, is_statement
from orderctl.trust.graph import Graph
from orderctl.trust.policy import Policy, is_trusted
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import State, World, text_of


@dataclass(frozen=True, slots=True)
class Step:
    """What is said about a step: nothing refused means that it may land. ``changed``: the paths that it changed."""

    commit: str
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    changed: tuple[str, ...]


def no_reviews(_statement: str, _person: str) -> bool:
    """Tell that no review proves anything."""
    return False


def as_it_was(policy: Policy) -> Policy:
    """Return a policy as it was."""
    return policy


def judge_step(
    world: World,
    graph: Graph,
    before: str,
    after: str,
    observed: int,
    reviewed: Reviewed = no_reviews,
    later: Callable[[Policy], Policy] = as_it_was,
) -> Step:
    """Judge the step from commit ``before`` (landed and trusted) to ``after``, under the policy of ``before``.

    ``observed``: the trusted time of the step, in seconds since 1970. ``later`` adds what became known since, such as
    a key's compromise. Raises PolicyError if there is no usable policy in ``before``. Whatever else is odd is a
    finding: nothing here raises.
    """
    try:
        start, end = graph.commit(before), graph.commit(after)
    except Refusal as refusal:
        return Step(after, (refusal.finding,), (), ())
    first = State(world, start.tree, observed)
    policy = later(first.policy())
    context = Context(world, graph, policy, first, State(world, end.tree, observed), after, observed, reviewed)
    try:
        return _judge(context, start, end)
    except Refusal as refusal:
        return Step(after, (refusal.finding,), (), ())


def _judge(context: Context, start: Commit, end: Commit) -> Step:
    ids = context.graph.range(start.id, end.id)
    signed, findings = judge_commits(context, ids)
    findings += _order_of_time(start, end)
    sides = context.world.trees.diff(start.tree, end.tree)
    changed = sorted(sides)
    findings += undone(context, sides, signed)
    missing: list[Missing] = []
    if any(map(is_trusted, changed)):
        found, lacking = judge_policy(context, changed, signed)
        findings += found
        missing += lacking
    found, lacking = judge_others(context, changed, signed)
    findings += found
    missing += lacking
    findings += _unreadable(context, changed)
    findings += _deleted(context, sides)
    findings += _strays(context, changed)
    for unit in _units(context, changed):
        found, lacking = judge_case(context, unit, changed, signed)
        findings += found
        missing += lacking
    return Step(end.id, _unique(findings), tuple(dict.fromkeys(missing)), tuple(changed))


def _unique(findings: list[Finding]) -> tuple[Finding, ...]:
    seen: dict[str, Finding] = {}
    for finding in findings:
        seen.setdefault(repr((finding.rule, finding.path, finding.pointer, sorted(finding.params.items()))), finding)
    return tuple(seen.values())


def _order_of_time(start: Commit, end: Commit) -> Iterator[Finding]:
    if end.committer.at < start.committer.at - AHEAD:  # whose clock was ahead must not hold up the others
        yield codes.TIME_BACKWARDS.at(
            "", commit=end.id, person="", at=text_of(end.committer.at), before=text_of(start.committer.at)
        )


def _units(context: Context, changed: list[str]) -> list[str]:
    """Return the case folders that the step changed; not those that it moved to the archive as they are."""
    found = {
        unit_of(path, True) for path in changed if path.startswith(("orders/", "archive/")) and path.count("/") >= 4
    }
    return sorted(unit for unit in found if not (unit.startswith("archive/") and _moved(context, unit)))


def _moved(context: Context, unit: str) -> bool:
    """Tell whether a case that came to the archive is what the state before has below orders/, bit by bit, and no more
    lies there."""
    folder, origin = context.world.trees.folder, "orders/" + unit.removeprefix("archive/")
    here, there = folder(context.after.tree, unit), folder(context.after.tree, origin)
    return here is not None and there is None and here == folder(context.before.tree, origin)


def _unreadable(context: Context, changed: list[str]) -> Iterator[Finding]:
    """Yield the documents that trust rests on and that can't be read; the others are the check's to name."""
    for path in changed:
        trusting = is_statement(path) or path.rpartition("/")[2] in ("order.yaml", "submission.yaml")
        parsed = context.after.parsed(path) if trusting and path.endswith(".yaml") else None
        if parsed is not None and parsed.document is None:
            yield codes.DOCUMENT_INVALID.at(path, commit=context.after_id, person="")


def _strays(context: Context, changed: list[str]) -> Iterator[Finding]:
    """Yield the new signatures that don't come with their statement: before it they would stand in its way, after it
    they would seem to prove what was proved otherwise."""
    for path in changed:
        if is_statement(path) and path.endswith(".sig") and not context.before.entry(path):
            statement = path.removesuffix(".sig")
            if context.after.entry(statement) is None:
                yield APPROVAL_STRAY.at(path, commit=context.after_id, person="")
            elif context.before.entry(statement) is not None:
                yield APPROVAL_IMMUTABLE.at(path, commit=context.after_id, person="")


def _deleted(context: Context, sides: Mapping[str, object]) -> Iterator[Finding]:
    """Yield statements and orders that the step makes disappear, other than by archiving the whole case."""
    for path in sorted(sides):
        if context.after.entry(path) is not None or not path.startswith("orders/"):
            continue
        name = path.rpartition("/")[2]
        old = context.before.entry(path)
        moved = context.after.entry("archive/" + path.removeprefix("orders/"))
        kept = old is not None and moved is not None and moved.blob == old.blob
        if not kept and (name in ("order.yaml", "submission.yaml") or is_statement(path)):
            yield codes.DOCUMENT_DELETED.at(path, commit=context.after_id, person="", kind=name)
