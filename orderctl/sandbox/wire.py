"""What host and guest say to each other: JSON, its length before it. Nothing that comes back is taken on trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from orderctl.book.store import encode
from orderctl.codes.plugin import PLUGIN_BROKEN, PLUGIN_MISSPELT
from orderctl.fitting import FOLDERS, Unfit
from orderctl.model import Document, Finding, FrozenDict, Mend, Severity, freeze

HEAD = 4
"""Bytes of a message's length."""
LONGEST = 64 << 20
"""Bytes of the longest message."""
NOT_SAID = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What reading something raises that a guest never says."""
_WIDEST = 300
_UNFIT = {code.id: code for code in (PLUGIN_BROKEN, PLUGIN_MISSPELT)}


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What the guest says while it works for ``call``: that it asks the book (``asks``, ``args``, ``named``), else how
    it ended: suspended by the book, failed (one line), or with a result."""

    call: int
    asks: str = ""
    args: tuple[Any, ...] = ()
    named: dict[str, Any] = {}
    suspended: bool = False
    failed: str = ""
    result: Any = None


class _Loaded(msgspec.Struct, forbid_unknown_fields=True):
    """What loading a plugin gave: what it declares and its page, or the code and place of what is wrong with it."""

    what: Any = None
    page: str = ""
    unfit: str = ""
    line: int = 1
    problem: str = ""


class _Found(msgspec.Struct, forbid_unknown_fields=True):
    """A finding as ``check.as_data`` writes it."""

    rule: str
    severity: Severity
    path: str
    pointer: str = ""
    params: dict[str, Any] = {}
    line: int = 0
    column: int = 0
    mend: tuple[str, Any, str, int, int, bool] | None = None


_said = msgspec.json.Decoder(Said, float_hook=Decimal)
_Names = tuple[str, str, str, str, str]


def framed(message: Any) -> bytes:
    """Return a message as it is sent."""
    data = encode(message).encode()
    return len(data).to_bytes(HEAD, "big") + data


def read_said(data: bytes) -> Said:
    """Return what the guest said. Raises one of NOT_SAID."""
    said = _said.decode(data)
    said.failed = " ".join(said.failed.split())[:_WIDEST]
    return said


def declared(path: str, result: Any) -> tuple[Any, str]:
    """Return what a plugin declares, and its page. Raises Unfit; one of NOT_SAID."""
    loaded = msgspec.convert(result, _Loaded, strict=True)
    if loaded.unfit in _UNFIT:
        problem = " ".join(loaded.problem.split())[:_WIDEST]
        raise Unfit(_UNFIT[loaded.unfit].at(path, line=max(1, loaded.line), column=1, problem=problem))
    kind = FOLDERS[path.split("/")[1]][1]
    return msgspec.convert(loaded.what, kind, strict=True), loaded.page


def findings_of(result: Any) -> list[Finding]:
    """Return the findings that a rule's result is. Raises one of NOT_SAID."""
    found = msgspec.convert(result, list[_Found], strict=True)
    return [
        Finding(f.rule, f.severity, f.path, f.pointer, f.params, f.line, f.column, Mend(*f.mend) if f.mend else None)
        for f in found
    ]


def question(said: Said) -> Callable[[Any], Any]:
    """Return a function that puts what the guest asks to a book. Raises one of NOT_SAID for no question."""
    if said.asks not in _QUESTIONS:
        raise msgspec.ValidationError(said.asks)
    kind, named, put = _QUESTIONS[said.asks]
    args = msgspec.convert(said.args, kind, strict=True)
    if said.named and not (named and all(type(value) in _SCALARS for value in said.named.values())):
        raise msgspec.ValidationError(said.asks)
    return lambda book: put(book, *args, **said.named)


def _case(book: Any, names: _Names, kind: str) -> list[Any]:
    kind_, id, path, case, unit = names
    return [plain_document(found) for found in book.case(Document(kind_, id, path, case, unit, FrozenDict()), kind)]


_SCALARS = (str, int, bool, Decimal, type(None))
_QUESTIONS: Mapping[str, tuple[Any, bool, Callable[..., Any]]] = {
    "doc": (tuple[str, str], False, lambda book, *key: plain_document(book.doc(*key))),
    "case": (tuple[_Names, str], False, _case),
    "where": (tuple[str], True, lambda book, /, *name, **equals: book.where(*name, **equals)),
    "all": (tuple[str], False, lambda book, name: book.all(name)),
    "fact": (tuple[str, str], False, lambda book, *key: book.fact(*key)),
    "file": (tuple[str], False, lambda book, path: book.file(path)),
    "passed": (tuple[str], False, lambda book, instant: book.passed(instant)),
    "get": (tuple[str | int, ...], True, lambda forge, /, *parts, **query: forge.get(*parts, **query)),
    "pages": (tuple[str | int, ...], True, lambda forge, /, *parts, **query: forge.pages(*parts, **query)),
}
"""Question → its arguments' types, whether it has named ones, and how a book (a forge) is asked it."""


def plain_document(document: Document | None) -> tuple[Any, ...] | None:
    """Return a document as it is sent."""
    d = document
    return None if d is None else (d.kind, d.id, d.path, d.case, d.unit, d.data)


def document_of(sent: Any) -> Document | None:
    """Return the document that was sent."""
    if sent is None:
        return None
    kind, id, path, case, unit, data = sent
    return Document(kind, id, path, case, unit, freeze(data))
