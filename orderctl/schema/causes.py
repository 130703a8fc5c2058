"""From the engine's errors to causes: one slip, one cause, however many keywords it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from orderctl.schema import words
from orderctl.schema.walk import Schema, at

Parts = tuple[str | int, ...]

# Of several errors at one value the first of these tells most; the others follow from it.
_FIRST = (
    "Type",
    "Constant",
    "Enum",
    "Format",
    "Pattern",
    "MinLength",
    "MaxLength",
    "Minimum",
    "ExclusiveMinimum",
    "Maximum",
    "ExclusiveMaximum",
    "MinItems",
    "MaxItems",
    "UniqueItems",
    "MinProperties",
    "MaxProperties",
)
_GROUP = frozenset({"Required", "AdditionalProperties", "OneOf", "AnyOf"})


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: the engine's word for it, where, and the field, fields or limit it speaks of."""

    word: str
    parts: Parts
    name: str = ""
    names: tuple[str, ...] = ()
    limit: int = 0
    needed: bool = False
    """The value at ``parts`` is of a required field."""


def causes(errors: Iterable[Any], schema: Schema, data: Any, limit: int) -> list[Cause]:
    """Return the causes behind the engine's first ``limit`` errors."""
    best: dict[Parts, Cause] = {}
    grouped: dict[Cause, None] = {}
    for cause in islice((cause for error in errors for cause in _read(error, schema)), limit):
        if cause.word in _GROUP:
            grouped[cause] = None
        elif cause.parts not in best or _rank(cause) < _rank(best[cause.parts]):
            best[cause.parts] = cause
    shown = [replace(c, needed=_needed(c.parts, schema)) for c in _format_first(best.values(), schema, data)]
    whole = (c for c in grouped if best.get(c.parts, c).word != "Type")
    return [*shown, *_not_following(whole, schema, data)]


def _needed(parts: Parts, schema: Schema) -> bool:
    return bool(parts) and parts[-1] in (at(schema, parts[:-1]) or {}).get("required", ())


def _value(data: Any, parts: Parts) -> Any:
    for part in parts:
        data = data[part]
    return data


def _rank(cause: Cause) -> int:
    return _FIRST.index(cause.word) if cause.word in _FIRST else len(_FIRST)


def _format_first(found: Iterable[Cause], schema: Schema, data: Any) -> Iterator[Cause]:
    """A date that breaks its pattern or length is a wrong date; an empty text is empty, whatever its pattern."""
    for cause in found:
        if cause.word in ("Pattern", "MinLength", "MaxLength", "Format", "Enum"):
            value = _value(data, cause.parts)
            node = at(schema, cause.parts) or {}
            if isinstance(value, str) and not value.strip():
                yield Cause("MinLength" if not value else cause.word, cause.parts, limit=cause.limit or 1)
                continue
            if "format" in node and cause.word != "Enum":
                yield Cause("Format", cause.parts)
                continue
        yield cause


def _not_following(grouped: Iterable[Cause], schema: Schema, data: Any) -> Iterator[Cause]:
    """Leave out a missing field when a misspelt one beside it is meant, and a choice that such a slip broke."""
    meant: dict[Parts, set[str]] = {}
    grouped = list(grouped)
    for cause in grouped:
        if cause.word == "AdditionalProperties" and len(grouped) <= words.MANY:
            fields = words.fields(at(schema, cause.parts) or {})
            near = words.intended(cause.name, fields, _value(data, cause.parts))
            meant.setdefault(cause.parts, set()).add(near)
    for cause in grouped:
        near_here = meant.get(cause.parts, set())
        if cause.word == "AdditionalProperties" or not near_here & {cause.name, *cause.names} - {""}:
            yield cause


def _read(error: Any, schema: Schema) -> Iterator[Cause]:
    kind = error.kind
    word = type(kind).__name__.rpartition("_")[2]
    parts: Parts = tuple(error.instance_path)
    if word == "Required":
        yield Cause(word, parts, name=kind.property)
    elif word in ("AdditionalProperties", "UnevaluatedProperties"):
        for name in kind.unexpected:
            yield Cause("AdditionalProperties", parts, name=name)
    elif word in ("OneOfNotValid", "AnyOf"):
        yield from _branches(kind.context, "AnyOf" if word == "AnyOf" else "OneOf", parts, schema)
    elif word == "OneOfMultipleValid":
        branches = (at(schema, parts) or {}).get("oneOf", ())
        names = tuple(dict.fromkeys(n for b in branches for n in b.get("required", ())))
        yield Cause("OneOf", parts, names=names)
    else:
        yield Cause(word, parts, limit=getattr(kind, "limit", 0))


def _branches(context: list[list[Any]], word: str, parts: Parts, schema: Schema) -> Iterator[Cause]:
    """A choice between fields is said as one; otherwise the branch that fits best says what is wrong."""
    if all(type(e.kind).__name__.endswith("Required") for branch in context for e in branch):
        names = dict.fromkeys(e.kind.property for branch in context for e in branch)
        yield Cause(word, parts, names=tuple(names))
        return

    def misfit(branch: list[Any]) -> tuple[bool, int]:
        wrong = any(type(e.kind).__name__.endswith("Type") and tuple(e.instance_path) == parts for e in branch)
        return wrong, len(branch)

    for error in min(context, key=misfit):
        yield from _read(error, schema)
