"""``orderctl check``: judges the documents of a tree and reports in any of the output formats; mends what is safe."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

import click

from orderctl.model import Report, Severity
from orderctl.outputs import put, targets
from orderctl.progress import bars
from orderctl.report import renderer, summary
from orderctl.session import ERRORS, NOTHING, Command, Session, inside, session
from orderctl.terminal import emit, visible

if TYPE_CHECKING:
    from orderctl.edit import Order
    from orderctl.pipeline import Outcome, Workspace

_ROUNDS = 5
"""A mended amount can make a total mendable; more than a few rounds would be a rule that argues with itself."""

Judge: TypeAlias = "Callable[[], Outcome]"


@click.command("check", cls=Command, help="Check documents and say what is wrong, where, and what to type instead.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--rev", metavar="REV", help="Check this commit instead of the files on disk.")
@click.option("--changed", metavar="BASE", help="Only what changed since BASE, and what that change broke elsewhere.")
@click.option("--as-of", metavar="DATE", help="Judge as on that day (2024-05-20) or at that time (RFC 3339).")
@click.option("--fix", is_flag=True, help="Apply the safe mends, then check again.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--jobs", type=int, default=0, metavar="N", help="Processes to use; 0: one a core.")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT[:FILE]",
    help="Output format, and the file to write; repeatable.",
)
def command(
    paths: tuple[str, ...],
    rev: str | None,
    changed: str | None,
    as_of: str | None,
    fix: bool,
    diff: bool,
    jobs: int,
    outputs: tuple[str, ...],
) -> int:
    """Exit 10 if errors are left, 3 if there was nothing to check, else 0."""
    from orderctl.pipeline import check, find_workspace

    s = session()
    _ = s.texts.gettext
    where = targets(s, outputs)
    workspace = find_workspace()
    if (fix or diff) and (rev is not None or workspace.root is None):
        raise click.UsageError(_("--fix and --diff work on the files on disk, not on a commit."))
    wanted = inside(workspace.root, paths) if workspace.root else paths

    def judge() -> Outcome:
        with bars(s) as progress:
            return check(
                workspace, rev=rev, changed=changed, paths=wanted, as_of=as_of, jobs=max(0, jobs), progress=progress
            )

    began = monotonic()
    outcome = judge()
    s.say(
        _("Checked {folder} in {seconds} s").format(
            folder=visible(str(workspace.root or workspace.state)), seconds=f"{monotonic() - began:.1f}"
        ),
        level=1,
    )
    if diff:
        _show_diff(outcome)
    elif fix:
        outcome = _mend(s, workspace, outcome, judge)
    report = _report(outcome, s.language)
    _write(s, report, where)
    if not outcome.documents and not outcome.findings and changed is None:
        s.say(_("Nothing to check: no documents there.") if paths else _("Nothing to check: no documents yet."))
        return NOTHING
    return ERRORS if report.count(Severity.ERROR) else 0


def _report(outcome: Outcome, language: str) -> Report:
    from orderctl.shown import show

    site = str(outcome.config.data.get("site_url") or "").rstrip("/")
    shown = show(
        outcome.findings,
        outcome.read,
        outcome.catalogue.sentence,
        language,
        lambda rule: f"{site}/rules.html#{rule}" if site else "",
    )
    return Report(shown, outcome.documents, language)


def _write(s: Session, report: Report, where: list[tuple[str, str]]) -> None:
    if not where and s.verbose == -1:
        where = [("concise", "")]
    elif not where and s.verbose >= 0:
        emit(_text(report))
    for name, file in where:
        text = _text(report) if name == "text" and not file else renderer(name)(report)
        put(s, file, text)
    if where and all(file for _name, file in where):
        s.say(summary(report))


def _text(report: Report) -> str:
    import os
    import sys

    from orderctl.report import text

    return text.render(report, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))


def _order(outcome: Outcome) -> Callable[[str], Order]:
    from orderctl.formatting import key_order

    def order(path: str) -> Order:
        kind = next((k for k in outcome.catalogue.kinds.values() if k.match(path) is not None), None)
        return key_order(kind.schema) if kind else lambda _pointer: ()

    return order


def _show_diff(outcome: Outcome) -> None:
    from orderctl.fix import diff, plan

    emit(diff(plan(outcome.findings, outcome.read, _order(outcome))))


def _mend(s: Session, workspace: Workspace, outcome: Outcome, judge: Judge) -> Outcome:
    """Write the safe mends and judge again, until nothing safe is left; return the last outcome."""
    from orderctl.fix import plan
    from orderctl.tree import read_file
    from orderctl.writing import write_inside

    ngettext = s.texts.ngettext
    assert workspace.root is not None
    for _round in range(_ROUNDS):
        written = 0
        for file in plan(outcome.findings, outcome.read, _order(outcome)):
            if read_file(workspace.root, file.path) != file.before:
                continue  # someone is writing it: theirs counts
            write_inside(workspace.root, file.path, file.after)
            written += 1
            sentence = ngettext("mended {n} place in {path}", "mended {n} places in {path}", file.mends)
            s.say(sentence.format(n=file.mends, path=visible(file.path)))
        if not written:
            break
        outcome = judge()
    return outcome
