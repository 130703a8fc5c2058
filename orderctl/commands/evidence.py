"""``orderctl evidence fetch | receipt``: reviews of a forge as a file, and as receipts in the repository."""

from __future__ import annotations

from pathlib import Path

import click

from orderctl.commands._decision import show_findings
from orderctl.session import Command, effective, on_disk, session
from orderctl.terminal import emit, visible


class _Group(Command, click.Group):
    """``orderctl evidence``: a command with commands of its own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated options and the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.command("fetch", cls=Command, help="Print the reviews of a pull request, as gate --reviews reads them.")
@click.argument("pull")
@click.option("--out", type=click.Path(dir_okay=False), help="Write them to this file.")
def fetch(pull: str, out: str | None) -> int:
    """Ask the forge; exit 11 when the reviews can't be had in full."""
    from orderctl.trust.forge import load_reviews
    from orderctl.trust.reviews import write_reviews
    from orderctl.writing import write_file

    s = session()
    _ = s.texts.gettext
    reviews = load_reviews(pull, effective().plugins)
    data = write_reviews(reviews)
    if out is None:
        emit(data.decode())
        return 0
    write_file(Path(out), data)
    s.say(_("Written: {path}").format(path=visible(out)))
    return 0


@click.command("receipt", cls=Command, help="Write and commit receipts for what reviews proved when a change landed.")
@click.option("--base", required=True, metavar="REV", help="The protected branch before the change landed.")
@click.option("--head", required=True, metavar="REV", help="The protected branch after it.")
@click.option(
    "--reviews",
    "sources",
    multiple=True,
    required=True,
    metavar="FILE|FORGE:REPO#N",
    help="Reviews of a pull request: a file, or where to ask for them; repeatable.",
)
@click.option("--key", default="", metavar="FILE", help="The service's SSH key, private or public half.")
@click.option("--as-of", metavar="TIME", help="Judge as at that time (RFC 3339) instead of now.")
def receipt(base: str, head: str, sources: tuple[str, ...], key: str, as_of: str | None) -> int:
    """Write nothing but receipts, in one commit signed by the service; none is written twice."""
    from orderctl.desk.matter import desk
    from orderctl.desk.receipt import check_service, receipts
    from orderctl.desk.record import record
    from orderctl.desk.repository import check_ready
    from orderctl.desk.signer import signer
    from orderctl.desk.statements import instant
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import commit_of
    from orderctl.trust.forge import load_reviews
    from orderctl.trust.policy import PolicyError

    s = session()
    _ = s.texts.gettext
    workspace = find_workspace()
    on_disk(workspace)
    check_ready(workspace)
    old, new = commit_of(workspace, base), commit_of(workspace, head)
    try:
        with desk(workspace, as_of) as at:
            found = [load_reviews(source, at.catalogue.plugins) for source in sources]
            made = receipts(at, old, new, found)
            if not made:
                s.say(_("No review alone proved anything: there is nothing to write."))
                return 0
            with signer(at, key) as who:
                check_service(at.policy, at.names, who.person, at.now)
                pulls = " ".join(f"{each.forge}#{each.pull}" for each in found if each.pull)
                when = instant(at.now, at.policy.zone) if as_of else ""
                id = record(at, made, f"receipts: {pulls}", who, when=when)
    except PolicyError as error:
        return show_findings(error.findings, s)
    for path in made:
        emit(path + "\n")
    s.say(_("Committed: {commit}").format(commit=id[:12]))
    return 0


command = _Group(
    "evidence",
    help="Reviews of a forge as evidence: fetch them, or write receipts for those that proved an approval.",
    commands=[fetch, receipt],
)
