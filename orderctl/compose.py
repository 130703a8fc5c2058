"""A new document's text: plain data in, YAML out as people write it: blocks outside, one line for each row inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderctl.edit import written

WIDTH = 100
"""A row that would be longer than this is written as a block."""


def document(data: Mapping[str, Any]) -> str:
    """Return the YAML text of a document, keys in the given order, LF, final newline."""
    return "".join(_entry(key, value, "") for key, value in data.items())


def _entry(key: str, value: Any, indent: str) -> str:
    head = f"{indent}{written(key)}:"
    if isinstance(value, Mapping) and value:
        inner = written(dict(value))
        if indent and len(head) + 1 + len(inner) <= WIDTH:
            return f"{head} {inner}\n"
        return f"{head}\n" + "".join(_entry(k, v, indent + "  ") for k, v in value.items())
    if isinstance(value, list | tuple) and value:
        inner = written(value)
        if not any(isinstance(v, Mapping | list | tuple) for v in value) and len(head) + 1 + len(inner) <= WIDTH:
            return f"{head} {inner}\n"
        return f"{head}\n" + "".join(_item(v, indent + "  ") for v in value)
    return f"{head} {written(value)}\n"


def _item(value: Any, indent: str) -> str:
    inner = written(value)
    if not isinstance(value, Mapping) or not value or len(indent) + 2 + len(inner) <= WIDTH:
        return f"{indent}- {inner}\n"
    block = "".join(_entry(k, v, indent + "  ") for k, v in value.items())
    return f"{indent}- {block.lstrip()}"
