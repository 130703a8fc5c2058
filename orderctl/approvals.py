"""Where a document stands in its approval flow: statements in, the state of every stage out. Here is what counts.

Pure: the gate, facts, rules and commands all ask this. Whether a statement is proved, and whether its person held the
role, is judged once, when it lands; a person who changes roles later takes nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orderctl.digest import digest_without
from orderctl.flows import before, choose, choose_from, currency_of, total_at_home, total_of
from orderctl.hookspecs import Book
from orderctl.model import Document
from orderctl.opinions import asks_for_change, is_bare
from orderctl.seats import (
    Reached,
    StageState,
    authors,
    may_decide,
    reached_at,
    revision_of,
    stands_in_for,
    who_may_decide,
)
from orderctl.subject import is_about, is_whole, judged_earlier, subject_of, submitted
from orderctl.workdays import add_working_hours, moment

__all__ = [
    "StageState",
    "asks_for_change",
    "authors",
    "choose",
    "choose_from",
    "complete",
    "currency_of",
    "deadline",
    "is_about",
    "is_bare",
    "judged_earlier",
    "may_decide",
    "revision_of",
    "stand",
    "stand_in",
    "stands_in_for",
    "subject_of",
    "submitted",
    "total_at_home",
    "total_of",
]


def stand(
    subject: Document,
    statements: Iterable[Document],
    submission: Document | None,
    book: Book,
    *,
    digest: str = "",
    at: str = "",
) -> tuple[StageState, ...]:
    """Return the stages of the document's flow, in the flow's order; nothing if no flow fits.

    Of the statements about this very revision and content, a person's newest at a stage counts, unless it was
    withdrawn, expired before all was approved, was given before the stage opened, under a policy that the flow no
    longer accepts, or by an author. A person counts once in a flow, and so does whom they stand in for. One rejection
    rejects, whether or not its stage is open, and whoever made it: only its own person takes it back. ``digest`` is
    what statements must name where it isn't that of the document's own fields.
    ``at`` asks how it stood at an instant; without it, now.
    """
    flow = choose(subject, book)
    return () if flow is None else stand_in(flow, subject, statements, submission, book, digest=digest, at=at)


def stand_in(
    flow: Mapping[str, Any],
    subject: Document,
    statements: Iterable[Document],
    submission: Document | None,
    book: Book,
    *,
    digest: str = "",
    at: str = "",
) -> tuple[StageState, ...]:
    """Return the stages of ``flow``, whether or not it is the document's own: what ``stand`` does with a chosen one."""
    excluded = authors(subject, submission)
    reached = reached_at(at, book)
    said = list(_counting(flow, subject, statements, book, digest))
    said = _effective([s for s in said if not at or reached(s["issued"])])
    said = [s for s in said if s["decision"] == "reject" or not excluded & _seats(s)]
    stages = _standing(flow, subject, submission, said, excluded, reached, book)
    lapsed = [s for s in said if s["decision"] == "approve" and s.get("expires") and reached(s["expires"])]
    if not lapsed or _in_time(stages):
        return stages
    left = [s for s in said if s not in lapsed]
    return _standing(flow, subject, submission, left, excluded, reached, book)


def _in_time(stages: Sequence[StageState]) -> bool:
    """Tell whether everything was approved before any of these approvals expired. Then it stays approved: an expiry
    says until when an approval may be used, and it has been."""
    decisions = [d for stage in stages if not stage.ratify for d in stage.decisions[: stage.needs]]
    if not complete(stages):
        return False
    last = max(moment(d["issued"]) for d in decisions)
    return all(not d.get("expires") or moment(d["expires"]) > last for d in decisions)


def _standing(
    flow: Mapping[str, Any],
    subject: Document,
    submission: Document | None,
    said: list[Document],
    excluded: frozenset[str],
    reached: Reached,
    book: Book,
) -> tuple[StageState, ...]:
    """Return the stages with these decisions, each person's newest at a stage."""
    begin = submitted(subject, submission)
    stages = {stage["id"]: stage for stage in flow.get("stages", ())}
    found: dict[str, StageState] = {}
    used: set[str] = set()
    for id, needs in before(flow).items():
        since = _opened(begin, [found[n] for n in needs])
        given = [] if begin is None else [s for s in said if s["stage"] == id and _after(begin, s)]
        state = _judge(stages[id], flow, since, given, used)
        used |= {seat for s in _approvals(state)[: state.needs] for seat in _seats(s)}
        found[id] = state
    ended = any(s.state == "rejected" for s in found.values())
    states = (found.get(id) or _state(stage, flow) for id, stage in stages.items())
    return tuple(_timed(s, stages[s.id], subject, excluded | used, ended, reached, book) for s in states)


def complete(stages: Sequence[StageState]) -> bool:
    """Tell whether every stage that doesn't merely ratify has approved, and none has rejected."""
    needed = [stage for stage in stages if not stage.ratify]
    return (
        bool(needed)
        and all(stage.state == "approved" for stage in needed)
        and not any(stage.state == "rejected" for stage in stages)
    )


def _counting(
    flow: Mapping[str, Any], subject: Document, statements: Iterable[Document], book: Book, digest: str
) -> Iterator[Document]:
    """Yield the statements about this document, revision and content; a withdrawal needs no content."""
    known: dict[tuple[str, ...], str] = {}
    for statement in statements:
        if not is_whole(statement) or not is_about(statement, subject, book):
            continue
        if statement["decision"] == "withdraw":
            yield statement
            continue
        if statement.get("/policy/version", 0) < flow.get("since", 0):
            continue
        if digest:
            wanted = digest
        elif "immaterial" in statement:
            left_out = tuple(statement["immaterial"])
            wanted = known.get(left_out) or known.setdefault(left_out, digest_without(subject.data, left_out))
        else:
            wanted = statement.get("digest")
        if statement.get("digest") == wanted:
            yield statement


def _effective(statements: list[Document]) -> list[Document]:
    """Return each person's newest decision at each stage by time, without what was withdrawn.

    A withdrawal takes back all that its person had said at the stage by then; of two at one instant the refusal counts.
    """
    newest: dict[tuple[str, str], Document] = {}
    weight = {"approve": 0, "reject": 1, "withdraw": 2}
    for statement in sorted(statements, key=lambda s: (moment(s["issued"]), weight[s["decision"]], s.path)):
        newest[statement["person"], statement["stage"]] = statement
    return sorted(
        (s for s in newest.values() if s["decision"] != "withdraw"),
        key=lambda s: (moment(s["issued"]), s.path),
    )


def _judge(
    stage: Mapping[str, Any], flow: Mapping[str, Any], since: str | None, said: list[Document], used: set[str]
) -> StageState:
    """Return a stage's state from what was said at it: a rejection at any time, an approval since it opened; None: it
    hasn't."""
    state = _state(stage, flow)
    if rejected := tuple(s for s in said if s["decision"] == "reject"):
        return replace(state, state="rejected", decisions=rejected, since=since or "")
    if since is None:
        return state
    taken, counted = set(used), []
    for statement in said:
        if _after(since, statement) and not taken & _seats(statement):
            taken |= _seats(statement)
            counted.append(statement)
    reached = "approved" if len(counted) >= state.needs else "open"
    return replace(state, state=reached, decisions=tuple(counted), since=since)


def _after(since: str, statement: Document) -> bool:
    """Tell whether a statement was made at an instant or later; "" is before everything."""
    return not since or moment(statement["issued"]) >= moment(since)


def _opened(begin: str | None, needed: list[StageState]) -> str | None:
    """Return when a stage opened: once all that it waits for had approved; None if they haven't."""
    if begin is None or any(stage.state != "approved" for stage in needed):
        return None
    instants = [begin, *(stage.decisions[stage.needs - 1]["issued"] for stage in needed)]
    return max((i for i in instants if i), key=moment, default="")


def _timed(
    state: StageState,
    stage: Mapping[str, Any],
    subject: Document,
    without: set[str] | frozenset[str],
    ended: bool,
    reached: Reached,
    book: Book,
) -> StageState:
    """Return a stage with when it is due and, if it is open, whether it is late and who may decide."""
    if state.state == "waiting":
        return state
    due = deadline(stage, state.since, book)
    if state.state != "open":
        return replace(state, due=due)
    if ended:
        return replace(state, state="waiting")
    state = replace(state, due=due, late=bool(due) and reached(due))
    seated = {seat for decision in state.decisions for seat in _seats(decision)}
    return replace(state, who=who_may_decide(state, subject, frozenset(without | seated), reached, book))


def deadline(stage: Mapping[str, Any], since: str, book: Book) -> str:
    """Return when the working hours of a stage of policy are over that opened at ``since``, "" if nothing says."""
    if not since or not stage.get("hours"):
        return ""
    try:
        return add_working_hours(book, since, stage["hours"])
    except (ValueError, OverflowError):  # beyond all calendars: there is no such deadline
        return ""


def _state(stage: Mapping[str, Any], flow: Mapping[str, Any]) -> StageState:
    """Return a stage as policy has it, before anything was said."""
    roles = tuple(stage.get("roles", ())) or (stage.get("role", ""),)
    needs = stage.get("needs", 1)
    return StageState(
        id=stage["id"],
        role=stage.get("role") or roles[0],
        roles=roles,
        zh=stage.get("zh", stage["id"]),
        en=stage.get("en", stage["id"]),
        needs=max(1, needs) if isinstance(needs, int) else 1,
        ratify=bool(stage.get("ratify")),
        evidence=tuple(stage.get("evidence", ("signature", "commit"))),
        looks_at=tuple(stage.get("looks_at", ())),
        state="waiting",
        decisions=(),
        since="",
        due="",
        late=False,
        who=(),
        flow=flow.get("id", ""),
        escalate=stage.get("escalate", ""),
    )


def _approvals(state: StageState) -> tuple[Document, ...]:
    return () if state.state == "rejected" else state.decisions


def _seats(statement: Document) -> set[str]:
    """Return whom a statement takes up: its person, and whom they stand in for."""
    return {statement["person"], *([statement["for"]] if statement.get("for") else ())}
