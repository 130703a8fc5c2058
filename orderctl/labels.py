"""Names that people read for fields and values: a kind's schema and the catalogue in, text of one language out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from gettext import NullTranslations
from typing import Any

from orderctl.model import pointer_parts


def node_of(schema: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """Return the part of an effective schema that describes the value at ``pointer``; {} if none does."""
    node: Any = schema
    for part in pointer_parts(pointer):
        node = node.get("items") if part.isdigit() or part == "*" else node.get("properties", {}).get(part)
        if not isinstance(node, Mapping):
            return {}
    return node  # type: ignore[no-any-return]


def field_name(schema: Mapping[str, Any], pointer: str, texts: NullTranslations, language: str) -> str:
    """Return the field's title, else its name in words."""
    title = node_of(schema, pointer).get("x-title-zh" if language == "zh" else "title")
    return str(title) if title else fact_field(pointer.rpartition("/")[2], texts)


def fact_field(name: str, texts: NullTranslations) -> str:
    """Return the name of a fact's field: translated if the catalogue knows it, else its words."""
    known = texts.pgettext("field", name)
    return known if known != name else name.replace("_", " ")


def value_name(
    value: Any,
    texts: NullTranslations,
    language: str,
    node: Mapping[str, Any] | None = None,
    names: Mapping[str, Any] | None = None,
    call: Callable[[str, str], str] = lambda _what, named: named,
) -> str:
    """Return a scalar in words. ``node`` is its schema (enum names), ``names`` the company's own words; ``call`` gives
    what is shown for the id of a person, role or stage."""
    _ = texts.gettext
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        parts = (value_name(v, texts, language, node_of(node or {}, f"/{k}"), call=call) for k, v in value.items())
        return " ".join(p for p in parts if p)
    if isinstance(value, tuple | list):
        item = node_of(node or {}, "/*")
        return _(", ").join(value_name(v, texts, language, item, call=call) for v in value)
    text = str(value)
    if node and "x-id-of" in node:
        return call(str(node["x-id-of"]), text)
    for table in (names or {}, (node or {}).get("x-enum-names", {})):
        found = table.get(text)
        if isinstance(found, Mapping) and found.get(language):
            return str(found[language])
    return texts.pgettext("value", text) if not isinstance(value, int) else text
