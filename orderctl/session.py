"""What every command shares: the options that stand anywhere on the line, the language, and messages to people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from gettext import NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orderctl.language import LANGUAGES, texts
from orderctl.terminal import emit, visible

if TYPE_CHECKING:
    from orderctl.catalogue import Catalogue
    from orderctl.workspace import Workspace


FAILED, NOTHING, ERRORS, INTERRUPTED = 1, 3, 10, 130
"""Exit codes: orderctl itself failed, nothing to check, the data has errors, interrupted."""
_FEW = 20
"""So many names are listed when none is near."""


@dataclass(frozen=True, slots=True)
class Session:
    """The choices of one run. ``verbose`` counts -v minus -q."""

    language: str
    verbose: int
    debug: bool
    texts: NullTranslations

    def say(self, message: str, *, level: int = 0) -> None:
        """Tell a person something on stderr, unless the run is quieter than ``level``."""
        if self.verbose >= level:
            emit("\n".join(visible(line) for line in message.split("\n")) + "\n", sys.stderr)


def session() -> Session:
    """Return the running command's session."""
    context = click.get_current_context()
    language = context.find_root().obj
    verbose = context.meta.get("orderctl.verbose", 0) - context.meta.get("orderctl.quiet", 0)
    return Session(language, verbose, bool(context.meta.get("orderctl.debug")), texts(language))


def _keep(context: click.Context, parameter: click.Parameter, value: int | bool | None) -> None:
    key = f"orderctl.{parameter.name}"
    context.meta[key] = context.meta.get(key, 0) + int(value or 0)


def shared() -> list[click.Parameter]:
    """Return the options that stand before or after the command's name."""
    return [
        click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help="Language of all output."),
        click.Option(["-q", "--quiet"], count=True, callback=_keep, expose_value=False, help="Say less."),
        click.Option(["-v", "--verbose"], count=True, callback=_keep, expose_value=False, help="Say more."),
        click.Option(
            ["--debug"], is_flag=True, callback=_keep, expose_value=False, help="Show a traceback on failure."
        ),
    ]


def chosen_text(context: click.Context, text: str | None) -> str:
    """Return a help text in the run's language."""
    language = context.find_root().obj or "en"
    return texts(language).gettext(text) if text else ""


class Command(click.Command):
    """A command whose help speaks the run's language and that takes the shared options too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own options, then the shared ones, then --help."""
        own = super().get_params(ctx)
        return [*own[:-1], *shared(), *own[-1:]] if self.add_help_option else [*own, *shared()]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated description."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(chosen_text(ctx, self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated options."""
        write_options(self, ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  the library's signature
        """Return the first line of the help in the run's language, whole."""
        context = click.get_current_context(silent=True)
        return chosen_text(context, self.help).split("\n", maxsplit=1)[0] if context else self.help or ""


def write_options(command: click.Command, context: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the options of ``command``, translated."""
    options = (p for p in command.get_params(context) if isinstance(p, click.Option))
    records = [r for p in options if (r := p.get_help_record(context)) is not None]
    if records:
        with formatter.section(chosen_text(context, "Options")):
            formatter.write_dl([(names, _help(context, text)) for names, text in records])


def _help(context: click.Context, text: str) -> str:
    """Return an option's help, translated; the library has put "[required]", translated already, behind it."""
    said, mark, rest = text.partition("  [")
    return chosen_text(context, said) + mark + rest


def inside(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return paths of the command line as paths below ``root``, "" for the root itself; no link is followed.

    Raises click.UsageError for a path outside the workspace.
    """
    found = []
    for path in paths:
        relative = os.path.relpath(path, root) if path else ".."
        if relative == ".." or relative.startswith("../"):
            _ = session().texts.gettext
            raise click.UsageError(
                _("{path} is outside the workspace {root}").format(path=visible(path) or "“”", root=root)
            )
        found.append("" if relative == "." else relative)
    return tuple(found)


def effective() -> Catalogue:
    """Return what the workspace goes by; outside a workspace what is built in."""
    from orderctl.catalogue import load_catalogue
    from orderctl.git import EMPTY_TREE
    from orderctl.model import SetupError
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import catalogue
    from orderctl.tree import Tree

    try:
        workspace = find_workspace()
    except SetupError:
        return load_catalogue(Tree(None, None, EMPTY_TREE))
    return catalogue(workspace)


def on_disk(workspace: Workspace) -> Path:
    """Return the workspace's folder. Raises click.UsageError for a bare repository, which has no files to change."""
    if workspace.root is None:
        raise click.UsageError(session().texts.gettext("A bare repository has no files on disk."))
    return workspace.root


def unknown(what: str, known: Iterable[str]) -> click.UsageError:
    """Return the usage error for a name that nothing has, with the nearest ones that do exist."""
    _ = session().texts.gettext
    names = sorted(set(known))
    folded = {n.casefold(): n for n in names}
    near = [folded[n] for n in get_close_matches(what.casefold(), list(folded), n=5, cutoff=0.5)]
    near += [n for n in names if what.casefold() in n.casefold() and n not in near][: 5 - len(near)]
    shown = _(", ").join(visible(n) for n in near)
    message = _("Nothing is called “{name}”. Did you mean: {names}?") if near else _("Nothing is called “{name}”.")
    if not near and 0 < len(names) <= _FEW:
        message, shown = _("Nothing is called “{name}”. There are: {names}"), _(", ").join(names)
    return click.UsageError(message.format(name=visible(what), names=shown))
