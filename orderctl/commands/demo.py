"""``orderctl demo DIR``: the sample company as a playground: keys, a signed history, and a guarded repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orderctl.session import Command, session
from orderctl.terminal import trouble, visible

if TYPE_CHECKING:
    from orderctl.desk.demo import Demo


@click.command(
    "demo", cls=Command, help="Make a playground: the sample company with keys, a signed year and a guarded origin."
)
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
        raise click.UsageError(f"{shown}: {trouble(error, s.language)}") from error
    made = write_demo(folder.resolve())
    _guard(folder.resolve(), made)
    s.say(_("A demo with {n} commits was made in {folder}.").format(n=made.commits, folder=shown))
    s.say(
        _(
            "Next:\n"
            "  1. cd {folder}\n"
            "  2. orderctl check --as-of {day} (the demo tells of that time; without it, today counts)\n"
            "  3. orderctl build --as-of {day}, then open site/staff/index.html\n"
            "Change an order and check again: orders/2024/12 holds the newest."
        ).format(folder=shown, day=last_day())
    )
    s.say(_("Everybody's keys lie in .orderctl/keys. Origin is guarded; try it: git push origin forgery:main"))
    return 0


def _guard(folder: Path, made: Demo) -> None:
    """Install the hooks and the pinned root in the demo's ``origin``, write its ledger, and pin the root here too."""
    from orderctl.desk.demo import ORIGIN
    from orderctl.git import Git
    from orderctl.hooks.install import configure, install, pin
    from orderctl.trust.ledger import append, ledger_path, locked
    from orderctl.trust.server import MAIN, SERVER_HOOKS, hooks_folders

    git = Git(folder / ORIGIN, None)
    used, own = hooks_folders(git)
    if used != own:  # the user's core.hooksPath is for their own repositories
        git.run("config", "--local", "core.hooksPath", "hooks")
    install(own, SERVER_HOOKS, force=True)
    pinned = pin(git, [MAIN], made.root)
    configure(git, pinned)
    for name, value in (("orderctl.root", pinned.root), ("orderctl.policy", pinned.policy)):
        Git(folder / ".git", folder).run("config", "--local", name, value)
    path = ledger_path(git.git_dir)
    with locked(path.parent):
        append(path, made.records(MAIN))
