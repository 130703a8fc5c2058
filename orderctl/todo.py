"""What waits for a person: a book and a person in; the decisions, ratifications and corrections due from them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orderctl.approvals import StageState, may_decide, stand, stands_in_for
from orderctl.hookspecs import Book
from orderctl.model import Document
from orderctl.waivers import statements_about
from orderctl.workdays import moment

OVER = frozenset(("draft", "rejected", "cancelled"))
"""Of an order with one of these statuses nobody decides anything."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits. ``action`` is decide, ratify, submit or revise; the stage is "" for the last two.

    ``why`` is role (they hold it), deputy (of ``for_``), late (the stage passed on to their role) or author.
    Instants are RFC 3339 texts, "" where there is none. ``said`` is what a rejection says.
    """

    action: str
    subject: str
    kind: str
    path: str
    stage: str
    zh: str
    en: str
    role: str
    why: str
    for_: str
    since: str
    due: str
    late: bool
    said: str = ""
    revision: int = 0
    """The revision that the author brings next; 0 where nothing has to be revised."""


def todos(person: str, book: Book, before: Book | None = None, digest: str = "") -> list[Todo]:
    """Return what waits for a person now, what is due first first; what has no deadline last.

    ``before`` is the book by the policy in force, while the book's own policy has yet to be approved under it;
    ``digest`` the SHA-256 of that policy's bytes, which statements about it name.
    """
    found = [*_orders(person, book), *_others(person, book)]
    policy = before.doc("policy", "policy") if before is not None else None
    if before is not None and policy is not None:
        states = stand(policy, statements_about(policy, before), None, before, digest=digest)
        found += _decisions(person, policy, states, before)
    return sorted(found, key=lambda t: (not t.due, moment(t.due).timestamp() if t.due else 0, t.subject, t.stage))


def _orders(person: str, book: Book) -> Iterator[Todo]:
    """The facts tell which orders to look at, so that ten thousand others cost nothing."""
    for row in book.all("status"):
        stages = [s for s in row["stages"] if s["state"] == "open" and person in s["who"]]
        mine = row["status"] in ("draft", "rejected") and person in _makers(row)
        if not (stages and row["status"] not in OVER) and not mine:
            continue
        order = book.doc("order", str(row["id"]))
        if order is None:
            continue
        submission = next(iter(book.case(order, "submission")), None)
        states = stand(order, book.case(order, "approval"), submission, book)
        if not mine:
            yield from _decisions(person, order, states, book)
        elif row["status"] == "draft":
            yield _own(order, "submit")
        else:
            said = "; ".join(d["opinion"] for s in states if s.state == "rejected" for d in s.decisions)
            yield _own(order, "revise", said, int(order["revision"]) + 1)


def _others(person: str, book: Book) -> Iterator[Todo]:
    """What other kinds of document wait for: all that policy has a flow for. A policy waits under the one before it."""
    policy = book.doc("flows", "flows")
    kinds = {flow["subject"] for flow in (policy["flows"] if policy else ())} - {"order", "policy"}
    for kind in sorted(kinds):
        for subject in _subjects(kind, book):
            said = book.case(subject, "approval") if subject.case else statements_about(subject, book)
            states = stand(subject, said, None, book)
            if kind == "waiver" and book.passed(subject["until"]):
                continue
            if not any(s.state == "rejected" for s in states):
                yield from _decisions(person, subject, states, book)
            elif person == subject.get("requested_by"):
                said_ = "; ".join(d["opinion"] for s in states if s.state == "rejected" for d in s.decisions)
                yield _own(subject, "revise", said_)


def _subjects(kind: str, book: Book) -> Iterable[Document]:
    documents = (book.doc(kind, str(row["id"])) for row in book.all(kind))
    return [document for document in documents if document is not None]


def _decisions(person: str, subject: Document, states: Iterable[StageState], book: Book) -> Iterator[Todo]:
    for state in states:
        if state.state != "open" or person not in state.who:
            continue
        role, for_ = may_decide(person, state, subject, "", book), ""
        why = "role" if role in state.roles else "late"
        if not role:
            for_ = next(iter(stands_in_for(person, state, subject, book)), "")
            role, why = may_decide(person, state, subject, "", book, for_=for_), "deputy"
        yield Todo(
            "ratify" if state.ratify else "decide",
            subject.case or subject.id,
            subject.kind,
            subject.path,
            state.id,
            state.zh,
            state.en,
            role,
            why,
            for_,
            state.since,
            state.due,
            state.late,
        )


def _own(subject: Document, action: str, said: str = "", revision: int = 0) -> Todo:
    return Todo(
        action,
        subject.case or subject.id,
        subject.kind,
        subject.path,
        "",
        "",
        "",
        "",
        "author",
        "",
        "",
        "",
        False,
        said,
        revision,
    )


def _makers(row: Mapping[str, Any]) -> set[str]:
    return {str(row["salesperson"]), str(row["handler"])}
