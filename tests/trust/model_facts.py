"""What the reference model reads off plain values: changes, stages, authors, decisions that count, lines of commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from tests.trust.histories import (
    Commit,
    Customer,
    Doc,
    Files,
    Order,
    Statement,
    Submission,
)

SMALL = ("sales-supervisor", "finance", "production")
LARGE = (*SMALL, "sales-director", "general-manager")
CUSTOMER = "customers/C0001.yaml"
POLICY = ("policy/people.yaml", "policy/flows.yaml", "policy/policy.yaml")
OWN = ("order.yaml", "submission.yaml", "submission.yaml.sig")
Touched = Mapping[str, tuple[Doc | None, Doc | None]]


@dataclass(frozen=True)
class By:
    """A commit, the person whose signature proves it ("" if none does), and what it changed by itself."""

    commit: Commit
    person: str
    touched: Touched


def counted(
    lives: list[Statement], stages: tuple[str, ...], begin: int | None
) -> list[tuple[str, str, list[Statement]]]:
    """Return how the stages of a serial flow stand, one after the other, from when the order was submitted. Who says
    no needn't wait for their turn."""
    found: list[tuple[str, str, list[Statement]]] = []
    seated: set[str] = set()
    lives = [s for s in lives if begin is not None and s.at >= begin]
    for stage in stages:
        if rejections := [s for s in lives if s.stage == stage and s.decision == "reject"]:
            found.append((stage, "rejected", rejections))
            begin = None
            continue
        given = [
            s for s in lives if s.stage == stage and begin is not None and s.at >= begin and s.person not in seated
        ]
        found.append((stage, "approved" if given else "open", given))
        begin = max(begin or 0, given[0].at) if given else None
        seated |= {given[0].person} if given else set()
    return found


def taken_back(withdrawal: Statement, one: Statement) -> bool:
    """Tell whether a withdrawal is of this statement: its person's, at this stage, made by then, and the one named."""
    theirs = (one.person, one.stage) == (withdrawal.person, withdrawal.stage) and one.decision != "withdraw"
    about, other = one.about, withdrawal.about
    assert isinstance(other, Order)
    same = isinstance(about, Order) and (about.number, about.revision) == (other.number, other.revision)
    return theirs and same and one.at <= withdrawal.at and withdrawal.withdraws in (None, one)


def ancestors(commit: Commit) -> list[Commit]:
    """Return a commit and all before it, parents first."""
    found: dict[int, Commit] = {}

    def add(one: Commit) -> None:
        if id(one) not in found:
            for parent in one.parents:
                add(parent)
            found[id(one)] = one

    add(commit)
    return list(found.values())


def changes(old: Files, new: Files) -> dict[str, tuple[Doc | None, Doc | None]]:
    return {p: (old.get(p), new.get(p)) for p in sorted({*old, *new}) if old.get(p) != new.get(p)}


def own_work(merge: Commit) -> tuple[dict[str, tuple[Doc | None, Doc | None]], bool]:
    """Return what a merge decides by itself (conflicts), and whether it also brings what neither side has."""
    ours, theirs = (p.files for p in merge.parents)
    known = set(map(id, ancestors(merge.parents[1])))
    base = [c for c in ancestors(merge.parents[0]) if id(c) in known][-1].files
    own: dict[str, tuple[Doc | None, Doc | None]] = {}
    smuggled = False
    for path in sorted({*base, *ours, *theirs, *merge.files}):
        b, o, t, here = (files.get(path) for files in (base, ours, theirs, merge.files))
        if t == b or o in (b, t):
            smuggled |= here != (o if t == b else t)
        elif not (isinstance(here, Customer) and here in joined(b, o, t)):
            own[path] = (o, here)
    return own, smuggled


def joined(base: Doc | None, ours: Doc | None, theirs: Doc | None) -> list[Customer]:
    """Return the customer that takes both sides' changes; nothing where they contradict each other."""
    assert isinstance(base, Customer) and isinstance(ours, Customer) and isinstance(theirs, Customer)
    both = differing(base, ours) & differing(base, theirs)
    if any(getattr(ours, name) != getattr(theirs, name) for name in both):
        return []
    values = {f.name: getattr(theirs if f.name in differing(base, theirs) else ours, f.name) for f in fields(Customer)}
    return [Customer(**values)]


def differing(old: Doc | None, new: Doc | None) -> set[str]:
    assert new is not None
    return {f.name for f in fields(new) if old is None or getattr(old, f.name) != getattr(new, f.name)}


def material_change(sides: tuple[Doc | None, Doc | None] | None) -> bool:
    if sides is None or not isinstance(sides[1], Order):
        return False
    return not isinstance(sides[0], Order) or sides[0].material != sides[1].material


def stages(order: Order) -> tuple[str, ...]:
    return LARGE if order.quantity * order.price >= 100_000 else SMALL


def authors(order: Order, submission: Submission | None) -> set[str]:
    return {order.entered_by, *((submission.by, *submission.authors) if submission else ())}


def own_submission(files: Files, number: str) -> Submission | None:
    """Return the submission of an order's present revision."""
    order, found = (files.get(f"{folder(number)}/{name}.yaml") for name in ("order", "submission"))
    fits = isinstance(order, Order) and isinstance(found, Submission) and found.order.revision == order.revision
    return found if fits and isinstance(found, Submission) else None


def statements_in(files: Files, where: str) -> list[tuple[str, Statement]]:
    return [(p, d) for p, d in files.items() if p.startswith(where) and isinstance(d, Statement)]


def folder(number: str) -> str:
    return f"orders/2024/05/{number}"
