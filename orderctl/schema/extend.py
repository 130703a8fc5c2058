"""A company's extension on top of a kind: it may add fields and values, tighten, hide; never relax or remove."""

from __future__ import annotations

from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.schema.notes import File, shown

_LABELS = frozenset({"title", "x-title-zh", "description", "x-description-zh", "examples", "$comment"})
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


def extend(base: dict[str, Any], extra: dict[str, Any], file: File, pointer: str = "") -> dict[str, Any]:
    """Return ``base`` with ``extra`` on top. What isn't allowed is noted in ``file`` and left out."""
    found = dict(base)
    conditions: dict[str, Any] = {}
    for word, value in extra.items():
        at = f"{pointer}/{word}"
        if word in _IGNORED or base.get(word) == value:
            continue
        if word in _LABELS:
            found[word] = value
        elif word == "properties":
            found[word] = _properties(base, extra, file, at)
        elif word == "items" and isinstance(base.get(word), dict):
            found[word] = extend(base[word], value, file, at)
        elif word == "required":
            found[word] = [*base.get(word, ()), *[n for n in value if n not in base.get(word, ())]]
        elif word == "enum" and word in base:
            found[word] = [*base[word], *[v for v in value if v not in base[word]]]
        elif word in ("x-enum-names", "x-items"):
            found[word] = {**base.get(word, {}), **value}
            if word == "x-items" and "x-items" in base and not _only_more(base[word], value):
                file.note(codes.CHANGES, at, keyword=word)
                found[word] = base[word]
        elif word in ("x-index", "x-covers"):
            found[word] = [*base.get(word, ()), *[v for v in value if v not in base.get(word, ())]]
        elif word == "x-hidden":
            found[word] = value
        elif word == "allOf":
            found[word] = [*base.get(word, ()), *value]
        elif word in _ALSO and not (word == "format" and word in base):
            conditions[word] = value
        elif _tighter(word, base, value):
            found[word] = value
        elif word in base:
            file.note(codes.RELAXES, at, keyword=word, base=shown(base[word]), found=shown(value))
        else:
            file.note(codes.CHANGES, at, keyword=word)
    if conditions:
        simple = {k: v for k, v in conditions.items() if k in ("pattern", "format", "const") and k not in base}
        found.update(simple)
        if rest := {k: v for k, v in conditions.items() if k not in simple}:
            found["allOf"] = [*found.get("allOf", ()), rest]
    return found


def _properties(base: dict[str, Any], extra: dict[str, Any], file: File, at: str) -> dict[str, Any]:
    found = dict(base.get("properties", {}))
    for name, node in extra["properties"].items():
        place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in found:
            found[name] = node
            continue
        found[name] = extend(found[name], node, file, place)
        if node.get("x-hidden") and name in (*base.get("required", ()), *extra.get("required", ())):
            file.note(codes.HIDES_REQUIRED, f"{place}/x-hidden", name=name)
            found[name].pop("x-hidden")
    return found


def _only_more(base: dict[str, Any], extra: dict[str, Any]) -> bool:
    return extra.get("pointer") == base.get("pointer") and all(
        set(base.get(k, ())) <= set(extra.get(k, base.get(k, ()))) for k in ("index", "parent")
    )


def _tighter(word: str, base: dict[str, Any], value: Any) -> bool:
    """Tell whether a keyword's new value allows no more than the old one."""
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
