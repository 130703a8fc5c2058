"""Findings as a user reads them: placed in their files, in one language. Data in, ``Shown`` out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from orderctl.language import texts
from orderctl.load import MAX_BYTES
from orderctl.locate import Spot, spots
from orderctl.model import Finding, Scalar, Shown, pointer_of, pointer_parts
from orderctl.rule import Code, Rule
from orderctl.terminal import in_place


def show(
    findings: Iterable[Finding],
    read: Callable[[str], bytes | None],
    sentence: Callable[[str], Rule | Code | None],
    language: str,
    page: Callable[[str], str] = lambda _rule: "",
) -> tuple[Shown, ...]:
    """Return the findings sorted by place. ``read`` gives a file's bytes, ``page`` the address of a rule's page."""
    files: dict[str, tuple[dict[str, Spot], list[str]]] = {}

    def file(path: str) -> tuple[dict[str, Spot], list[str]]:
        if path not in files:
            data = (read(path) if path else None) or b""
            files[path] = (spots(data), _rows(data))
        return files[path]

    found = []
    for f in findings:
        places, rows = file(f.path)
        line, column = (f.line, max(1, f.column)) if f.line else place(f.pointer, places)
        words = sentence(f.rule)
        found.append(
            Shown(
                rule=f.rule,
                severity=f.severity,
                path=f.path,
                line=line,
                column=column if line else 0,
                field=f.pointer,
                message=_filled(_of(words, language), f.params, language) or _bare(f),
                hint=_filled(_of(words, f"hint_{language}"), f.params, language),
                url=page(f.rule),
                source=in_place(rows[line - 1]) if 0 < line <= len(rows) else "",
            )
        )
    return tuple(sorted(found, key=lambda s: (s.path, s.line, s.column, s.rule, s.field, s.message)))


def _rows(data: bytes) -> list[str]:
    """Return the lines that places count in: without BOM, CRLF and CR as LF; none of a file above the size limit."""
    if len(data) > MAX_BYTES:
        return []
    text = data.decode(errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def place(pointer: str, places: Mapping[str, Spot]) -> tuple[int, int]:
    """Return line and column (from 1) of the value, or of the nearest value around it; 0, 0 if the file has none."""
    parts = pointer_parts(pointer)
    while parts:
        spot = places.get(pointer_of(tuple(parts)))
        if spot is not None:
            empty = spot.scalar and (spot.line, spot.column) == (spot.end_line, spot.end_column)
            return (spot.key_line, spot.key_column) if empty else (spot.line, spot.column)
        parts.pop()
    return (1, 1) if places else (0, 0)


class _Lenient(dict[str, str]):
    """Fills what it can: a sentence with a place too many is still a sentence."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _filled(template: str, params: Mapping[str, Scalar], language: str) -> str:
    return template.format_map(_Lenient((key, _said(value, language)) for key, value in params.items()))


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


def _bare(finding: Finding) -> str:
    params = ", ".join(f"{key}: {value}" for key, value in sorted(finding.params.items()))
    return f"{finding.rule} ({params})" if params else finding.rule
