"""Where a command's report goes: ``--output FORMAT[:FILE]`` in, terminal or file out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from orderctl.report import formats
from orderctl.session import Session
from orderctl.terminal import emit, trouble, visible
from orderctl.writing import write_file


def targets(s: Session, outputs: Iterable[str]) -> list[tuple[str, str]]:
    """Return format and file ("" for the terminal) of each ``FORMAT[:FILE]``; raise UsageError for what is none."""
    found = []
    for output in outputs:
        name, colon, file = output.partition(":")
        if name not in formats() or (colon and not file):
            _ = s.texts.gettext
            message = _("“{output}” is no output format. There are: {names}; a file may follow: json:findings.json")
            raise click.UsageError(message.format(output=visible(output), names=", ".join(formats())))
        found.append((name, file))
    return found


def put(s: Session, file: str, text: str) -> None:
    """Write a report to ``file``, "" for the terminal; raise UsageError for a file that can't be written."""
    if not file:
        emit(text)
        return
    try:
        write_file(Path(file), text.encode(errors="backslashreplace"))
    except OSError as error:
        raise click.UsageError(f"{visible(file)}: {trouble(error, s.language)}") from error
