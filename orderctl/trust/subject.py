"""What a statement is about: an order (or another document of a case), the policy, or a waiver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from orderctl.classify import unit_of
from orderctl.digest import digest_without
from orderctl.model import Document
from orderctl.trust.policy import MANIFEST
from orderctl.trust.state import State


@dataclass(frozen=True, slots=True)
class Subject:
    """The document, its number as statements write it, its path as they write it, its revision, and its folder."""

    document: Document
    number: str
    path: str
    revision: int
    folder: str
    """Where ``approvals/`` lies: the case folder, policy or waivers."""
    bytes_digest: str = ""
    """SHA-256 of the file, for what is approved as it is written: the policy."""

    def digest(self, immaterial: Iterable[str]) -> str:
        """Return what a statement that leaves out these pointers must name."""
        return self.bytes_digest or digest_without(self.document.data, immaterial)


def subject_of(state: State, path: str) -> Subject | None:
    """Return what the statement file at ``path`` must be about, by where it lies and what it says; None: nothing."""
    folder = path.rpartition("/")[0].rpartition("/")[0]
    statement = state.document(path)
    if statement is None:
        return None
    if folder == "policy":
        return of_policy(state)
    if folder == "waivers":
        return of_waiver(state, f"waivers/{statement.get('number', '')}.yaml")
    return of_case(state, unit_of(path, True), str(statement.get("path", "")))


def of_case(state: State, unit: str, path: str) -> Subject | None:
    """Return a document of a case as a subject. ``path`` is relative to the case folder."""
    document = state.document(f"{unit}/{path}")
    if document is None:
        return None
    return Subject(document, unit.rpartition("/")[2], path, int(document.get("revision", 1)), unit)


def of_policy(state: State) -> Subject | None:
    """Return the policy's manifest as a subject."""
    document = state.document(MANIFEST)
    data = state.read(MANIFEST)
    if document is None or data is None:
        return None
    return Subject(document, "policy", MANIFEST, int(document["version"]), "policy", sha256(data).hexdigest())


def of_waiver(state: State, path: str) -> Subject | None:
    """Return a waiver as a subject."""
    document = state.document(path)
    if document is None or document.kind != "waiver":
        return None
    return Subject(document, document.id, path, int(document.get("revision", 1)), "waivers")


def statements_on(state: State, subject: Subject) -> list[Document]:
    """Return every statement about a subject, sorted by path."""
    files = state.world.trees.files(state.tree, f"{subject.folder}/approvals")
    found = [state.parse(files[path]).document for path in sorted(files) if path.endswith(".yaml")]
    kind = subject.document.kind
    return [
        d
        for d in found
        if d is not None and d["subject"] == kind and str(d.get("number", subject.number)) == subject.number
    ]
