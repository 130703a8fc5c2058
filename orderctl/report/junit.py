"""For test reports: JUnit XML, one suite a file, one case a finding. Errors fail; warnings and notes are output."""

from __future__ import annotations

from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from orderctl.model import Report, Severity, Shown
from orderctl.report import clean, severity_name, summary


def render(report: Report) -> str:
    """Return the XML. Without findings it holds one passing case, so that no reader takes it for an empty run."""
    report = clean(report)
    suites = [(path or ".", list(group)) for path, group in groupby(report.shown, key=lambda s: s.path)]
    tests, failures = max(1, len(report.shown)), report.count(Severity.ERROR)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="orderctl" tests="{tests}" failures="{failures}" errors="0">',
    ]
    if not suites:
        lines += [
            '  <testsuite name="orderctl" tests="1" failures="0" errors="0">',
            f'    <testcase classname="orderctl" name={quoteattr(summary(report))}/>',
            "  </testsuite>",
        ]
    for path, found in suites:
        failed = sum(s.severity is Severity.ERROR for s in found)
        lines.append(f'  <testsuite name={quoteattr(path)} tests="{len(found)}" failures="{failed}" errors="0">')
        lines += [line for s in found for line in _case(s, path, report.language)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _case(shown: Shown, path: str, language: str) -> list[str]:
    place = f"{path}:{shown.line}:{shown.column}" if shown.line else path
    detail = f"{place}: {severity_name(shown.severity, language)}: {shown.message}"
    detail = escape(detail + (f"\n→ {shown.hint}" if shown.hint else ""))
    file, rule = quoteattr(path), quoteattr(shown.rule)
    name = quoteattr(f"{shown.rule} {shown.line}:{shown.column}" if shown.line else shown.rule)
    if shown.severity is Severity.ERROR:
        body = f"<failure type={rule} message={quoteattr(shown.message)}>{detail}</failure>"
    else:
        body = f"<system-out>{detail}</system-out>"
    return [
        f'    <testcase classname={file} name={name} file={file} line="{max(1, shown.line)}">',
        f"      {body}",
        "    </testcase>",
    ]
