"""For grep and editors: ``path:line:column: severity rule message``, one a line; severities are English words."""

from __future__ import annotations

from orderctl.model import Report
from orderctl.report import clean


def render(report: Report) -> str:
    """Return one line a finding; nothing when there is none. A finding about a whole file stands at 1:1."""
    return "".join(
        f"{s.path or '.'}:{max(1, s.line)}:{max(1, s.column)}: {s.severity} {s.rule} {s.message}\n"
        for s in clean(report).shown
    )
