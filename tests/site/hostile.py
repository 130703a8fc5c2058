"""Documents whose every free text carries markup. Which texts are free is what the schemas say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CANARY = """"'><img src=x onerror=boom()></title></script><svg onload=boom()>{{7*7}}{% raise %}--> ]]>"""
SHORT = """"><img src=x onerror=boom()>"""
"""For texts too short for all of it."""
BOUND = frozenset(("pattern", "format", "enum", "const"))


def poison(workspace: Path, schemas: Path) -> None:
    """Append the canary to every text of every document that no pattern, format or list of values binds."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    types = json.loads((schemas / "_types.schema.json").read_text("utf-8"))["$defs"]
    for file in sorted(workspace.rglob("*.yaml")):
        data = yaml.load(file)
        schema = json.loads((schemas / f"{data['schema'].split('/')[0]}.schema.json").read_text("utf-8"))
        _poison(data, schema, types)
        yaml.dump(data, file)


def _poison(value: Any, schema: Mapping[str, Any], types: Mapping[str, Any]) -> Any:
    reference = str(schema.get("$ref", ""))
    if reference:
        schema = {**types[reference.rpartition("/")[2]], **schema}
    if isinstance(value, dict):
        for key, inner in schema.get("properties", {}).items():
            if key in value:
                value[key] = _poison(value[key], inner, types)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            value[n] = _poison(item, schema.get("items", {}), types)
    elif isinstance(value, str) and schema.get("type") == "string" and not BOUND & set(schema):
        room = schema.get("maxLength", 10_000) - len(value)
        return value + next((c for c in (CANARY, SHORT) if len(c) <= room), "")
    return value
