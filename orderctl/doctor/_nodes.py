"""YAML that others' programs read, with places: nodes, in which whatever is missing is empty. Nothing is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LIMIT = 256 * 1024
"""Bytes of one file."""
DEEPEST = 64


class Unreadable(Exception):
    """The file can't be read; ``line`` from 1."""

    def __init__(self, problem: str, line: int = 1) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True, eq=False)
class Node:
    """A scalar, list or mapping and where it stands (line and column from 1). ``block``: text below its key's line."""

    line: int
    column: int
    text: str = ""
    entries: tuple[tuple[str, Node], ...] = ()
    members: tuple[Node, ...] = ()
    block: bool = False

    def items(self) -> tuple[tuple[str, Node], ...]:
        """Return the entries of a mapping."""
        return self.entries

    def list(self) -> tuple[Node, ...]:
        """Return the members of a list."""
        return self.members

    def has(self, key: str) -> bool:
        """Tell whether a mapping has this key."""
        return any(name == key for name, _ in self.entries)

    def get(self, key: str) -> Node:
        """Return the value of a mapping's key; an empty node here if there is none."""
        return next((node for name, node in self.entries if name == key), Node(self.line, self.column))

    def at(self, offset: int) -> Node:
        """Return the place of a character of the text."""
        lines = self.text.count("\n", 0, offset) + (1 if self.block else 0)
        return Node(self.line + lines, self.column if not lines else 1)


def read_nodes(data: bytes) -> Node:
    """Return a file's one document. Raises Unreadable for anything that isn't plain, small YAML."""
    import yaml

    if len(data) > LIMIT:
        raise Unreadable(f"more than {LIMIT} bytes")
    try:
        text = data.decode()
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:  # composing is recursive, in C
                raise Unreadable("too deep", _line(event))
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise Unreadable("anchor", _line(event))
        composed: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark: Any = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or type(error).__name__
        raise Unreadable(str(problem), mark.line + 1 if mark else 1) from None
    return Node(1, 1) if composed is None else _node(composed)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _node(found: Any) -> Node:
    import yaml

    line, column = found.start_mark.line + 1, found.start_mark.column + 1
    if isinstance(found, yaml.ScalarNode):
        return Node(line, column, text=found.value, block=found.style in ("|", ">"))
    if isinstance(found, yaml.SequenceNode):
        return Node(line, column, members=tuple(_node(each) for each in found.value))
    entries = [(str(key.value), _node(value)) for key, value in found.value]
    if len({name for name, _ in entries}) != len(entries):
        raise Unreadable("a key appears twice", line)
    return Node(line, column, entries=tuple(entries))
