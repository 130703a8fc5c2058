"""Who may decide at a stage: holders of its roles, deputies, whoever a late stage is passed on to. Never authors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orderctl.flows import total_at_home
from orderctl.hookspecs import Book
from orderctl.model import Document
from orderctl.particulars import people
from orderctl.workdays import company_day, moment

Reached = Callable[[str], bool]
"""Tells whether the time in question has reached an instant, or the end of a day."""


@dataclass(frozen=True, slots=True)
class StageState:
    """Where one stage of a document's flow stands. Instants are RFC 3339 texts, "" where there is none."""

    id: str
    role: str
    roles: tuple[str, ...]
    zh: str
    en: str
    needs: int
    ratify: bool
    evidence: tuple[str, ...]
    looks_at: tuple[Mapping[str, Any], ...]
    state: str
    """waiting (its turn hasn't come), open, approved or rejected."""
    decisions: tuple[Document, ...]
    """The statements that count, by time: of an open stage the approvals so far."""
    since: str
    """When it opened."""
    due: str
    """When its working hours are over."""
    late: bool
    """Open, and past due."""
    who: tuple[str, ...]
    """Persons who may decide now, if it is open; those who have aren't among them."""
    flow: str = ""
    escalate: str = ""
    """The role that may decide too once the stage is late."""


def may_decide(person: str, stage: StageState, subject: Document, at: str, book: Book, *, for_: str = "") -> str:
    """Return the role by which ``person`` may decide at the instant ``at`` (now, if ""), "" if they may not.

    ``for_`` is whom they stand in for. Deputies need a line in policy/people.yaml that covers the role, the time (from
    included, until not), the flow and the total; whom they stand in for must hold the role at that time. The author of
    a document isn't looked at here: see ``authors``.
    """
    reached = reached_at(at, book)
    staff = people(book)
    if person not in staff or not _there(staff[person], reached):
        return ""
    roles = _asked(stage, reached)
    if not for_:
        return _first(roles, staff[person])
    if for_ not in staff or not _there(staff[for_], reached):
        return ""
    return next((role for role, _ in _stood_in(person, for_, roles, stage, subject, reached, book)), "")


def authors(subject: Document, submission: Document | None) -> frozenset[str]:
    """Return who may not approve: who entered the document, submitted this revision or changed its material content.

    Whoever writes a policy may be one of the persons who approve it: its threshold counts persons, so that a company
    with one policy admin isn't locked out.
    """
    found = {subject.get("entered_by"), subject.get("requested_by")}
    if submission is not None and submission.get("revision") == revision_of(subject):
        found |= {submission.get("submitted_by"), *submission.get("authors", ())}
    return frozenset(person for person in found if isinstance(person, str) and person)


def revision_of(subject: Document) -> int:
    """Return the revision that statements name: a policy's is its version."""
    return int(subject.get("version" if subject.kind == "policy" else "revision", 1))


def who_may_decide(
    stage: StageState, subject: Document, without: frozenset[str], reached: Reached, book: Book
) -> tuple[str, ...]:
    """Return the persons who may decide at a stage at a time, sorted; not ``without``, nor deputies of those."""
    staff, roles = people(book), _asked(stage, reached)
    holders = {id for id, entry in staff.items() if _first(roles, entry) and _there(entry, reached)}
    found = set(holders)
    for id in sorted(holders - without):
        for entry in _deputies(book):
            deputy = str(entry.get("deputy", ""))
            if entry.get("for") == id and deputy in staff and deputy not in found and _there(staff[deputy], reached):
                found |= {d for _, d in _stood_in(deputy, id, roles, stage, subject, reached, book)}
    return tuple(sorted(found - without))


def stands_in_for(person: str, stage: StageState, subject: Document, book: Book) -> tuple[str, ...]:
    """Return for whom a person may decide at a stage now, as a deputy."""
    names = {str(entry.get("for", "")) for entry in _deputies(book) if entry.get("deputy") == person}
    return tuple(sorted(name for name in names if may_decide(person, stage, subject, "", book, for_=name)))


def _stood_in(
    person: str, for_: str, roles: tuple[str, ...], stage: StageState, subject: Document, reached: Reached, book: Book
) -> Iterator[tuple[str, str]]:
    """Yield the role and the deputy for each line by which ``person`` stands in for ``for_`` at this time."""
    principal = people(book).get(for_, {})
    for entry in _deputies(book):
        if entry.get("for") != for_ or entry.get("deputy") != person:
            continue
        fitting = [r for r in roles if r in entry.get("roles", ()) and r in principal.get("roles", ())]
        if not fitting or person == for_ or not _in_scope(entry, stage, subject, book):
            continue
        if _reaches(reached, entry.get("from")) and not _reaches(reached, entry.get("until"), missing=True):
            yield fitting[0], person


def _in_scope(entry: Mapping[str, Any], stage: StageState, subject: Document, book: Book) -> bool:
    """Tell whether a deputy's flows and cap cover the document; a total that isn't known is above every cap."""
    if "flows" in entry and stage.flow not in entry["flows"]:
        return False
    if "cap" not in entry:
        return True
    total = total_at_home(subject, book)
    return total is not None and total <= Decimal(entry["cap"])


def _asked(stage: StageState, reached: Reached) -> tuple[str, ...]:
    """Return the roles that may decide at this time."""
    late = stage.escalate and stage.escalate not in stage.roles and stage.due and reached(stage.due)
    return (*stage.roles, stage.escalate) if late else stage.roles


def _first(roles: tuple[str, ...], entry: Mapping[str, Any]) -> str:
    return next((role for role in roles if role in entry.get("roles", ())), "")


def _there(entry: Mapping[str, Any], reached: Reached) -> bool:
    """Tell whether somebody works here: up to the end of the day they leave on."""
    return "left_on" not in entry or not reached(entry["left_on"])


def _reaches(reached: Reached, instant: object, *, missing: bool = False) -> bool:
    """Tell whether the time has reached an instant of a line; one that isn't stated counts as ``missing``."""
    return reached(instant) if isinstance(instant, str) and instant else missing


def reached_at(at: str, book: Book) -> Reached:
    """Return what tells whether ``at`` (now, if "") has reached another instant, or the end of a company's day."""
    if not at:
        return book.passed
    then = moment(at)

    def reached(instant: str) -> bool:
        if len(instant) == 10:
            return company_day(book, at) > instant
        return then >= moment(instant)

    return reached


def _deputies(book: Book) -> tuple[Mapping[str, Any], ...]:
    document = book.doc("people", "people")
    return tuple(document.get("deputies", ())) if document else ()
