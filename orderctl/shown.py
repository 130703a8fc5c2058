"""Findings as a user reads them: placed in their files, in one language. Data in, ``Shown`` out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from string import Formatter

from orderctl.codes.schema import UNKNOWN_FIELD
from orderctl.language import texts
from orderctl.load import MAX_BYTES
from orderctl.locate import Spot, spots
from orderctl.model import Finding, Scalar, Shown, pointer_of, pointer_parts
from orderctl.names import Names
from orderctl.rule import Code, Rule
from orderctl.terminal import in_place


def show(
    findings: Iterable[Finding],
    read: Callable[[str], bytes | None],
    sentence: Callable[[str], Rule | Code | None],
    language: str,
    page: Callable[[str], str] = lambda _rule: "",
    names: Names | None = None,
) -> tuple[Shown, ...]:
    """Return the findings sorted by place, in the same order in every language. ``read`` gives a file's bytes, ``page``
    the address of a rule's page, ``names`` what the sentences call persons, stages and roles (none: by their ids)."""
    files: dict[str, tuple[dict[str, Spot], list[str]]] = {}

    def file(path: str) -> tuple[dict[str, Spot], list[str]]:
        if path not in files:
            data = (read(path) if path else None) or b""
            files[path] = (spots(data), _rows(data))
        return files[path]

    found: list[tuple[tuple[str, int, int, str, str, str], Shown]] = []
    for f in findings:
        places, rows = file(f.path)
        line, column = (f.line, max(1, f.column)) if f.line else place(f.pointer, places, f.rule == UNKNOWN_FIELD.id)
        words = sentence(f.rule)
        said = names.params(f.params, language) if names else f.params
        shown = Shown(
            rule=f.rule,
            severity=f.severity,
            path=f.path,
            line=line,
            column=column if line else 0,
            field=f.pointer,
            message=(_filled(_of(words, language), said, language) or _bare(f)) + _waived(f, language),
            hint=_filled(_of(words, f"hint_{language}"), said, language),
            url=page(f.rule),
            source=in_place(rows[line - 1]) if 0 < line <= len(rows) else "",
            waived_by=f.waived_by,
        )
        params = repr(sorted((key, str(value)) for key, value in f.params.items()))
        found.append(((f.path, line, shown.column, f.rule, f.pointer, params), shown))
    return tuple(shown for _, shown in sorted(found, key=lambda pair: pair[0]))


def _rows(data: bytes) -> list[str]:
    """Return the lines that places count in: without BOM, CRLF and CR as LF; none of a file above the size limit."""
    if len(data) > MAX_BYTES:
        return []
    text = data.decode(errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def place(pointer: str, places: Mapping[str, Spot], named: bool = False) -> tuple[int, int]:
    """Return line and column (from 1) of the value, or of the nearest value around it; 0, 0 if the file has none.

    ``named``: of the field's name, since it is the name that is wrong.
    """
    parts = pointer_parts(pointer)
    while parts:
        spot = places.get(pointer_of(tuple(parts)))
        if spot is not None:
            empty = spot.scalar and (spot.line, spot.column) == (spot.end_line, spot.end_column)
            return (spot.key_line, spot.key_column) if empty or named else (spot.line, spot.column)
        parts.pop()
    return (1, 1) if places else (0, 0)


class _Lenient(dict[str, str]):
    """Fills what it can: a sentence with a place too many is still a sentence."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _filled(template: str, params: Mapping[str, Scalar], language: str) -> str:
    said = _Lenient((key, _said(value, language)) for key, value in params.items())
    if language != "zh" or " " not in template:
        return template.format_map(said)
    return "".join(_closed_up(template, said))


def _closed_up(template: str, said: Mapping[str, str]) -> Iterator[str]:
    """Yield a Chinese sentence in parts, without the spaces around Latin words and figures where a value is Chinese.

    What the values themselves hold stays as it is.
    """
    before = ""  # the last character said
    for literal, name, *_ in Formatter().parse(template):
        text = literal[1:] if literal[:1] == " " and _HAN.match(before) and _HAN.match(literal[1:2]) else literal
        if name is None:
            yield text
            return
        value = said[name]
        if text.endswith(" ") and _HAN.match(text[-2:-1] or before) and _HAN.match(value[:1]):
            text = text[:-1]
        yield text + value
        before = (text + value)[-1:] or before


_HAN = re.compile(r"[\u3001-\u3011\u4e00-\u9fff\uff01-\uff1f]")


def _said(value: Scalar, language: str) -> str:
    """Return a value in words: decimals as they are, truth as yes and no, nothing as a dash."""
    _ = texts(language).gettext
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "—" if value is None else str(value)


def _of(words: Rule | Code | None, name: str) -> str:
    return str(getattr(words, name)) if words is not None else ""


def _waived(finding: Finding, language: str) -> str:
    if not finding.waived_by:
        return ""
    return f"（由 {finding.waived_by} 豁免）" if language == "zh" else f" (waived by {finding.waived_by})"


def _bare(finding: Finding) -> str:
    params = ", ".join(f"{key}: {value}" for key, value in sorted(finding.params.items()))
    return f"{finding.rule} ({params})" if params else finding.rule
