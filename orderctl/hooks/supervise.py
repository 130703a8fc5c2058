"""Work in, its lines out, whatever happens to it: it runs in a process of its own that is ended when time is up."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What the work said. ``problem``: "" (it came to an end), "time", or what became of it."""

    allowed: bool
    lines: tuple[str, ...]
    problem: str = ""


def supervised(work: Callable[[], tuple[bool, list[str]]], seconds: float) -> Answer:
    """Return what ``work`` returns: whether the push may land, and lines. A crash or the time limit is an answer too.

    Forked, so that even a crash of the interpreter or a worker that hangs is said in one line. The whole group of
    processes is ended with it.
    """
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        with suppress(OSError):
            os.setsid()
        _work(work, sink)
    os.close(sink)
    data, ended = _read(source, time.monotonic() + seconds)
    os.close(source)
    with suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    with suppress(OSError):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not ended:
        return Answer(False, (), "time")
    try:
        allowed, lines, problem = json.loads(data)
    except ValueError:
        return Answer(False, (), f"signal {status & 127}" if status & 127 else "no answer")
    return Answer(allowed is True, tuple(str(line) for line in lines), str(problem))


def _work(work: Callable[[], tuple[bool, list[str]]], sink: int) -> None:
    """Write the answer and end this process without tidying up: nothing here is the parent's."""
    code = 1
    try:
        try:
            allowed, lines = work()
            answer = [allowed, lines, ""]
        except BaseException as error:  # noqa: BLE001  whatever it is, the answer is no
            answer = [False, [], " ".join(f"{type(error).__name__}: {error}".split())[:300]]
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(sink, data) :]
        code = 0
    finally:
        os._exit(code)


def _read(source: int, end: float) -> tuple[bytes, bool]:
    """Return what comes until the other side ends, and whether it did so in time."""
    data = b""
    while (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([source], [], [], left)
        if not ready:
            break
        chunk = os.read(source, 1 << 16)
        if not chunk:
            return data, True
        data += chunk
    return data, False
