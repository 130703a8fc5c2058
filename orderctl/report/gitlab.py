"""For GitLab: a Code Quality report. docs.gitlab.com/ci/testing/code_quality, "Code Quality report format"."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from orderctl.model import Report, Severity
from orderctl.report import clean

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report) -> str:
    """Return the JSON list. A fingerprint is unique, and stays when lines move or the language changes."""
    seen: Counter[str] = Counter()
    issues = []
    for s in clean(report).shown:
        key = "\0".join((s.rule, s.path, s.field))
        seen[key] += 1
        issues.append(
            {
                "description": s.message + (f" → {s.hint}" if s.hint else ""),
                "check_name": s.rule,
                "fingerprint": hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest(),
                "severity": _SEVERITY[s.severity],
                "location": {"path": s.path or ".", "lines": {"begin": max(1, s.line)}},
            }
        )
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"
