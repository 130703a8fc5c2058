"""For scripts: ``{"findings": […], "counts": {…}, "documents": N}``. The fields are stable."""

from __future__ import annotations

import json

from orderctl.model import Report, Severity
from orderctl.report import clean


def render(report: Report) -> str:
    """Return the report as JSON, UTF-8. ``line`` and ``column`` count from 1; 0 means the whole file."""
    report = clean(report)
    findings = [
        {
            "rule": s.rule,
            "severity": s.severity.value,
            "path": s.path,
            "line": s.line,
            "column": s.column,
            "field": s.field,
            "message": s.message,
            "hint": s.hint,
            "url": s.url,
            "waived_by": s.waived_by,
        }
        for s in report.shown
    ]
    counts = {severity.value: report.count(severity) for severity in Severity}
    whole = {"findings": findings, "counts": counts, "documents": report.documents}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
