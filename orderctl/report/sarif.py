"""For code scanning: SARIF 2.1.0 (OASIS standard), one run, every rule that found something with its help."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from orderctl.language import texts
from orderctl.model import Report, Severity, Shown
from orderctl.report import clean

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> str:
    """Return the log. Columns count code points; paths are relative to the workspace, percent-encoded."""
    report = clean(report)
    rules = sorted({s.rule: s for s in reversed(report.shown)}.values(), key=lambda s: s.rule)
    index = {s.rule: i for i, s in enumerate(rules)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {
                "name": "orderctl",
                "version": version("orderctl"),
                "rules": [_rule(s, report.language) for s in rules],
            }
        },
        "language": {"zh": "zh-CN", "en": "en-US"}[report.language],
        "columnKind": "unicodeCodePoints",
        "results": [_result(s, index[s.rule], seen) for s in report.shown],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(shown: Shown, language: str) -> dict[str, Any]:
    _ = texts(language).gettext
    help_text = _("Run “orderctl explain {rule}” for the rule's page with examples.").format(rule=shown.rule)
    rule: dict[str, Any] = {
        "id": shown.rule,
        "shortDescription": {"text": shown.rule.replace("-", " ").replace(".", ": ").replace("_", " ")},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVEL[shown.severity]},
    }
    if shown.url.startswith(("https://", "http://")):
        rule["helpUri"] = shown.url
    return rule


def _result(shown: Shown, index: int, seen: Counter[str]) -> dict[str, Any]:
    key = "\0".join((shown.rule, shown.path, shown.field))
    seen[key] += 1
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": shown.field or "/"}]}
    if shown.path:
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(shown.path)}}
        if shown.line:
            location["physicalLocation"]["region"] = {"startLine": shown.line, "startColumn": max(1, shown.column)}
    result: dict[str, Any] = {
        "ruleId": shown.rule,
        "ruleIndex": index,
        "level": _LEVEL[shown.severity],
        "message": {"text": shown.message + (f" → {shown.hint}" if shown.hint else "")},
        "locations": [location],
        "partialFingerprints": {"orderctl/v1": hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest()},
    }
    if shown.waived_by:
        result["suppressions"] = [{"kind": "external", "justification": shown.waived_by}]
    return result
