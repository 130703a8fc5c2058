"""``orderctl demo DIR``: the sample company as a workspace of one's own, with its Git history."""

from __future__ import annotations

from pathlib import Path

import click

from orderctl.session import Command, session
from orderctl.terminal import visible


@click.command("demo", cls=Command, help="Make a living example: the sample company with a year of history.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Exit 2 if the folder holds anything."""
    from orderctl.desk.demo import last_day, write_demo

    s = session()
    _ = s.texts.gettext
    shown = visible(str(folder))
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise click.UsageError(_("{folder} is not empty; nothing was written.").format(folder=shown))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{shown}: {error.strerror}") from error
    commits = write_demo(folder.resolve())
    s.say(_("A demo with {n} commits was made in {folder}.").format(n=commits, folder=shown))
    s.say(
        _(
            "Next:\n"
            "  1. cd {folder}\n"
            "  2. orderctl check --as-of {day} (the demo tells of that time; without it, today counts)\n"
            "  3. orderctl build --as-of {day}, then open site/staff/index.html\n"
            "Change an order and check again: orders/2024/12 holds the newest."
        ).format(folder=shown, day=last_day())
    )
    return 0
