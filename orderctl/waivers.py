"""Findings and the waivers of a tree in; the findings out, with those that a waiver lets pass as notes that name it.

Applied after checking, at the run's time; nothing of it is stored. What isn't approved, has run out or doesn't fit
waives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from orderctl.approvals import complete, stand
from orderctl.codes.waiver import WAIVER_NEVER, WAIVER_STALE, WAIVER_UNKNOWN_RULE
from orderctl.hookspecs import Book
from orderctl.model import Document, Finding, Severity
from orderctl.rule import Code, Rule

Sentence = Callable[[str], Rule | Code | None]
"""Gives the rule or code of an id."""


def with_waivers(findings: Sequence[Finding], book: Book, sentence: Sentence) -> list[Finding]:
    """Return the findings, each waived one as a note with the waiver's id, and what is wrong with the waivers."""
    waivers = [w for row in book.all("waiver") if (w := book.doc("waiver", str(row["id"])))]
    if not waivers:
        return list(findings)
    wrong = [(w, found) for w in waivers for found in _faults(w, sentence)]
    faulty = {waiver.id for waiver, _ in wrong}
    sound = [w for w in waivers if w.id not in faulty and in_force(w, book)]
    out = [_waived(f, sound) for f in findings]
    used = {f.waived_by for f in out}
    stale = (WAIVER_STALE.at(w.path, "/rule", rule=w["rule"], document=w["path"]) for w in sound if w.id not in used)
    return [*out, *(found for _, found in wrong), *stale]


def in_force(waiver: Document, book: Book) -> bool:
    """Tell whether a waiver applies now: from the beginning of its first day to the end of its last, and approved."""
    day_before = (date.fromisoformat(waiver["from"]) - timedelta(days=1)).isoformat()
    return book.passed(day_before) and not book.passed(waiver["until"]) and is_approved(waiver, book)


def is_approved(waiver: Document, book: Book) -> bool:
    """Tell whether the stages of its flow have approved a waiver; without a flow for waivers none ever is."""
    return complete(stand(waiver, statements_about(waiver, book), None, book))


def statements_about(subject: Document, book: Book) -> list[Document]:
    """Return the statements on a document outside of the case folders, by path."""
    found = (book.doc("approval", str(row["id"])) for row in book.where("approval", subject=subject.kind))
    return [s for s in found if s is not None and not s.case and s.get("number", subject.id) == subject.id]


def _faults(waiver: Document, sentence: Sentence) -> Iterator[Finding]:
    words = sentence(waiver["rule"])
    if words is None:
        yield WAIVER_UNKNOWN_RULE.at(waiver.path, "/rule", rule=waiver["rule"])
    elif not isinstance(words, Rule) or not words.waivable:
        yield WAIVER_NEVER.at(waiver.path, "/rule", rule=waiver["rule"])


def _waived(finding: Finding, waivers: list[Document]) -> Finding:
    """Return the finding as a note if one of the waivers names its rule, its document and, if at all, its place."""
    for waiver in waivers:
        if (waiver["rule"], waiver["path"]) != (finding.rule, finding.path):
            continue
        if waiver.get("pointer", finding.pointer) == finding.pointer:
            return replace(finding, severity=Severity.INFO, waived_by=waiver.id)
    return finding
