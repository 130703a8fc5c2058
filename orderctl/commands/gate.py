"""``orderctl gate``: says whether a change may land, and if not, why and who can help."""

from __future__ import annotations

import click

from orderctl.commands._output import output_option
from orderctl.session import Command, session

DENIED = 11


@click.command("gate", cls=Command, help="Say whether the change from one revision to another may land.")
@click.option("--base", required=True, metavar="REV", help="The protected branch as it is: its policy judges.")
@click.option("--head", required=True, metavar="REV", help="The commit that is to land.")
@click.option(
    "--reviews",
    "sources",
    multiple=True,
    metavar="FILE|FORGE:REPO#N",
    help="Reviews of a pull request: a file, or where to ask for them; repeatable.",
)
@click.option("--as-of", metavar="DATE", help="Judge as on that day (2024-05-20) or at that time (RFC 3339).")
@click.option("--jobs", type=int, default=0, metavar="N", help="Processes to use; 0: one a core.")
@output_option
def command(
    base: str, head: str, sources: tuple[str, ...], as_of: str | None, jobs: int, outputs: tuple[str, ...]
) -> int:
    """Exit 0 if the change may land, 11 if not or if the gate refuses to judge."""
    from orderctl.gate import gate
    from orderctl.names import names_at
    from orderctl.outputs import targets
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import catalogue_at, clock_at, tree_of
    from orderctl.verdict import write

    s = session()
    where = targets(s, outputs)
    workspace = find_workspace()
    known = catalogue_at(workspace, base)
    observed = None if as_of is None else clock_at(workspace, base, as_of) // 1_000_000
    reviews = []
    if sources:
        from orderctl.trust.forge import load_reviews

        reviews = [load_reviews(source, known.plugins) for source in sources]
    verdict = gate(workspace, base, head, observed=observed, reviews=reviews, jobs=max(0, jobs), catalogue=known)
    write(
        s,
        where,
        verdict.allow,
        verdict.findings,
        verdict.missing,
        known.sentence,
        {
            "base": verdict.base,
            "head": verdict.head,
            "policy": {"version": verdict.policy_version, "digest": verdict.policy_digest},
        },
        names_at(tree_of(workspace, base), known.kinds, known.validator),
    )
    return 0 if verdict.allow else DENIED
