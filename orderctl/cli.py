"""The command line: words in, exit code out. Commands are the files of ``orderctl/commands/``, loaded when called.

Exit codes: 0 clean, warnings too · 1 orderctl itself failed · 2 usage · 3 nothing to check · 10 data has errors ·
11 the gate denies · 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from orderctl.language import choose, speak, texts
from orderctl.model import Again, SetupError
from orderctl.session import FAILED, INTERRUPTED, chosen_text, shared, unknown, write_options
from orderctl.terminal import emit, prepare, trouble, visible

_SURROUNDINGS = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.EIO, errno.ELOOP, errno.ENOSPC, errno.ENOTDIR, errno.EPERM, errno.EROFS}
)
"""What the computer refuses; no fault of orderctl's."""
_HELP = "Runs a company's customer orders from a Git repository: checked, approved, published."
_CODES = (
    "Exit codes: 0 clean (warnings too), 1 orderctl itself failed, 2 usage, 3 nothing to check, "
    "10 the data has errors, 11 the gate denies, 130 interrupted."
)


class Root(click.Group):
    """The ``orderctl`` group: a command is a file, found by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the library's signature
        """Return the commands' names, sorted."""
        return sorted(p.stem for p in Path(__file__).with_name("commands").glob("*.py") if p.stem[0] != "_")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command of that name; None if there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"orderctl.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command named first, or say which names are near."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            raise unknown(args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated description."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(chosen_text(ctx, self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated options and the commands."""
        write_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated exit codes."""
        formatter.write_paragraph()
        formatter.write_text(chosen_text(ctx, self.epilog))


def _change_folder(_context: click.Context, _parameter: click.Parameter, folder: str | None) -> None:
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise click.BadParameter(visible(f"{folder}: {error.strerror}")) from error


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        emit(f"orderctl {version('orderctl')}\n")
        context.exit()


def _root() -> Root:
    own = [
        click.Option(
            ["-C", "folder"],
            metavar="DIR",
            callback=_change_folder,
            expose_value=False,
            is_eager=True,
            help="Work as if started in DIR.",
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            callback=_version,
            expose_value=False,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ]
    settings = {"help_option_names": ["-h", "--help"]}
    return Root("orderctl", params=[*shared(), *own], help=_HELP, epilog=_CODES, context_settings=settings)


def main() -> None:
    """Run one command line and exit with its code."""
    prepare(sys.stdout, sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end: tidy up as after an interrupt
    code = run(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left to do is to leave nothing behind
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line; return the exit code. Every way out has its message in the run's language."""
    language = _language(arguments)
    _ = texts(language).gettext
    try:
        result = _command(arguments or ["--help"], language)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        emit(_("Interrupted.") + "\n", sys.stderr)
        return INTERRUPTED
    except click.ClickException as error:
        _explain_usage(error, language)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the last line of defence: whatever it is, the user gets one sentence
        return _failed(error, language, "--debug" in arguments)
    return int(result or 0)


def _command(arguments: list[str], language: str) -> Any:
    """Run the command; once more if it met derived data that was damaged and had to be thrown away."""
    try:
        return _root().main(arguments, prog_name="orderctl", standalone_mode=False, obj=language)
    except Again:
        return _root().main(arguments, prog_name="orderctl", standalone_mode=False, obj=language)


def _language(arguments: list[str]) -> str:
    """Return the run's language; needed before the line is parsed, so that usage errors and --help speak it too."""
    option, folder = None, "."
    for word, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if word == "--":
            break
        if word == "--lang":
            option = following
        elif word.startswith("--lang="):
            option = word.removeprefix("--lang=")
        elif word == "-C":
            folder = following
    try:
        start = Path(folder).resolve()
    except (OSError, RuntimeError):  # the current folder is gone, or links go round in a circle
        start = None
    language = choose(option, os.environ, start)
    speak(language)
    return language


def _explain_usage(error: click.ClickException, language: str) -> None:
    _ = texts(language).gettext
    lines = []
    context = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and context is not None:
        lines.append(context.get_usage())
        lines.append(_("Try '{command} {option}' for help.").format(command=context.command_path, option="--help"))
    lines.append(_("Error: {message}").format(message=error.format_message()))
    emit("\n".join(lines) + "\n", sys.stderr)


def _failed(error: Exception, language: str, debug: bool) -> int:
    """Say what stopped the run: a set-up that can't be used in its own words, anything else as orderctl's failure."""
    _ = texts(language).gettext
    if isinstance(error, OSError) and error.errno in _SURROUNDINGS:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
        what_zh = f"{error.filename}：{trouble(error, 'zh')}" if error.filename else trouble(error, "zh")
        zh, en = (
            f"无法读写文件（{what_zh}）。请检查权限和剩余空间，再运行一次",
            f"a file can't be read or written ({what}). Look at permissions and free space, then run again",
        )
        error = SetupError("setup.files", zh, en, FAILED)
    if isinstance(error, SetupError):
        message = "\n".join(visible(line) for line in (error.zh if language == "zh" else error.en).split("\n"))
        emit(_("Error: {message}").format(message=message) + "\n", sys.stderr)
        if error.code.startswith("desk."):
            emit("  " + _("more: {command}").format(command=f"orderctl explain {error.code}") + "\n", sys.stderr)
        return error.exit_code
    if debug:
        import traceback

        emit(
            "".join(visible(line) + "\n" for line in "".join(traceback.format_exception(error)).splitlines()),
            sys.stderr,
        )
    reason = visible(" ".join(f"{type(error).__name__}: {error}".split())[:300])
    emit(_("orderctl itself failed: {reason}, report it with --debug").format(reason=reason) + "\n", sys.stderr)
    return FAILED
