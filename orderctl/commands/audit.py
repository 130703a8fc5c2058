"""``orderctl audit``: judges all history of the protected branch again, from a root that is trusted."""

from __future__ import annotations

from pathlib import Path

import click

from orderctl.commands._output import output_option
from orderctl.progress import bars
from orderctl.session import Command, session
from orderctl.terminal import visible

DENIED = 11


@click.command("audit", cls=Command, help="Judge all history of the protected branch again, from a trusted root.")
@click.option("--from", "root", metavar="REV", help="The root of trust; default: git config orderctl.root.")
@click.option("--rev", metavar="REV", help="Up to this commit instead of the protected branch's newest.")
@click.option("--as-of", metavar="DATE", help="With the clock at that day (2024-05-20) or time (RFC 3339).")
@click.option("--rules", is_flag=True, help="Business rules too, at every state that the branch had.")
@click.option(
    "--ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A copy of the server's ledger: when each change was seen, and whether the branch only moved forward.",
)
@click.option("--full", is_flag=True, help="Judge everything, whatever an earlier audit saw.")
@click.option("--jobs", type=int, default=0, metavar="N", help="Processes to use; 0: one a core.")
@output_option
def command(
    root: str | None,
    rev: str | None,
    as_of: str | None,
    rules: bool,
    ledger: Path | None,
    full: bool,
    jobs: int,
    outputs: tuple[str, ...],
) -> int:
    """Exit 0 if all history holds, 11 if not or if the audit refuses to judge."""
    from orderctl.audit import audit
    from orderctl.names import names_at
    from orderctl.outputs import targets
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import catalogue_at, tree_of
    from orderctl.verdict import write

    s = session()
    _, ngettext = s.texts.gettext, s.texts.ngettext
    where = targets(s, outputs)
    workspace = find_workspace()
    with bars(s) as progress:
        result = audit(
            workspace,
            root=root,
            rev=rev,
            as_of=as_of,
            rules=rules,
            ledger=ledger,
            full=full,
            jobs=max(0, jobs),
            progress=progress,
        )
    said = ngettext("{n} commit", "{n} commits", result.commits).format(n=result.commits)
    s.say(
        _("{ref} at {tip}: {commits} since the root {root}, {judged} of {steps} states judged in this run").format(
            ref=visible(result.ref),
            tip=result.tip[:12],
            commits=said,
            root=result.root[:12],
            judged=result.judged,
            steps=result.steps,
        )
    )
    known = catalogue_at(workspace, result.tip)
    write(
        s,
        where,
        result.allow,
        result.findings,
        result.missing,
        known.sentence,
        {
            "ref": result.ref,
            "root": {"commit": result.root, "policy": result.policy},
            "head": result.tip,
            "audited": {"commits": result.commits, "states": result.steps, "judged": result.judged},
        },
        names_at(tree_of(workspace, result.tip), known.kinds, known.validator),
        (_("All of history holds."), _("History does not hold.")),
    )
    return 0 if result.allow else DENIED
