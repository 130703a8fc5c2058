"""Bytes in; plain values and findings out. Total: any bytes give a value or a finding, never an exception.

One pass over the C parser's events gives values, guards and findings at once (YAML 1.2 core types on the JSON
data model, docs/numbers-and-text.md). Events are iterative, so that no nesting can exhaust the stack.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from orderctl.codes import text as codes
from orderctl.load_slips import plain_type, syntax_finding
from orderctl.model import Finding, Mend

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 32
MAX_SCALAR = 10_000
MAX_DIGITS = 18
MAX_FINDINGS = 5_000

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
# C0 except tab and LF, C1, zero-width, line and paragraph separators, bidi controls, BOM, surrogates, non-characters.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_WORDS = frozenset({"true", "false", "null", "True", "TRUE", "False", "FALSE", "Null", "NULL"})
_SHORT = 200
_EXPECT_KEY = object()
_SKIP = object()


def load(path: str, data: bytes) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return the document's value (plain dict, list, str, int, Decimal, bool, None) and the findings.

    The value is None when the document can't be read without doubt; then there is at least one finding.
    """
    text, findings = decode(path, data)
    if text is None:
        return None, findings
    value = _Pass(path, text, findings).run()
    if len(findings) > MAX_FINDINGS:
        del findings[MAX_FINDINGS:]
        findings.append(codes.LIMIT_FINDINGS.at(path, line=1, column=1, limit=MAX_FINDINGS))
    return (None if findings else value), findings


def decode(path: str, data: bytes) -> tuple[str | None, list[Finding]]:
    """Return the text, or None if it can't be read further, and what is wrong with it as text."""
    if len(data) > MAX_BYTES:
        return None, [codes.LIMIT_SIZE.at(path, line=1, column=1, size=len(data), limit=MAX_BYTES)]
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        return None, [codes.TEXT_ENCODING.at(path, line=line, column=column, offset=error.start)]
    findings: list[Finding] = []
    if text.startswith("\ufeff"):
        findings.append(codes.TEXT_BOM.at(path, line=1, column=1, mend=Mend("bom", "")))
        text = text[1:]
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        findings.append(codes.TEXT_NEWLINE.at(path, line=line, column=1, mend=Mend("newlines", "")))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    fatal = len(findings)
    for number, match in enumerate(FORBIDDEN.finditer(text)):
        if number == MAX_FINDINGS:
            break
        line, column = _place(text, match.start())
        findings.append(codes.TEXT_INVALID.at(path, line=line, column=column, char=f"U+{ord(match[0]):04X}"))
    if len(findings) > fatal:
        return None, findings
    if not unicodedata.is_normalized("NFC", text):
        line, column = next(
            (n, 1) for n, row in enumerate(text.split("\n"), 1) if not unicodedata.is_normalized("NFC", row)
        )
        findings.append(codes.TEXT_NFC.at(path, line=line, column=column, mend=Mend("nfc", "")))
    return text, findings


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Pass:
    """One run over the events of one text."""

    def __init__(self, path: str, text: str, findings: list[Finding]) -> None:
        self.path = path
        self.text = text
        self.findings = findings

    def run(self) -> dict[str, Any] | None:
        try:
            return self._events()
        except YAMLError as error:
            self.findings.append(syntax_finding(self.path, self.text, error))
        except UnicodeEncodeError:  # a lone surrogate written as an escape
            self.findings.append(codes.YAML_SYNTAX.at(self.path, line=1, column=1))
        return None

    def _add(self, code: Any, event: Any, **params: Any) -> None:
        mark = event.start_mark
        self.findings.append(code.at(self.path, line=mark.line + 1, column=mark.column + 1, **params))

    def _events(self) -> dict[str, Any] | None:  # noqa: PLR0912, PLR0915  one loop is what makes it fast
        get: Callable[[], Any] = CParser(self.text).get_event
        root: list[Any] = []
        stack: list[tuple[Any, Any]] = []
        container: Any = root
        key: Any = None  # of a dict: the pending key, or _EXPECT_KEY; of a list: None
        first_lines: list[dict[str, int]] = []
        seen: dict[str, int] = {}
        nodes = documents = 0
        while (event := get()) is not None:
            kind = event.__class__
            if kind is ScalarEvent:
                nodes += 1
                value = event.value
                # Field names and Chinese or English words, which nearly all scalars are, need no closer look.
                if (
                    not value.isidentifier()
                    or value in _WORDS
                    or event.anchor
                    or event.tag
                    or not event.implicit[0]
                    or len(value) > _SHORT
                    or value[0] >= "\uff10"
                ):
                    value = self._scalar(event, key is _EXPECT_KEY)
                if key is _EXPECT_KEY:
                    if value in seen:
                        self._add(codes.YAML_DUPLICATE_KEY, event, key=_short(value), first=seen[value])
                        key = _SKIP
                    else:
                        seen[value] = event.start_mark.line + 1
                        key = value
                    continue
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                nodes += 1
                if key is _EXPECT_KEY:
                    self._add(codes.YAML_KEY, event, key="[…]" if kind is SequenceStartEvent else "{…}")
                    return None
                if event.anchor or event.tag:
                    self._node_guard(event)
                if len(stack) >= MAX_DEPTH:
                    self._add(codes.LIMIT_DEPTH, event, limit=MAX_DEPTH)
                    return None
                stack.append((container, key))
                first_lines.append(seen)
                if kind is MappingStartEvent:
                    container, key, seen = {}, _EXPECT_KEY, {}
                else:
                    container, key = [], None
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                container, key = stack.pop()
                seen = first_lines.pop()
            elif kind is AliasEvent:
                self._add(codes.YAML_ALIAS, event, name=_short("*" + event.anchor))
                value = None
                if key is _EXPECT_KEY:
                    key = _SKIP
                    continue
            else:
                if kind is DocumentStartEvent:
                    documents += 1
                    if documents > 1 or event.version or event.tags:
                        self._add(codes.YAML_DOCUMENTS, event)
                        return None
                continue
            if key is None:
                container.append(value)
            else:
                if key is not _SKIP:
                    container[key] = value
                key = _EXPECT_KEY
            if nodes > MAX_NODES:
                self._add(codes.LIMIT_NODES, event, limit=MAX_NODES)
                return None
            if len(self.findings) > MAX_FINDINGS:
                return None
        if len(root) != 1 or not isinstance(root[0], dict):
            if not self.findings:
                self.findings.append(codes.YAML_DOCUMENTS.at(self.path, line=1, column=1))
            return None
        return root[0]

    def _node_guard(self, event: Any) -> None:
        if event.anchor:
            self._add(codes.YAML_ALIAS, event, name=_short("&" + event.anchor))
        if event.tag:
            self._add(codes.YAML_TAG, event, tag=_short(event.tag))

    def _scalar(self, event: Any, is_key: bool) -> Any:  # noqa: PLR0912  runs for every value: no calls to spare
        value = event.value
        if event.anchor or event.tag:
            self._node_guard(event)
            return value
        if len(value) > MAX_SCALAR // 4 and (size := len(value.encode())) > MAX_SCALAR:
            self._add(codes.LIMIT_SCALAR, event, size=size, limit=MAX_SCALAR)
        if not event.implicit[0]:  # quoted or block text
            if event.style == '"' and (bad := FORBIDDEN.search(value)):
                self._add(codes.TEXT_INVALID, event, char=f"U+{ord(bad[0]):04X}")
            elif event.style == '"' and not unicodedata.is_normalized("NFC", value):
                self._add(codes.TEXT_NFC, event)
            return value
        if is_key:
            if value == "<<":
                self._add(codes.YAML_MERGE, event)
            elif value in _CONSTANTS or NUMBER.fullmatch(value):
                self._add(codes.YAML_KEY, event, key=value)
            elif "\u3000" in value:
                narrow = self._replace(event, value.replace("\u3000", "  "))
                self._add(codes.YAML_FULL_WIDTH, event, mend=narrow, found="U+3000", expected="␠␠")
            return value
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        if value[0] in "0123456789-":
            number = NUMBER.fullmatch(value)
            if number:
                if len(value) > MAX_DIGITS and (digits := sum(c.isdigit() for c in value)) > MAX_DIGITS:
                    self._add(
                        codes.LIMIT_NUMBER,
                        event,
                        digits=digits,
                        limit=MAX_DIGITS,
                        mend=self._replace(event, f'"{value}"'),
                    )
                return Decimal(value) if number[1] else int(value)
        slip = plain_type(value)
        if slip is not None:
            code, params, replacement = slip
            self._add(code, event, mend=self._replace(event, replacement) if replacement else None, **params)
        return value

    def _replace(self, event: Any, text: str) -> Mend:
        """Return the mend that replaces the event's source text."""
        lines = self.text.split("\n")
        start, end = event.start_mark, event.end_mark
        prefix = sum(len(row.encode()) + 1 for row in lines[: start.line])
        first = prefix + len(lines[start.line][: start.column].encode())
        last = (
            sum(len(row.encode()) + 1 for row in lines[: end.line]) + len(lines[end.line][: end.column].encode())
            if end.line < len(lines)
            else len(self.text.encode())
        )
        return Mend("text", text, start=first, end=last)


def _short(value: str, limit: int = 60) -> str:
    return value if len(value) <= limit else value[:limit] + "…"
