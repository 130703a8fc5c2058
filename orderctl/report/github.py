"""For GitHub Actions: workflow commands that annotate the lines of a pull request.

GitHub shows at most ten annotations of a step, so errors come first and the rest is one plain line.
Escapes: docs.github.com, "Workflow commands" (%, CR, LF everywhere; : and , in properties too).
"""

from __future__ import annotations

from orderctl.language import texts
from orderctl.model import Report, Severity, Shown
from orderctl.report import clean, summary

MOST = 10
_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_ORDER = list(Severity)


def render(report: Report) -> str:
    """Return at most ten annotations, then a line for what was left out and the sum."""
    report = clean(report)
    ranked = sorted(report.shown, key=lambda s: _ORDER.index(s.severity))
    lines = [_annotation(s) for s in ranked[:MOST]]
    if left := max(0, len(ranked) - MOST):
        ngettext = texts(report.language).ngettext
        lines.append(ngettext("{n} more finding", "{n} more findings", left).format(n=left))
    return "\n".join([*lines, summary(report)]) + "\n"


def _annotation(shown: Shown) -> str:
    properties = {"title": shown.rule}
    if shown.path:
        properties = {
            "file": shown.path,
            "line": f"{max(1, shown.line)}",
            "col": f"{max(1, shown.column)}",
        } | properties
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = shown.message + (f" → {shown.hint}" if shown.hint else "")
    return f"::{_COMMAND[shown.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
