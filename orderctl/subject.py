"""What a statement is about: its document, revision and content, and whether that was submitted."""

from __future__ import annotations

from orderctl.digest import digest_without
from orderctl.hookspecs import Book
from orderctl.model import Document
from orderctl.seats import revision_of
from orderctl.workdays import moment


def subject_of(statement: Document, book: Book) -> Document | None:
    """Return the document that a statement is about, None if there is none of its kind and number."""
    kind = str(statement.get("subject", ""))
    if statement.case:
        found = [d for d in book.case(statement, kind) if is_about(statement, d, book, any_revision=True)]
        return found[0] if found else None
    return book.doc(kind, str(statement.get("number", kind)))


def is_about(statement: Document, subject: Document, book: Book, *, any_revision: bool = False) -> bool:
    """Tell whether a statement is about this document and this revision of it; what it leaves out isn't compared."""
    company = book.doc("workspace", "workspace")
    at = subject.path.removeprefix(subject.unit + "/") if subject.case else subject.path
    number = subject.case or subject.id
    return (
        statement.get("subject") == subject.kind
        and (any_revision or statement.get("revision") == revision_of(subject))
        and statement.get("number", number) == number
        and statement.get("path", at) == at
        and (company is None or statement.get("repository", company.get("repository")) == company.get("repository"))
    )


def judged_earlier(statement: Document, book: Book) -> bool:
    """Tell whether a statement was given under an earlier policy than the one in force. Who held the role then, and
    whether the flow had the stage, was looked at when it landed: a later policy takes nothing back."""
    now = book.doc("policy", "policy")
    return now is not None and statement.get("/policy/version", 0) < now["version"]


def submitted(subject: Document, submission: Document | None) -> str | None:
    """Return when this revision was submitted, None if it wasn't; "" for what needs no submission: all but orders."""
    if subject.kind != "order":
        return ""
    if submission is None or submission.get("revision") != revision_of(subject):
        return None
    if not is_instant(submission.get("submitted_at")):
        return None
    left_out = submission.get("immaterial")
    if left_out is not None and submission.get("digest") != digest_without(subject.data, left_out):
        return None
    return str(submission["submitted_at"])


def is_whole(statement: Document) -> bool:
    """Tell whether a statement has what counting needs; one that hasn't counts for nothing and stops nobody."""
    return (
        isinstance(statement.get("stage"), str)
        and isinstance(statement.get("person"), str)
        and statement.get("decision") in ("approve", "reject", "withdraw")
        and is_instant(statement.get("issued"))
        and isinstance(statement.get("for", ""), str)
        and isinstance(statement.get("immaterial", ()), tuple)
        and isinstance(statement.get("/policy/version", 0), int)
    )


def is_instant(value: object) -> bool:
    """Tell whether a value is an instant with its zone."""
    try:
        return isinstance(value, str) and moment(value).tzinfo is not None
    except ValueError:
        return False
