"""The values that the stages pass on: documents, rows, findings, mends. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn

Scalar = str | int | bool | Decimal | None
Row = Mapping[str, Any]
"""One line of an index: column name → scalar. Always has ``id``, and ``case`` for case documents."""


class SetupError(Exception):
    """The set-up can't be used: said in both languages, with the exit code that scripts rely on."""

    def __init__(self, code: str, zh: str, en: str, exit_code: int = 2) -> None:
        super().__init__(en)
        self.code, self.zh, self.en, self.exit_code = code, zh, en, exit_code


class Again(Exception):
    """What was derived earlier turned out damaged and was thrown away: the same run, once more, makes it anew."""


class Severity(StrEnum):
    """How bad a finding is. Only errors make a run fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FrozenDict(dict[str, Any]):
    """A dict that refuses every change, so that no plugin can alter what another one reads."""

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("documents are read-only")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse


_PLAIN = frozenset({str, int, Decimal, bool, type(None)})


def freeze(value: Any) -> Any:
    """Return ``value`` with every dict a FrozenDict and every list a tuple."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return FrozenDict({k: v if type(v) in _PLAIN else freeze(v) for k, v in value.items()})
    if kind is list or kind is tuple:
        return tuple([v if type(v) in _PLAIN else freeze(v) for v in value])
    return value


def pointer_parts(pointer: str) -> list[str]:
    """Split a JSON pointer (RFC 6901) into unescaped parts; "" is the whole document."""
    return [p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:]]


def pointer_of(parts: Iterator[object] | list[object] | tuple[object, ...]) -> str:
    """Join parts (keys and indexes) to a JSON pointer."""
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in parts)


@dataclass(frozen=True, slots=True)
class Document:
    """One valid document. ``data`` is frozen: dicts refuse changes, lists are tuples.

    Numbers are int or Decimal, dates and times are strings as written (ISO 8601).
    ``case`` is the case folder's name (the order number) or "" for master documents.
    ``unit`` is the case folder's path, or the document's own path for master documents.
    """

    kind: str
    id: str
    path: str
    case: str
    unit: str
    data: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def get(self, pointer: str, default: Any = None) -> Any:
        """Return the value at ``pointer`` ("total" or "/delivery/due" or "/lines/0/amount"), or ``default``."""
        if not pointer.startswith("/"):
            return self.data.get(pointer, default)
        value: Any = self.data
        for part in pointer_parts(pointer):
            if isinstance(value, Mapping) and part in value:
                value = value[part]
            elif isinstance(value, tuple) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return default
        return value


@dataclass(frozen=True, slots=True)
class Mend:
    """What to type instead. ``safe`` mends are applied by ``check --fix``.

    ``action`` is one of: ``set`` (write ``value`` at ``pointer``, adding the key if it is missing),
    ``scalar`` (replace the scalar's source text at ``pointer`` by ``value``),
    ``text`` (replace bytes ``start:end`` of the file by ``value``; offsets count without BOM and with LF),
    ``bom``, ``newlines`` (CRLF and CR to LF) and ``nfc`` (the whole file): applied before all others.
    """

    action: str
    value: Any
    pointer: str = ""
    start: int = -1
    end: int = -1
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at one place. Data only: language, line and colour come when it is reported.

    ``rule`` is a rule's kebab id or a machine stage's dotted code. ``params`` fill the sentence.
    ``line`` and ``column`` (from 1) are set only when the pointer can't tell (broken text).
    """

    rule: str
    severity: Severity
    path: str
    pointer: str = ""
    params: Mapping[str, Scalar] = field(default_factory=dict)
    line: int = 0
    column: int = 0
    mend: Mend | None = None
    waived_by: str = ""
    """Id of the waiver that lets it pass; it is then a note, whatever its rule says."""

    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Findings are ordered by place, then by rule."""
        return (self.path, self.line, self.column, self.pointer, self.rule, repr(sorted(self.params.items(), key=str)))


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as a user reads it: placed, in one language. What every output format is made from."""

    rule: str
    severity: Severity
    path: str
    line: int
    column: int
    field: str
    message: str
    hint: str
    url: str
    source: str = ""
    """The source line, control characters escaped, for a code frame; "" when the file has none."""
    waived_by: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says: findings sorted by place, the number of documents judged, the language (zh or en)."""

    shown: tuple[Shown, ...]
    documents: int
    language: str

    def count(self, severity: Severity) -> int:
        """Return how many findings are of this severity."""
        return sum(1 for s in self.shown if s.severity is severity)
