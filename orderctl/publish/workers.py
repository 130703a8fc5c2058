"""Jobs of a build made here or in worker processes: jobs in, what became of them out, their files staged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orderctl.book.pool import workers
from orderctl.book.reader import Reader
from orderctl.book.store import open_store
from orderctl.pipeline import Run
from orderctl.plugins import Plugin
from orderctl.publish.jobs import Ground, Made, make
from orderctl.publish.output import write_staged

_INHERITED: dict[str, Any] = {}
"""What forked workers find: set before the pool starts, empty otherwise."""

Todo = tuple[str, str, str | None, str, list[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Done:
    """A job's outcome as it comes back from a worker: the files are already in the staging folder."""

    name: str
    owner: str
    key: str
    result: Any
    names: tuple[str, ...]
    new: int
    unit: str
    title: Mapping[str, str]
    error: Any


@contextmanager
def pool_of(
    run: Run, ground: Ground, plugins: Mapping[str, Plugin], staging: Path, jobs: int, size: int
) -> Iterator[Callable[[Sequence[Todo]], Iterator[Done]]]:
    """Give a function that makes jobs, in order, here or in worker processes."""
    _INHERITED.clear()
    _INHERITED.update(ground=ground, plugins=plugins, staging=staging, run=run)
    pool: Executor | None = None
    if jobs > 1 and size > 8:
        pool = workers(min(jobs, size))
    try:
        yield lambda todo: _each(pool, todo)
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
        _INHERITED.clear()


def _each(pool: Executor | None, todo: Sequence[Todo]) -> Iterator[Done]:
    if pool is None:
        reader = _INHERITED["run"].reader(strict=False)
        for job in todo:
            yield _one(job, reader)
        return
    chunk = max(1, min(20, len(todo) // 8))
    futures: list[Future[list[Done]]] = [
        pool.submit(_some, todo[start : start + chunk]) for start in range(0, len(todo), chunk)
    ]
    for future in futures:
        yield from future.result()


def _some(todo: Sequence[Todo]) -> list[Done]:
    """In a worker: open the book read-only, once, and make these jobs."""
    if "reader" not in _INHERITED:
        run: Run = _INHERITED["run"]
        assert run.store.path is not None
        opened = open_store(run.store.path, write=False)
        assert opened is not None
        _INHERITED["reader"] = run.reader(strict=False, store=opened)
    return [_one(job, _INHERITED["reader"]) for job in todo]


def _one(job: Todo, reader: Reader) -> Done:
    id, owner, stored, known, papers = job
    made: Made = make(_INHERITED["plugins"][id], owner, stored, known, reader, _INHERITED["ground"], papers)
    write_staged(_INHERITED["staging"], made.files)
    return Done(
        made.name, made.owner, made.key, made.result, made.names, len(made.files), made.unit, made.title, made.error
    )
