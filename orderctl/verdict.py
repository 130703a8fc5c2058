"""A verdict of gate or audit as people and scripts read it: JSON with stable names, and text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from orderctl.language import texts
from orderctl.model import Finding, Report, Severity, Shown
from orderctl.names import Names
from orderctl.outputs import put
from orderctl.report import renderer
from orderctl.rule import Code, Rule
from orderctl.session import Session
from orderctl.shown import show
from orderctl.terminal import clock, visible
from orderctl.trust.case import Missing

Sentence = Callable[[str], Rule | Code | None]


def verdict_json(
    allow: bool, findings: Sequence[Finding], missing: Iterable[Missing], sentence: Sentence, language: str, **more: Any
) -> str:
    """Return ``{"verdict", "findings": [{code, message, path, commit, person}], "missing": […]}`` and ``more``."""
    said = {
        "verdict": "allow" if allow else "deny",
        "findings": [
            {
                "code": f.rule,
                "message": visible(shown.message),
                "path": visible(f.path),
                "commit": str(f.params.get("commit", "")),
                "person": str(f.params.get("person", "")),
            }
            for shown, f in _shown(findings, sentence, language)
        ],
        "missing": [
            {"subject": m.subject, "stage": m.stage, "role": m.role, "who": list(m.who), "due": m.due, "open": m.open}
            for m in missing
        ],
        **more,
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def verdict_text(
    allow: bool,
    findings: Sequence[Finding],
    missing: Sequence[Missing],
    sentence: Sentence,
    language: str,
    names: Names,
    closing: tuple[str, str] | None = None,
) -> str:
    """Return the verdict for a terminal: each denial with its commit, what to do, and what is still missing.

    ``names``: what persons, stages and roles are called. ``closing``: the last sentence of an allowing and of a denying
    verdict, if they aren't a gate's.
    """
    _ = texts(language).gettext
    lines: list[str] = []
    for shown, finding in _shown(findings, sentence, language, names):
        commit = str(finding.params.get("commit", ""))[:12]
        place = " ".join(part for part in (visible(finding.path), commit) if part)
        severity = _("DENIED") if finding.severity is Severity.ERROR else _("note")
        lines.append(f"{severity} [{finding.rule}] {place}")
        lines.append(f"  {shown.message}")
        if shown.hint:
            lines.append(f"  → {shown.hint}")
    if missing:
        lines += ["", _("Still missing:")]
        for m in missing:
            who = names.listed("person", m.who, language) or _("nobody at present")
            stage = names.stage(m.stage, language)
            role = names.listed("role", m.role.split("/"), language)
            until = _("until {due}").format(due=clock(m.due)) if m.open else _("not its turn yet")
            if not m.open:
                said = _("{subject}: {stage} ({role}), {until}")
            elif m.due:
                said = _("{subject}: {stage} ({role}) by {who}, {until}")
            else:
                said = _("{subject}: {stage} ({role}) by {who}")
            lines.append("  " + said.format(subject=m.subject, stage=stage, role=role, who=who, until=until))
    good, bad = closing or (_("The change may land."), _("The change may not land."))
    lines += ["", good if allow else bad]
    return "\n".join(visible(line) for line in lines).lstrip("\n") + "\n"


def _shown(
    findings: Sequence[Finding], sentence: Sentence, language: str, names: Names | None = None
) -> list[tuple[Shown, Finding]]:
    ordered = sorted(findings, key=Finding.sort_key)
    return [(show([f], lambda _path: None, sentence, language, names=names)[0], f) for f in ordered]


def write(
    s: Session,
    where: Sequence[tuple[str, str]],
    allow: bool,
    findings: Sequence[Finding],
    missing: Sequence[Missing],
    sentence: Sentence,
    more: dict[str, Any],
    names: Names,
    closing: tuple[str, str] | None = None,
) -> None:
    """Write a verdict in each of the formats asked for (format and file, see ``outputs``; none: text).

    ``names`` stand beside ids, except in JSON. Raises click.UsageError for a file that can't be written.
    """
    for name, file in where or [("text", "")]:
        if name == "json":
            text = verdict_json(allow, findings, missing, sentence, s.language, **more)
        elif name == "text":
            text = verdict_text(allow, findings, missing, sentence, s.language, names, closing)
        else:
            shown = show(findings, lambda _path: None, sentence, s.language, names=names)
            text = renderer(name)(Report(shown, 0, s.language))
        put(s, file, text)
