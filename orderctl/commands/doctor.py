"""``orderctl doctor``: examines how this computer or this server is set up, and says what to mend."""

from __future__ import annotations

import os

import click

from orderctl.report import formats, renderer
from orderctl.session import ERRORS, Command, session
from orderctl.terminal import emit


@click.command("doctor", cls=Command, help="Examine how this computer, or this server's repository, is set up.")
@click.option("--canary", is_flag=True, help="Server: push a known-bad commit too; it must be refused.")
@click.option(
    "--live",
    is_flag=False,
    flag_value="origin",
    default="",
    metavar="[github:OWNER/NAME|FILE]",
    help="Look at the forge's rulesets too: of this repository, of the one named, or in a JSON file.",
)
@click.option("--output", type=click.Choice(formats()), default="text", help="Output format.")
def command(canary: bool, live: str, output: str) -> int:
    """Exit 10 if anything was found, notes aside."""
    from shutil import which

    from orderctl.doctor import Context, examine
    from orderctl.git import NoGit
    from orderctl.model import Report, Severity
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import tree_of
    from orderctl.shown import show
    from orderctl.tree import folder_tree

    s = session()
    _, ngettext = s.texts.gettext, s.texts.ngettext
    workspace = find_workspace()
    if workspace.git is None:
        raise click.UsageError(_("There is no Git repository here: git init"))
    if which("git") is None:
        raise NoGit(os.environ.get("PATH", ""))
    server = workspace.root is None
    empty = server and workspace.git.resolve("HEAD") is None
    tree = folder_tree(workspace.git.git_dir / "hooks") if empty else tree_of(workspace)
    context = Context(workspace, workspace.git, tree, server, live, canary)
    findings = list(examine(context))
    from orderctl.catalogue import load_catalogue
    from orderctl.git import EMPTY_TREE
    from orderctl.tree import Tree

    words = load_catalogue(Tree(None, None, EMPTY_TREE))
    shown = show(findings, tree.read, words.sentence, s.language)
    report = Report(shown, 0, s.language)
    emit(renderer(output)(report) if output != "text" else _text(report))
    bad = sum(1 for f in shown if f.severity is not Severity.INFO)
    if not bad:
        s.say(_("Nothing to mend."))
    else:
        s.say(ngettext("{n} thing to mend", "{n} things to mend", bad).format(n=bad))
    return ERRORS if bad else 0


def _text(report: object) -> str:
    from orderctl.model import Report
    from orderctl.report import clean, severity_name

    assert isinstance(report, Report)
    lines = []
    for s in clean(report).shown:
        place = f"{s.path}:{s.line}: " if s.path and s.line else f"{s.path}: " if s.path else ""
        lines.append(f"{place}{severity_name(s.severity, report.language)} [{s.rule}] {s.message}\n  → {s.hint}\n")
    return "".join(lines)
