"""What another policy would have meant for the orders there are: two books in, the differences out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orderctl.approvals import authors, choose_from, currency_of, stand_in, total_of
from orderctl.hookspecs import Book
from orderctl.model import Document, Row, Scalar
from orderctl.seats import who_may_decide


@dataclass(frozen=True, slots=True)
class Asked:
    """One stage of a flow: what it is called, whose approval it takes, how many of them, in how many working hours."""

    id: str
    zh: str
    en: str
    roles: tuple[str, ...]
    needs: int
    hours: int
    """0: no deadline."""
    ratify: bool
    who: tuple[str, ...]
    """Persons who could have decided, by the people of that policy, as of today."""


@dataclass(frozen=True, slots=True)
class Change:
    """An order whose approval would have gone another way. A stage that asks for something else is in both lists."""

    order: str
    date: str
    total: Decimal | None
    currency: str
    flow: str
    flow_then: str
    added: tuple[Asked, ...]
    removed: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """How often a stage is asked, and its working hours in all, now and under the other policy."""

    stage: str
    zh: str
    en: str
    orders: int
    orders_then: int
    hours: int
    hours_then: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """``without`` names the orders that no flow of the other policy fits: nobody could ever approve them."""

    orders: int
    changes: tuple[Change, ...]
    sums: tuple[Sum, ...]
    without: tuple[str, ...]


class Proposed:
    """A book in which some policy documents are others. What isn't replaced is read from the book."""

    def __init__(self, book: Book, documents: Iterable[Document]) -> None:
        self._book = book
        self._documents = {(d.kind, d.id): d for d in documents}

    def doc(self, kind: str, id: str) -> Document | None:
        """See ``hookspecs.Book``."""
        return self._documents.get((kind, id)) or self._book.doc(kind, id)

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        """See ``hookspecs.Book``."""
        return self._book.case(doc, kind)

    def where(self, name: str, /, **equals: Scalar) -> tuple[Row, ...]:
        """See ``hookspecs.Book``."""
        return self._book.where(name, **equals)

    def all(self, name: str) -> tuple[Row, ...]:
        """See ``hookspecs.Book``."""
        return self._book.all(name)

    def fact(self, name: str, id: str) -> Any:
        """See ``hookspecs.Book``."""
        return self._book.fact(name, id)

    def file(self, path: str) -> Mapping[str, Any] | None:
        """See ``hookspecs.Book``."""
        return self._book.file(path)

    def passed(self, instant: str) -> bool:
        """See ``hookspecs.Book``."""
        return self._book.passed(instant)


def simulate(now: Book, then: Book, first: str = "", last: str = "") -> Simulation:
    """Return what the policy of ``then`` would have changed for the orders dated ``first`` to ``last``, both included.

    What was decided isn't looked at: two policies are compared, not two histories.
    """
    changes, without, count = [], [], 0
    asked: dict[str, list[Asked]] = defaultdict(list)
    asked_then: dict[str, list[Asked]] = defaultdict(list)
    for row in now.all("order"):
        order = now.doc("order", str(row["id"]))
        if order is None or (first and order["date"] < first) or (last and order["date"] > last):
            continue
        count += 1
        flow, stages = _asked(order, now)
        flow_then, stages_then = _asked(order, then)
        for found, into in ((stages, asked), (stages_then, asked_then)):
            for stage in found:
                into[stage.id].append(stage)
        if not flow_then:
            without.append(order.id)
        added, removed = _only(stages_then, stages), _only(stages, stages_then)
        if added or removed or flow != flow_then:
            money = (total_of(order), currency_of(order, now))
            changes.append(Change(order.id, order["date"], *money, flow, flow_then, added, removed))
    sums = tuple(_sum(id, asked[id], asked_then[id]) for id in dict.fromkeys([*asked, *asked_then]))
    changes.sort(key=lambda c: (c.date, c.order))
    return Simulation(count, tuple(changes), sums, tuple(sorted(without)))


def _asked(order: Document, book: Book) -> tuple[str, tuple[Asked, ...]]:
    """Return the id of an order's flow and what it asks for."""
    policy = book.doc("flows", "flows")
    flow = choose_from(policy["flows"] if policy else (), order, book)
    if flow is None:
        return "", ()
    submission = next(iter(book.case(order, "submission")), None)
    barred = authors(order, submission)
    hours = {stage["id"]: stage.get("hours", 0) for stage in flow.get("stages", ())}
    stages = (
        Asked(
            state.id,
            state.zh,
            state.en,
            state.roles,
            state.needs,
            hours[state.id],
            state.ratify,
            who_may_decide(state, order, barred, book.passed, book),
        )
        for state in stand_in(flow, order, (), None, book)
    )
    return str(flow["id"]), tuple(stages)


def _only(stages: Sequence[Asked], others: Sequence[Asked]) -> tuple[Asked, ...]:
    """Return the stages that the others have not, or have with other roles, numbers, hours or persons."""
    terms = {(o.id, o.roles, o.needs, o.hours, o.ratify, o.who) for o in others}
    return tuple(s for s in stages if (s.id, s.roles, s.needs, s.hours, s.ratify, s.who) not in terms)


def _sum(id: str, now: Sequence[Asked], then: Sequence[Asked]) -> Sum:
    name = (*then, *now)[0]
    return Sum(id, name.zh, name.en, len(now), len(then), sum(a.hours for a in now), sum(a.hours for a in then))
