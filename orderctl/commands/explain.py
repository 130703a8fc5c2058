"""``orderctl explain [RULE|CODE]``: a rule's page with examples; without a name, all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from orderctl.docpage import page, title
from orderctl.report import severity_name
from orderctl.rule import Code, Rule
from orderctl.session import Command, Session, effective, session, unknown
from orderctl.terminal import emit, table

if TYPE_CHECKING:
    from orderctl.catalogue import Catalogue


@click.command("explain", cls=Command, help="Explain a rule or a code, with examples; without a name, list them.")
@click.argument("name", metavar="[RULE|CODE]", required=False)
def command(name: str | None) -> int:
    """Exit 2 for a name that nothing has; the nearest ones are named."""
    s = session()
    found = effective()
    if name is None:
        emit(_all(found, s))
        return 0
    wanted = name.strip().removesuffix(".py").replace("_", "-") if "." not in name else name.strip()
    for group in (found.rules, found.facts, found.papers, found.pages):
        if wanted in group:
            emit(_plugin(group[wanted].what, group[wanted].page, s))
            return 0
    if wanted not in found.codes:
        raise unknown(name, [*found.rules, *found.facts, *found.codes])
    emit(_code(found.codes[wanted], s))
    return 0


def _plugin(what: object, docstring: str, s: Session) -> str:
    _ = s.texts.gettext
    about = []
    if isinstance(what, Rule):
        about = [severity_name(what.severity, s.language)]
    covers = getattr(what, "covers", ())
    on = getattr(what, "on", "")
    kinds = on if isinstance(on, tuple) else (on,) if on else ()
    if kinds:
        about.append(
            _("checks: {kinds}").format(kinds=_(", ").join(kinds)) if isinstance(what, Rule) else ", ".join(kinds)
        )
    about.append(_("since {version}").format(version=getattr(what, "since", "")))
    if covers:
        about.append(_("fulfils {numbers}").format(numbers=", ".join(covers)))
    return f"# {getattr(what, 'id', '')}\n\n{' · '.join(about)}\n\n{page(docstring, s.language)}"


def _code(code: Code, s: Session) -> str:
    _ = s.texts.gettext
    zh = s.language == "zh"
    about = " · ".join([severity_name(code.severity, s.language), _("since {version}").format(version=code.since)])
    why, fix = ("为什么不行？", "怎么改") if zh else ("Why is this bad?", "How to fix")
    said, hint, reason = (code.zh, code.hint_zh, code.why_zh) if zh else (code.en, code.hint_en, code.why_en)
    page = f"# {code.id}\n\n{about}\n\n{said}\n\n## {why}\n\n{reason}\n\n## {fix}\n\n{hint}\n"
    return re.sub(r"\{[a-z_]+\}", "…", page)  # what a finding fills in


def _all(found: Catalogue, s: Session) -> str:
    _ = s.texts.gettext
    rows = [[_("Rule"), _("Severity"), _("What it finds")]]
    for id, plugin in sorted(found.rules.items()):
        severity = plugin.what.severity if isinstance(plugin.what, Rule) else None
        rows.append([id, severity_name(severity, s.language) if severity else "", title(plugin.page, s.language)])
    for id, code in sorted(found.codes.items()):
        rows.append([id, severity_name(code.severity, s.language), code.zh if s.language == "zh" else code.en])
    return table(rows)
