"""A company's extension on top of a kind: it may add fields and values, tighten, hide; never relax or remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.schema.notes import FIELD_NAMES, File, escaped, shown

_LABELS = frozenset({"title", "x-title-zh", "description", "x-description-zh", "examples", "$comment", "x-hidden"})
_IGNORED = frozenset({"$schema", "$id", "x-extends", "$defs"})
_UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum", "x-decimals")
_LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_STICKY = ("x-pii", "x-material", "uniqueItems", "additionalProperties", "unevaluatedProperties")
_STRICT = {
    "x-pii": True,
    "x-material": True,
    "uniqueItems": True,
    "additionalProperties": False,
    "unevaluatedProperties": False,
}
_ALSO = ("oneOf", "anyOf", "not", "if", "then", "else", "dependentRequired", "pattern", "format", "const")
_FIXED = frozenset({"x-kind", "x-version", "x-path", "x-key", "x-number", "x-names-case", "format"})
_SIMPLE = ("pattern", "format", "const")


def extend(base: dict[str, Any], extra: dict[str, Any], file: File, pointer: str = "") -> dict[str, Any]:
    """Return ``base`` with ``extra`` on top. What isn't allowed is noted in ``file`` and left out."""
    found = dict(base)
    conditions: dict[str, Any] = {}
    for word, value in extra.items():
        at = f"{pointer}/{word}"
        if word in _IGNORED or base.get(word) == value:
            continue
        if word in _ADD and (word in base or word in _ANYWHERE):
            found[word] = _ADD[word](base.get(word, type(value)()), value)
        elif word == "properties":
            found[word] = _properties(base, extra, file, at)
        elif word == "items" and word in base:
            found[word] = extend(base[word], value, file, at)
        elif word in _ALSO and (word not in base or word != "format"):
            conditions[word] = value
        elif word in _LABELS or _tighter(word, base, value):
            found[word] = value
        elif word in base and word not in _FIXED:
            file.note(codes.RELAXES, at, keyword=word, base=shown(base[word]), found=shown(value))
        else:
            file.note(codes.CHANGES, at, keyword=word)
    if "required" in extra:
        found["required"] = _existing(found, extra["required"], file, pointer)
    simple = {k: v for k, v in conditions.items() if k in _SIMPLE and k not in base}
    found.update(simple)
    if rest := {k: v for k, v in conditions.items() if k not in simple}:
        found["allOf"] = [*found.get("allOf", ()), rest]
    return found


def _existing(node: dict[str, Any], added: list[str], file: File, pointer: str) -> list[str]:
    """Return the required fields that exist; an unknown one would refuse every document."""
    fields = node.get("properties", {})
    for n, name in enumerate(added):
        if name not in fields:
            zh, en = FIELD_NAMES
            file.note(
                codes.BAD_META,
                f"{pointer}/required/{n}",
                keyword="required",
                found=name,
                expected_zh=zh,
                expected_en=en,
            )
    return [name for name in node["required"] if name in fields]


def _more(base: list[Any], extra: list[Any]) -> list[Any]:
    return [*base, *[v for v in extra if v not in base]]


def _named(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    return {**base, **extra}


def _rows(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """Rows stay where they are; columns may be added."""
    return {
        "pointer": base.get("pointer", extra.get("pointer")),
        "index": _more(base.get("index", []), extra.get("index", [])),
        "parent": _more(base.get("parent", []), extra.get("parent", [])),
    }


_ADD: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("required", "enum", "x-index", "x-covers", "allOf"), _more),
    "x-enum-names": _named,
    "x-items": _rows,
}
_ANYWHERE = frozenset({"required", "x-index", "x-covers", "allOf", "x-enum-names", "x-items"})
"""What an extension may bring where the kind has none. (Elsewhere a list of values adds to the kind's.)"""


def _properties(base: dict[str, Any], extra: dict[str, Any], file: File, at: str) -> dict[str, Any]:
    found = dict(base.get("properties", {}))
    for name, node in extra["properties"].items():
        place = f"{at}/{escaped(name)}"
        if name not in found:
            found[name] = node
            continue
        found[name] = extend(found[name], node, file, place)
        if found[name].get("x-hidden") and name in (*base.get("required", ()), *extra.get("required", ())):
            file.note(codes.HIDES_REQUIRED, f"{place}/x-hidden", name=name)
            found[name].pop("x-hidden")
    return found


def _tighter(word: str, base: dict[str, Any], value: Any) -> bool:
    """Tell whether a keyword's new value allows no more than the old one."""
    if word == "enum":
        return word not in base
    if word in _UPPER:
        return word not in base or value <= base[word]
    if word in _LOWER:
        return word not in base or value >= base[word]
    if word in _STICKY:
        return bool(value == _STRICT[word])
    if word == "x-audience":
        return set(value) <= set(base.get(word, ["staff"]))
    if word == "type" and word in base:
        return set([value] if isinstance(value, str) else value) <= set(
            [base[word]] if isinstance(base[word], str) else base[word]
        )
    return False
