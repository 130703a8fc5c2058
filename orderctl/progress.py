"""Progress for people: a bar on stderr, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orderctl.session import Session


@contextmanager
def bars(s: Session) -> Iterator[Callable[[str, int, int], None]]:
    """Give a callback (what, done, all) that draws bars; it does nothing where nobody looks."""
    if s.verbose < 0 or not sys.stderr.isatty():
        yield lambda _what, _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, everything: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(s.texts.pgettext("progress", what), total=everything)
            bar.update(tasks[what], completed=done, total=everything)

        yield show
