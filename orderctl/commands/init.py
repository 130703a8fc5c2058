"""``orderctl init DIR``: a new workspace that checks clean, in a Git repository of its own."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from orderctl.session import Command, Session, session
from orderctl.terminal import visible


@click.command("init", cls=Command, help="Start a workspace in a new or empty folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Write the files, start a repository, make the first commit; exit 2 if the folder holds anything."""
    from orderctl.commands.schemas import write_schemas
    from orderctl.starter import files
    from orderctl.writing import write_inside

    s = session()
    _ = s.texts.gettext
    shown = visible(str(folder))
    if shutil.which("git") is None:
        raise click.UsageError(_("git was not found: install it first. Nothing was written."))
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise click.UsageError(_("{folder} is not empty; nothing was written.").format(folder=shown))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{shown}: {error.strerror}") from error
    root = folder.resolve()
    name, email = _identity(root)
    year = datetime.now(UTC).astimezone().year
    for path, text in files(visible(root.name), visible(name), s.language, year).items():
        write_inside(root, path, text.encode(errors="replace"), new=True)
    write_schemas(root, s.language)
    s.say(_("A workspace was started in {folder}.").format(folder=shown))
    _commit(s, root, bool(name and email))
    s.say(
        _(
            "Next:\n"
            "  1. cd {folder}\n"
            "  2. Put the company's details in orderctl.yaml and your colleagues in policy/people.yaml\n"
            "  3. orderctl check\n"
            "“orderctl schemas list” shows which documents there are, “orderctl demo DIR” a living example."
        ).format(folder=shown)
    )
    return 0


def _identity(root: Path) -> tuple[str, str]:
    """Return the name and e-mail that Git would commit with, "" where it has none."""
    from git import Git, GitCommandError

    def setting(key: str, variable: str) -> str:
        try:
            return os.environ.get(variable) or str(Git(root).config("--get", key))
        except GitCommandError:
            return ""

    return setting("user.name", "GIT_AUTHOR_NAME"), setting("user.email", "GIT_AUTHOR_EMAIL")


def _commit(s: Session, root: Path, identified: bool) -> None:
    from git import GitCommandError, InvalidGitRepositoryError, Repo

    _ = s.texts.gettext
    try:
        outer = Repo(root, search_parent_directories=True).working_dir
    except InvalidGitRepositoryError:
        outer = None
    if outer is not None:
        s.say(_("It lies inside the repository {folder}: commit it there.").format(folder=visible(str(outer))))
        return
    try:
        repository = Repo.init(root, initial_branch="main")
        repository.git.add("--all")
        if not identified:
            s.say(
                _(
                    "Git does not know your name yet, so nothing was committed. Run in the folder:\n"
                    '  git config user.name "Your Name" && git config user.email you@example.com\n'
                    '  git commit -m "Start the workspace"'
                )
            )
            return
        repository.git.commit("--quiet", "-m", _("Start the workspace"))
    except GitCommandError as error:
        s.say(_("Git refused the first commit: {reason}").format(reason=visible(str(error.stderr).strip())))
