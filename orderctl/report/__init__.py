"""Output formats of ``check``: one file each, with ``render(report: Report) -> str``. Found by listing this folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from orderctl.language import texts
from orderctl.model import Report, Severity, Shown
from orderctl.terminal import in_place, visible


def formats() -> tuple[str, ...]:
    """Return the names of the output formats, sorted."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_")))


def renderer(name: str) -> Callable[[Report], str]:
    """Return the ``render`` function of one of ``formats()``."""
    render: Callable[[Report], str] = import_module(f"orderctl.report.{name}").render
    return render


def clean(report: Report) -> Report:
    """Return the report with every unseen character spelled out: no output carries a raw control character."""
    return replace(report, shown=tuple(_clean(s) for s in report.shown))


def _clean(shown: Shown) -> Shown:
    return replace(
        shown,
        rule=visible(shown.rule),
        path=visible(shown.path),
        field=visible(shown.field),
        message=visible(shown.message),
        hint=visible(shown.hint),
        url=visible(shown.url),
        source=in_place(shown.source),
        waived_by=visible(shown.waived_by),
    )


def severity_name(severity: Severity, language: str) -> str:
    """Return the severity as a user reads it."""
    _ = texts(language).gettext
    return {Severity.ERROR: _("error"), Severity.WARNING: _("warning"), Severity.INFO: _("note")}[severity]


def summary(report: Report) -> str:
    """Return one sentence with the number of documents and of findings by severity."""
    t = texts(report.language)
    _, ngettext = t.gettext, t.ngettext
    documents = ngettext("{n} document", "{n} documents", report.documents).format(n=report.documents)
    errors, warnings, notes = (report.count(s) for s in Severity)
    parts = [
        ngettext("{n} error", "{n} errors", errors).format(n=errors) if errors else "",
        ngettext("{n} warning", "{n} warnings", warnings).format(n=warnings) if warnings else "",
        ngettext("{n} note", "{n} notes", notes).format(n=notes) if notes else "",
    ]
    findings = _(", ").join(p for p in parts if p) or _("no findings")
    return _("{documents} checked: {findings}").format(documents=documents, findings=findings)
