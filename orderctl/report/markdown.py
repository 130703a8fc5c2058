"""For step summaries and merge requests: a Markdown table, errors first."""

from __future__ import annotations

import re

from orderctl.language import texts
from orderctl.model import Report, Severity, Shown
from orderctl.report import clean, severity_name, summary

MOST = 500
"""Rows at most: GitHub refuses a step summary over 1 MiB."""
_MARK = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.INFO: "🔵"}
_ORDER = list(Severity)


def render(report: Report) -> str:
    """Return the sum as a heading and a table of at most 500 findings."""
    report = clean(report)
    _, ngettext = texts(report.language).gettext, texts(report.language).ngettext
    lines = [f"### {_escape(summary(report))}"]
    ranked = sorted(report.shown, key=lambda s: _ORDER.index(s.severity))
    if ranked:
        heads = [_("Severity"), _("Where"), _("What"), _("What to type instead"), _("Rule")]
        lines += ["", f"| {' | '.join(heads)} |", "|---|---|---|---|---|"]
        lines += [_row(s, report.language) for s in ranked[:MOST]]
    if left := max(0, len(ranked) - MOST):
        lines += ["", ngettext("… and {n} more finding", "… and {n} more findings", left).format(n=left)]
    return "\n".join(lines) + "\n"


def _row(shown: Shown, language: str) -> str:
    place = f"{shown.path}:{shown.line}:{shown.column}" if shown.line else shown.path or "."
    rule = _escape(shown.rule)
    if re.fullmatch(r"https?://[\w./#?=&%~-]+", shown.url):
        rule = f"[{rule}]({shown.url})"
    severity = f"{_MARK[shown.severity]} {severity_name(shown.severity, language)}"
    return f"| {severity} | {_escape(place)} | {_escape(shown.message)} | {_escape(shown.hint)} | {rule} |"


def _escape(text: str) -> str:
    """Return text that Markdown, HTML and mentions take as it is: no cell ends early, nobody is notified."""
    text = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
