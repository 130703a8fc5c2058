"""``orderctl init DIR``: a new workspace that checks clean, in a Git repository of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click

from orderctl.session import Command, Session, session
from orderctl.terminal import trouble, visible


@click.command("init", cls=Command, help="Start a workspace in a new or empty folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--key", metavar="FILE", type=click.Path(path_type=Path), help="Your public SSH key, to sign with.")
def command(folder: Path, key: Path | None) -> int:
    """Write the files, start a repository, make the first commit; exit 2 if the folder holds anything."""
    from orderctl.commands.schemas import write_schemas
    from orderctl.starter import files, person_id
    from orderctl.writing import write_inside

    s = session()
    _ = s.texts.gettext
    shown = visible(str(folder))
    if shutil.which("git") is None:
        raise click.UsageError(_("git was not found: install it first. Nothing was written."))
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise click.UsageError(_("{folder} is not empty; nothing was written.").format(folder=shown))
    public, signing = _key(s, key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{shown}: {trouble(error, s.language)}") from error
    root = folder.resolve()
    name, email = _identity(root)
    now, id = datetime.now(UTC).astimezone(), person_id(name, email)
    texts = files(visible(root.name), visible(name), s.language, now, public, id)
    for path, text in texts.items():
        write_inside(root, path, text.encode(errors="replace"), new=True)
    write_schemas(root, s.language)
    s.say(_("A workspace was started in {folder}.").format(folder=shown))
    _commit(s, root, bool(name and email), signing)
    _say_root(s, texts)
    s.say(
        _(
            "Next:\n"
            "  1. cd {folder}\n"
            "  2. Put the company's details in orderctl.yaml and your colleagues in policy/people.yaml\n"
            "  3. {command}\n"
            "“orderctl schemas list” shows which documents there are, “orderctl demo DIR” a living example."
        ).format(
            folder=shown,
            command="orderctl submit policy --reason …; orderctl approve policy --opinion …"
            if signing
            else "orderctl check",
        )
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


def _key(s: Session, given: Path | None) -> tuple[str, str]:
    """Return the public key to enter and the file that signs with it; asks on a terminal; "" for none."""
    from orderctl.trust.keys import parse_public
    from orderctl.trust.refusal import Refusal

    _ = s.texts.gettext
    file = given
    if file is None and sys.stdin.isatty():
        file = next(iter(sorted((Path.home() / ".ssh").glob("id_*.pub"))), None)
        question = _("Shall {file} be the key that you sign with?").format(file=visible(str(file)))
        if file is None or not click.confirm(question, default=True, err=True):
            return "", ""
    if file is None:
        return "", ""
    file = file.expanduser().absolute()
    if file.suffix != ".pub":
        file = file.with_name(file.name + ".pub")
    try:
        text = file.read_text(encoding="utf-8").strip()
        parse_public(text)
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(
            _("{file} can't be read. Make a key with: ssh-keygen -t ed25519").format(file=visible(str(file)))
        ) from None
    except Refusal:
        raise click.UsageError(
            _("{file} is no public key that is accepted. Make one with: ssh-keygen -t ed25519").format(
                file=visible(str(file))
            )
        ) from None
    return text, str(file)


def _say_root(s: Session, texts: Mapping[str, str]) -> None:
    """Say the root of trust, or how to get one."""
    _ = s.texts.gettext
    manifest = texts.get("policy/policy.yaml")
    if manifest is None:
        s.say(
            _(
                "Approvals aren't signed yet: nobody has a key. Start with one: orderctl init DIR --key FILE\n"
                "(ssh-keygen -t ed25519 makes one; FILE is what ends in .pub)."
            )
        )
        return
    s.say(
        _(
            "The policy's SHA-256 is {digest}.\n"
            "Keep it outside the repository: whoever checks it compares with this root of trust."
        ).format(digest=sha256(manifest.encode()).hexdigest())
    )


def _commit(s: Session, root: Path, identified: bool, signing: str) -> None:
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
        if signing:
            with repository.config_writer() as settings:
                settings.set_value("gpg", "format", "ssh")
                settings.set_value("user", "signingKey", signing)
                settings.set_value("commit", "gpgSign", "true")
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
        repository.git.commit("--quiet", "--no-gpg-sign", "-m", _("Start the workspace"))
    except GitCommandError as error:
        s.say(_("Git refused the first commit: {reason}").format(reason=visible(str(error.stderr).strip())))
