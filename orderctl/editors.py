"""What a code editor needs: a kind's whole schema in one file and the setting that says which files it is for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FOLDER = ".orderctl/schemas"
"""Derived, so below the folder that Git ignores: ``orderctl schemas write`` makes it anew."""


def standalone(schema: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return an effective schema without orderctl's own words, its titles and descriptions in one language."""
    plain: dict[str, Any] = _plain(schema, language)
    return plain


def _plain(node: Any, language: str) -> Any:
    if isinstance(node, list | tuple):
        return [_plain(n, language) for n in node]
    if not isinstance(node, Mapping):
        return node
    result = {key: _plain(value, language) for key, value in node.items() if not key.startswith("x-")}
    if language == "zh":
        for key in ("title", "description"):
            if isinstance(node.get(f"x-{key}-zh"), str):
                result[key] = node[f"x-{key}-zh"]
    return result


def glob_of(template: str) -> str:
    """Return the glob of a path template: every ``{variable}`` becomes ``*``."""
    return re.sub(r"\{[^}]*\}", "*", template)


def settings(existing: str, kinds: Iterable[tuple[str, Sequence[str]]]) -> str | None:
    """Return ``.vscode/settings.json`` with the schemas of ``kinds`` (name, path templates) in it; the rest stays.

    None if the existing text is not plain JSON (it may hold comments, which would be lost).
    """
    try:
        values = json.loads(existing) if existing.strip() else {}
    except ValueError:
        return None
    if not isinstance(values, dict) or not isinstance(values.get("yaml.schemas", {}), dict):
        return None
    ours = {
        f"./{FOLDER}/{name}.schema.json": [*map(glob_of, paths)] if paths[1:] else glob_of(paths[0])
        for name, paths in kinds
    }
    others = {k: v for k, v in values.get("yaml.schemas", {}).items() if not k.startswith(f"./{FOLDER}/")}
    values["yaml.schemas"] = others | ours
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
