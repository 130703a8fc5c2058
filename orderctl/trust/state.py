"""The documents of one commit's tree, read through objects: what rights, statements and status are judged on.

A state is a ``Book`` of one case and the masters that it names, so that the same facts and the same approval logic
run here and in the book; nothing that would need every document can be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.hookspecs import Book
from orderctl.model import Document, Row, Scalar
from orderctl.rule import Fact
from orderctl.tree import Entry
from orderctl.trust.parser import Parsed, Parser
from orderctl.trust.policy import Policy, load_policy
from orderctl.trust.trees import Trees

ORDER = "order.yaml"


@dataclass(frozen=True, slots=True)
class World:
    """What all states of a repository share: its objects, the trusted kinds and facts, and what was read already."""

    trees: Trees
    parser: Parser
    facts: Mapping[str, Any]
    """The trusted facts, id → plugin (``what`` and ``run``)."""
    policies: dict[tuple[str | None, str], Policy] = field(default_factory=dict)


class State(Book):
    """One tree at one time (seconds since 1970)."""

    def __init__(self, world: World, tree: str, now: int) -> None:
        self.world = world
        self.tree = tree
        self.now = now
        self._units: dict[str, tuple[Document, ...]] = {}
        self._facts: dict[tuple[str, str], Any] = {}

    def entry(self, path: str) -> Entry | None:
        """Return the entry at a path, or None."""
        return self.world.trees.find(self.tree, path)

    def read(self, path: str) -> bytes | None:
        """Return the bytes at a path, or None."""
        entry = self.entry(path)
        return self.world.trees.objects.blob(entry.blob) if entry else None

    def parsed(self, path: str) -> Parsed | None:
        """Return what the file at a path is, or None if there is none."""
        entry = self.entry(path)
        return self.parse(entry) if entry else None

    def parse(self, entry: Entry) -> Parsed:
        """Return what an entry is."""
        return self.world.parser.parse(entry, self.world.trees.objects.blob(entry.blob))

    def document(self, path: str) -> Document | None:
        """Return the sound document at a path, or None."""
        parsed = self.parsed(path)
        return parsed.document if parsed else None

    def documents(self, unit: str) -> tuple[Document, ...]:
        """Return the sound documents of a case folder, sorted by path."""
        found = self._units.get(unit)
        if found is None:
            files = self.world.trees.files(self.tree, unit)
            parsed = [self.parse(files[path]).document for path in sorted(files) if path.endswith(".yaml")]
            found = self._units[unit] = tuple(d for d in parsed if d is not None)
        return found

    def status(self, unit: str) -> str:
        """Return the status of a case ("none": it holds no order that can be read)."""
        order = next((d for d in self.documents(unit) if d.path == f"{unit}/{ORDER}"), None)
        return "none" if order is None else str(self.fact("status", order.id)["status"])

    def policy(self) -> Policy:
        """Return the policy of this tree. Raises PolicyError."""
        config = self.entry("orderctl.yaml")
        known = (self.world.trees.folder(self.tree, "policy"), config.blob if config else "")
        found = self.world.policies.get(known)
        if found is None:
            found = self.world.policies[known] = load_policy(
                self._mode_and_bytes, self.world.parser.kinds, self.world.parser.validator
            )
        return found

    def _mode_and_bytes(self, path: str) -> tuple[str, bytes] | None:
        entry = self.entry(path)
        data = self.world.trees.objects.blob(entry.blob) if entry else None
        return (entry.mode, data) if entry and data is not None else None

    def master(self, kind: str, id: str) -> str:
        """Return the path of a master document, "" for one that no path can have, and for what lies in a case."""
        known = self.world.parser.kinds.get(kind)
        if known is None or known.is_case:
            return ""
        try:
            return known.path_for({"id": id, "year": id})
        except ValueError:
            return ""

    # What follows is the Book that facts and the approval logic read.

    def doc(self, kind: str, id: str) -> Document | None:
        """Return a master document by its path, or one of a case looked at already."""
        known = self.world.parser.kinds.get(kind)
        if known is not None and known.is_case:
            loaded = (d for documents in self._units.values() for d in documents)
            return next((d for d in loaded if d.kind == kind and d.id == id), None)
        path = self.master(kind, id)
        found = self.document(path) if path else None
        return found if found is not None and found.id == id else None

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        """Return the documents of ``kind`` in the same case folder as ``doc``."""
        return tuple(d for d in self.documents(doc.unit) if d.kind == kind) if doc.case else ()

    def where(self, name: str, /, **_equals: Scalar) -> tuple[Row, ...]:
        """Refuse: that would need every document."""
        raise LookupError(f"{name} can't be searched in one state")

    def all(self, name: str) -> tuple[Row, ...]:
        """Refuse: that would need every document."""
        raise LookupError(f"{name} can't be listed in one state")

    def fact(self, name: str, id: str) -> Any:
        """Return a fact of a document looked at already."""
        if (name, id) not in self._facts:
            plugin = self.world.facts[name]
            assert isinstance(plugin.what, Fact)
            document = self.doc(plugin.what.on, id)
            self._facts[name, id] = plugin.run(document, self) if document else None
        return self._facts[name, id]

    def file(self, path: str) -> Mapping[str, Any] | None:
        """Return the SHA-256 and size of a file."""
        data = self.read(path)
        return None if data is None else {"sha256": sha256(data).hexdigest(), "size": len(data)}

    def passed(self, instant: str) -> bool:
        """Tell whether this state's time has reached an instant."""
        return self.now >= seconds(instant, self.zone())

    def zone(self) -> str:
        """Return the company's time zone."""
        company = self.doc("workspace", "workspace")
        return str(company.get("time_zone", "Asia/Shanghai")) if company else "Asia/Shanghai"


def seconds(instant: str, zone: str) -> int:
    """Return an RFC 3339 instant, or the end of a date in ``zone``, as seconds since 1970."""
    if len(instant) == 10:
        day = datetime.fromisoformat(instant).replace(tzinfo=ZoneInfo(zone))
        return int((day + timedelta(days=1)).timestamp())
    return int(datetime.fromisoformat(instant).timestamp())


def text_of(at: int) -> str:
    """Return seconds since 1970 as people read them: 2024-05-20 15:00:00 UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
