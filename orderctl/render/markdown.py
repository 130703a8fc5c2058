"""A plugin's page in: plain structure out, so that templates write the tags and no text can bring its own.

A small subset: headings, paragraphs, lists one level deep, fenced code, inline code and bold. Anything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orderctl.docpage import page

_HEADING = re.compile(r"#{1,6} +(.+?)[ #]*")
_BULLET = re.compile(r" {0,3}(?:[-*]|(?P<n>\d{1,3})[.)]) +(?P<text>.*)")
_INLINE = re.compile(r"``(?P<long>.+?)``|`(?P<code>[^`]+)`|\*\*(?P<strong>\S(?:.*?\S)?)\*\*")

Block = Mapping[str, Any]


def prose(docstring: str) -> dict[str, list[Block]]:
    """Return a docstring's page in both languages: {"zh": blocks, "en": blocks}."""
    return {language: blocks(page(docstring, language)) for language in ("zh", "en")}


def blocks(text: str) -> list[Block]:
    """Return ``text`` as blocks. Each has a ``type``:

    heading and paragraph (``parts``), list (``ordered``, ``items``: parts each), code (``lines``).
    A part is {"text", "code": bool, "strong": bool}.
    """
    return list(_blocks(text.splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.startswith("```"):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("```")), len(lines))
            yield {"type": "code", "lines": list(lines[at + 1 : end])}
            at = end + 1
        elif found := _HEADING.fullmatch(line):
            yield {"type": "heading", "parts": _parts(found[1])}
            at += 1
        elif found := _BULLET.fullmatch(line):
            end = _end(lines, at, bullets=True)
            yield {"type": "list", "ordered": found["n"] is not None, "items": _items(lines[at:end])}
            at = end
        else:
            end = _end(lines, at, bullets=False)
            yield {"type": "paragraph", "parts": _parts(_joined(lines[at:end]))}
            at = end


def _end(lines: Sequence[str], start: int, *, bullets: bool) -> int:
    """Return where the paragraph or list that starts at ``start`` ends."""
    for n in range(start + 1, len(lines)):
        line = lines[n]
        starts_other = line.startswith("```") or _HEADING.fullmatch(line) or (not bullets and _BULLET.fullmatch(line))
        if not line.strip() or starts_other:
            return n
    return len(lines)


def _items(lines: Sequence[str]) -> list[list[dict[str, Any]]]:
    items: list[list[str]] = []
    for line in lines:
        if found := _BULLET.fullmatch(line):
            items.append([found["text"]])
        else:
            items[-1].append(line)
    return [_parts(_joined(item)) for item in items]


def _joined(lines: Sequence[str]) -> str:
    """Join wrapped lines: with a space, but not between two Chinese characters, where a space would show."""
    text = ""
    for line in (part.strip() for part in lines):
        gap = " " if text and line and not (_wide(text[-1]) and _wide(line[0])) else ""
        text += gap + line
    return text


def _wide(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uff60" or character in "“”‘’…—"


def _parts(text: str) -> list[dict[str, Any]]:
    parts, at = [], 0
    for found in _INLINE.finditer(text):
        parts += _plain(text[at : found.start()])
        code = found["long"] or found["code"]
        parts.append({"text": code or found["strong"], "code": code is not None, "strong": found["strong"] is not None})
        at = found.end()
    return parts + _plain(text[at:])


def _plain(text: str) -> list[dict[str, Any]]:
    return [{"text": text, "code": False, "strong": False}] if text else []
