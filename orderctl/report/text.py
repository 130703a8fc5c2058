"""For people: each finding with its place, a code frame, what to type instead and where to read more; then a sum."""

from __future__ import annotations

from orderctl.language import texts
from orderctl.model import Report, Severity, Shown
from orderctl.report import clean, severity_name, summary
from orderctl.terminal import window

CELLS = 96
"""Widest code frame, in terminal cells: longer lines are cut around the caret."""
_COLOUR = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def render(report: Report, *, colour: bool = False) -> str:
    """Return the report as text. ``colour`` adds ANSI colours: for a terminal, never for a file."""
    report = clean(report)
    blocks = [_block(s, report.language, colour) for s in report.shown]
    return "".join(block + "\n" for block in blocks) + summary(report) + "\n"


def _block(shown: Shown, language: str, colour: bool) -> str:
    _ = texts(language).gettext

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    severity = paint(severity_name(shown.severity, language), "1;" + _COLOUR[shown.severity])
    place = f"{shown.path}:{shown.line}:{shown.column}" if shown.path and shown.line else shown.path
    head = (paint(place + ":", "1") if place else "", severity, f"[{shown.rule}]", shown.message)
    lines = [" ".join(part for part in head if part)]
    if shown.line and shown.source:
        source, at = window(shown.source, shown.column, CELLS)
        number = str(shown.line)
        lines.append(f"  {paint(f'{number} |', '34')} {source}")
        lines.append(f"  {paint(' ' * len(number) + ' |', '34')} {' ' * at}{paint('^', _COLOUR[shown.severity])}")
    if shown.hint:
        lines.append(f"  → {shown.hint}")
    lines.append("  " + paint(_("more: {command}").format(command=f"orderctl explain {shown.rule}"), "2"))
    return "\n".join(lines) + "\n"
