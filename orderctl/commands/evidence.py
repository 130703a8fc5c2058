"""``orderctl evidence fetch | receipt``: reviews of a forge as a file, and as receipts in the repository."""

from __future__ import annotations

from pathlib import Path

import click

from orderctl.session import Command, effective, session
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


command = _Group(
    "evidence",
    help="Reviews of a forge as evidence: fetch them, or write receipts for those that proved an approval.",
    commands=[fetch],
)
