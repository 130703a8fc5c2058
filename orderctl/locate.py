"""Where in a file a value stands: bytes in, JSON pointer → place out. Used only when a finding is shown or mended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from orderctl.load import MAX_BYTES, MAX_DEPTH


@dataclass(frozen=True, slots=True)
class Spot:
    """A value's place: line and column from 1, end exclusive. ``key_line``/``key_column`` are its field name's.

    A block mapping or list ends where it starts: the parser's mark stands behind the comments that follow it.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    key_line: int
    key_column: int
    scalar: bool


def spots(data: bytes) -> dict[str, Spot]:
    """Return the place of every value; of a file that breaks off, those before the break. Never raises."""
    found: dict[str, Spot] = {}
    if len(data) > MAX_BYTES:
        return found
    text = data.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    with suppress(YAMLError, UnicodeEncodeError):  # the load stage says what is wrong; the places until then do
        _walk(CParser(text.replace("\x00", "\ufffd")), found)
    return found


def _walk(parser: Any, found: dict[str, Spot]) -> None:
    stack: list[list[Any]] = []  # [pointer, next index (mapping: None), pending key, its mark, Spot if braced]
    while (event := parser.get_event()) is not None:
        kind = event.__class__
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            pointer, *_, own = stack.pop()
            if own is not None and found[pointer] is own:
                end = event.end_mark
                found[pointer] = replace(own, end_line=end.line + 1, end_column=end.column + 1)
            continue
        if kind not in (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent):
            continue
        top = stack[-1] if stack else None
        if top is not None and top[1] is None and top[2] is None:
            if kind is not ScalarEvent:
                return
            top[2] = str(event.value).replace("~", "~0").replace("/", "~1")
            top[3] = event.start_mark
            continue
        pointer, key_mark = "", event.start_mark
        if top is not None:
            if top[1] is None:
                pointer, key_mark = f"{top[0]}/{top[2]}", top[3]
                top[2] = None
            else:
                pointer = f"{top[0]}/{top[1]}"
                top[1] += 1
        start, end = event.start_mark, event.end_mark
        found.setdefault(
            pointer,
            Spot(
                start.line + 1,
                start.column + 1,
                end.line + 1,
                end.column + 1,
                key_mark.line + 1,
                key_mark.column + 1,
                kind is ScalarEvent,
            ),
        )
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            if len(stack) >= MAX_DEPTH:
                return
            own = found[pointer] if event.flow_style else None
            stack.append([pointer, None if kind is MappingStartEvent else 0, None, None, own])
