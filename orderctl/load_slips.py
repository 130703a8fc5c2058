"""What people and input methods type by mistake: a scalar or a parser's complaint in, the right finding out."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from orderctl.codes import text as codes
from orderctl.model import Finding, Mend
from orderctl.rule import Code

# Plain text that YAML 1.1 or 1.2 tools read as a number, a time in base 60, a truth value or nothing.
_ODD = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[oO][0-7_]+|[-+]?0[bB][01_]+"
    r"|[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|True|TRUE|False|FALSE|Null|NULL|~",
    re.ASCII,
)
_FULL_WIDTH_NUMBER = re.compile(r"[0-9０-９．，,.－-]*[０-９][0-9０-９．，,.－-]*")
_FULL_WIDTH_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*：")
_KEY_LINE = re.compile(r"[ \u3000]*(?:- +)?(?:[A-Za-z_][A-Za-z0-9_]*|[\u4e00-\u9fff]{1,10})(：)")
_BARE_KEY = re.compile(r"\s*(?:- +)?[A-Za-z_][A-Za-z0-9_]*\s*")
_WHOLE = re.compile(r"\s*(?:- +)?[A-Za-z_][A-Za-z0-9_]*: +\S.*")
_WORDS = {"true": "true", "false": "false", "null": "null", "~": "null"}


def plain_type(value: str) -> tuple[Code, dict[str, str], str] | None:
    """Return the code, its params and the replacement text for a plain scalar that is not what it looks like."""
    if _ODD.fullmatch(value):
        expected = _WORDS.get(value.lower(), f'"{value}"')
        shown = expected if expected[0] != '"' else _number_or_text(value, expected)
        return codes.YAML_TYPE, {"text": value, "expected": shown}, expected
    if value.isascii():
        return None
    if _FULL_WIDTH_NUMBER.fullmatch(value):
        narrow = unicodedata.normalize("NFKC", value).replace(",", "")
        wide = next(c for c in value if ord(c) > 0x7F)
        return codes.YAML_FULL_WIDTH, {"found": wide, "expected": narrow}, narrow
    if match := _FULL_WIDTH_KEY.match(value):
        narrow = match[0][:-1] + ": " + value[match.end() :].lstrip()
        return codes.YAML_FULL_WIDTH, {"found": "：", "expected": ": "}, narrow
    return None


def _number_or_text(value: str, quoted: str) -> str:
    """Return both readings of an odd number, so that the writer picks: 12 or "0012"."""
    plain = value.lstrip("+")
    if re.fullmatch(r"0+[0-9]+", plain):
        return f"{int(plain)} / {quoted}"
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", plain):
        return f"{plain} / {quoted}"
    if re.fullmatch(r"[0-9_]+", plain):
        return f"{plain.replace('_', '')} / {quoted}"
    if re.fullmatch(r"\.[0-9]+", plain):
        return f"0{plain} / {quoted}"
    return quoted


def syntax_finding(path: str, text: str, error: Any) -> Finding:
    """Return the finding for a parser's or scanner's complaint, by its likely cause."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = str(getattr(error, "problem", "") or "")
    lines = text.split("\n")
    for number in range(min(line, len(lines)), max(0, line - 3), -1):
        row = lines[number - 1]
        if match := _KEY_LINE.match(row):
            at = match.start(1)
            return codes.YAML_FULL_WIDTH.at(
                path,
                line=number,
                column=at + 1,
                mend=_in_line(lines, number, at, at + 1 + (row[at + 1 : at + 2] == " "), ": "),
                found="：",
                expected=": ",
            )
        indent = row[: len(row) - len(row.lstrip())]
        for char, code, new in (("\t", codes.YAML_TAB, "  "), ("\u3000", codes.YAML_FULL_WIDTH, "  ")):
            if char in indent:
                at = indent.index(char)
                params = {"found": "U+3000", "expected": "␠␠"} if code is codes.YAML_FULL_WIDTH else {}
                return code.at(
                    path, line=number, column=at + 1, mend=_in_line(lines, number, at, at + 1, new), **params
                )
    if "mapping values are not allowed" in problem or "expected ':'" in problem:
        above, below = (lines[line - 2], lines[line - 1]) if 1 < line <= len(lines) else ("", "")
        if _BARE_KEY.fullmatch(above):  # the line above is a field without its colon
            return codes.YAML_COLON.at(path, line=line - 1, column=len(above.rstrip()) + 1)
        depth = len(below) - len(below.lstrip())
        if depth > len(above) - len(above.lstrip(" -")) and _WHOLE.fullmatch(above):  # it has its value already
            return codes.YAML_INDENT.at(path, line=line, column=depth + 1)
        return codes.YAML_COLON.at(path, line=min(line, len(lines)), column=column)
    ended = mark is not None and mark.line >= text.rstrip().count("\n") + 1
    if "end of stream" in problem or "',' or" in problem or (ended and "node content" in problem):
        return codes.YAML_UNCLOSED.at(path, line=min(line, len(lines)), column=column)
    if "expected key" in problem or "expected '-' indicator" in problem or "<block end>" in problem:
        return codes.YAML_INDENT.at(path, line=min(line, len(lines)), column=column)
    if "multiple documents" in problem or "<document start>" in problem:
        return codes.YAML_DOCUMENTS.at(path, line=min(line, len(lines)), column=column)
    return codes.YAML_SYNTAX.at(path, line=min(line, len(lines)), column=column)


def _in_line(lines: list[str], number: int, start: int, end: int, new: str) -> Mend:
    prefix = sum(len(row.encode()) + 1 for row in lines[: number - 1])
    row = lines[number - 1]
    return Mend("text", new, start=prefix + len(row[:start].encode()), end=prefix + len(row[:end].encode()))
