"""Running facts and units over the book: one subject in, its value, reads and window out. Writes nothing."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orderctl.book.keys import key_of
from orderctl.book.reader import SUSPENDED, Reader, Suspended
from orderctl.book.store import encode

Records = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A pure function of a subject and the book. ``name``: "fact:status", "unit", "page:order" …

    ``kinds`` of the documents it runs on; empty: it runs on whole units. ``index`` names a fact's columns.
    ``facts`` names the facts that it may read (None: all).
    """

    name: str
    kinds: frozenset[str]
    run: Callable[[Any, Reader], Any]
    index: tuple[str, ...] = ()
    facts: frozenset[str] | None = None

    @property
    def fact(self) -> str:
        """The fact's own name, "" for other consumers."""
        return self.name[5:] if self.name.startswith("fact:") else ""


class Crashed(Exception):
    """A fact failed for another reason than a broken document; carries the finding (plain data) that says so."""

    def __init__(self, finding: dict[str, Any]) -> None:
        super().__init__(finding.get("rule"))
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Result:
    """What one run gave: JSON value, clock window in microseconds, keys read, records to index."""

    consumer: int
    name: str
    owner: str
    id: str
    since: int
    until: int
    value: str
    reads: bytes
    records: Records


def run(consumer: Consumer, owner: str, reader: Reader) -> Result | None:
    """Run ``consumer`` for one subject (document path or unit); None when the subject no longer exists."""
    reader.start(consumer.facts)
    subject: Any
    id = owner
    if consumer.kinds:
        found = reader.at_path(owner)
        if found is None or found[0].kind not in consumer.kinds:
            return None
        subject, id = found[0], found[0].id
        valid = found[1]
    else:
        subject = reader.documents(owner)
        valid = True
        if not subject:
            return None
    value: Any = SUSPENDED
    records: Records = []
    try:
        if valid:
            value = consumer.run(subject, reader)
            records = _records(value, id) if consumer.fact else []
            value = encode(value)
    except Suspended:
        value = SUSPENDED
    except Crashed as crash:
        value = SUSPENDED + encode(crash.finding)
    reads = array("q", sorted(reader.reads)).tobytes()
    return Result(
        key_of(consumer.name, owner), consumer.name, owner, id, reader.since, reader.until, value, reads, records
    )


def _records(value: Any, id: str) -> Records:
    """Return a fact's value as records with the id of the document they come from."""
    if value is None:
        return []
    many = value if isinstance(value, list | tuple) else [value]
    return [{**record, "id": id} for record in many]
