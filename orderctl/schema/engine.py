"""The validation engine for one effective schema: linear-time patterns, formats asserted, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from orderctl.schema.walk import Schema

_SCHEMAS = ("properties", "patternProperties")
_SINGLE = ("items", "not", "if", "then", "else")
_BRANCHES = ("oneOf", "anyOf", "allOf")
_SAID = frozenset({"title", "description", "examples", "$schema", "$id", "$comment", "$defs"})


class Engine(Protocol):
    """What is used of the library's validator."""

    def is_valid(self, instance: Any) -> bool: ...  # noqa: D102
    def iter_errors(self, instance: Any) -> Iterator[Any]: ...  # noqa: D102


def engine(schema: Schema) -> Engine:
    """Return the compiled validator of a schema."""
    import jsonschema_rs

    validator: Engine = jsonschema_rs.Draft202012Validator(
        bare(schema), validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )
    return validator


def accepts(pattern: str) -> bool:
    """Tell whether the engine can use a regular expression."""
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions())
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True


def bare(node: Schema) -> dict[str, Any]:
    """Return the schema without what is only said, not checked."""
    found: dict[str, Any] = {}
    for word, value in node.items():
        if word in _SCHEMAS:
            found[word] = {n: bare(s) for n, s in value.items()}
        elif word in _SINGLE:
            found[word] = bare(value)
        elif word in _BRANCHES:
            found[word] = [bare(s) for s in value]
        elif word not in _SAID and not word.startswith("x-"):
            found[word] = value
    return found
