"""Examples as the tests read them: YAML blocks merged over ``tests/data/base``, with marked lines.

A block's first line is ``# <path>``; the block is merged over that file of the base (maps deeply, lists whole, ``null``
deletes the key or the file). A comment such as ``# error: line-amount-wrong`` marks the line of a finding.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from orderctl.model import pointer_of, pointer_parts

BASE = Path(__file__).parent.parent / "data" / "base"
MARK = re.compile(r"#\s*(error|warning|info): ([a-z0-9-]+)\s*$")
FENCED = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?")


class Block:
    """One YAML block: the path it is merged over, its value, the line of every pointer, the marked lines."""

    def __init__(self, text: str) -> None:
        lines = text.strip("\n").split("\n")
        named = re.fullmatch(r"# (\S+\.yaml)", lines[0])
        assert named, f"a block starts with '# <path>', not {lines[0]!r}"
        self.path = named[1]
        self.lines: dict[str, int] = {}
        node = yaml.compose("\n".join(lines), Loader=yaml.SafeLoader)
        self.value: Any = self._read(node, []) if node else None
        self.marks = {(n, m[2], m[1]) for n, line in enumerate(lines) if (m := MARK.search(line))}

    def _read(self, node: yaml.Node, at: list[object]) -> Any:
        self.lines.setdefault(pointer_of(at), node.start_mark.line)
        if isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                self.lines[pointer_of([*at, key.value])] = key.start_mark.line
            return {key.value: self._read(value, [*at, key.value]) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [self._read(value, [*at, n]) for n, value in enumerate(node.value)]
        return scalar(node)

    def line(self, pointer: str) -> int:
        """Return the block's line of ``pointer``, or of the nearest thing around it."""
        parts = pointer_parts(pointer)
        while parts and pointer_of(tuple(parts)) not in self.lines:
            parts.pop()
        return self.lines.get(pointer_of(tuple(parts)), 0)


def scalar(node: Any) -> Any:
    """Return the value of a scalar node: YAML 1.2 core types, Decimal for a number with a point."""
    if node.style is not None:
        return node.value
    if node.value in ("", "null", "true", "false"):
        return {"true": True, "false": False}.get(node.value)
    number = NUMBER.fullmatch(node.value)
    return node.value if not number else Decimal(node.value) if number[1] else int(node.value)


def merged(base: Any, patch: Any) -> Any:
    """Return ``base`` with ``patch`` merged in: maps deeply, anything else whole; null deletes."""
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    both = {**base, **{key: merged(base.get(key), value) for key, value in patch.items()}}
    return {key: value for key, value in both.items() if value is not None}


def written(value: Any) -> str:
    """Return ``value`` as YAML in flow style, decimals digit for digit."""
    if isinstance(value, dict):
        return "{" + ",\n".join(f"{json.dumps(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(v) for v in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def value_of(file: Path) -> Any:
    """Return what is in a YAML file of the base."""
    return Block(f"# {file.name}\n{file.read_text('utf-8')}").value


def sections(page: str) -> dict[str, str]:
    """Split a docstring at its ``##`` headings; the summary has the heading ""."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def blocks_of(section: str) -> list[Block]:
    """Return the YAML blocks of one section of a page."""
    return [block for text in FENCED.findall(section) for block in split(text)]


def split(text: str) -> list[Block]:
    """Return the blocks of a text that lines of ``---`` separate."""
    return [Block(part) for part in re.split(r"^---\n", text, flags=re.MULTILINE)]
