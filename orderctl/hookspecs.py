"""The hooks that plugin files implement, and the book that they read. Typed; no business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import pluggy

from orderctl.model import Document, Finding, Row, Scalar

hookspec = pluggy.HookspecMarker("orderctl")


class Book(Protocol):
    """All documents of one tree, read-only. Everything read is recorded; there is no clock but ``passed``.

    Reading a document that could not be read or is invalid suspends the reader: no finding upon a finding.
    """

    def doc(self, kind: str, id: str) -> Document | None:
        """Return the document with this identity, or None."""

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        """Return the documents of ``kind`` in the same case folder as ``doc``, sorted by path."""

    def where(self, name: str, /, **equals: Scalar) -> tuple[Row, ...]:
        """Return rows whose one given column equals the value, sorted by id.

        ``name`` is a kind (columns: id, case, path and its ``x-index`` fields), ``kind/items`` for a kind with
        ``x-items`` (columns: parent, path, index, the item's fields and the parent's index fields), or a fact
        (the record's fields, and ``id`` of the document it was computed for).
        """

    def all(self, name: str) -> tuple[Row, ...]:
        """Return every row of a kind, of a kind's items, or of a fact, sorted by id."""

    def fact(self, name: str, id: str) -> Any:
        """Return the fact's value for the document ``id`` of the kind the fact is on, or None."""

    def file(self, path: str) -> Mapping[str, Any] | None:
        """Return ``{"sha256": hex, "size": bytes}`` of a file in the tree (evidence), or None."""

    def passed(self, instant: str) -> bool:
        """Tell whether the run's clock has reached ``instant``: RFC 3339 with zone, or a date (its end, local)."""


class Forge(Protocol):
    """One pull request of one project, and its forge's API, which only these two methods reach.

    Whatever can't be had in full ends the run: a plugin never sees half an answer.
    """

    @property
    def host(self) -> str:
        """The forge's host name."""

    @property
    def project(self) -> str:
        """The project's path on the forge: ``owner/name``."""

    @property
    def pull(self) -> int:
        """The pull request's number; 0: the one that brought ``commit``."""

    @property
    def commit(self) -> str:
        """A commit id, or ""."""

    def get(self, *parts: str | int, missing: bool = False, **query: str | int) -> Any:
        """Return the JSON at the path of these parts (each is escaped); None for 404 if ``missing`` is allowed."""

    def pages(self, *parts: str | int, **query: str | int) -> list[Any]:
        """Return a whole list, all its pages."""


@hookspec
def check(doc: Document, book: Book) -> Iterator[Finding]:  # type: ignore[empty-body]
    """Yield findings about ``doc``. One in each file of ``plugins/rules/``."""


@hookspec
def derive(doc: Document, book: Book) -> Any:
    """Return the fact's value for ``doc``. One in each file of ``plugins/facts/``."""


@hookspec
def view(doc: Document | None, book: Book) -> Mapping[str, Any] | None:
    """Return what the template shows. One in each file of ``plugins/papers/`` and ``plugins/pages/``."""


@hookspec
def reviews(request: Forge) -> Mapping[str, Any] | None:
    """Return one pull request's facts, or None if none brought the commit. One in each ``plugins/evidence/``.

    The names are those of ``orderctl.trust.reviews.Reviews`` (``forge`` is added), times RFC 3339; a ``pusher`` that
    the forge doesn't tell is 0. The result is read as strictly as a file of reviews.
    """
