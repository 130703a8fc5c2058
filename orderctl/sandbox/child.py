"""The other process as the host sees it: started with nothing of this one, spoken to within a time, ended for sure."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from typing import Any

from orderctl.check import Ended
from orderctl.codes.plugin import PLUGIN_ANSWER, PLUGIN_DIED, PLUGIN_TIMEOUT
from orderctl.model import Document
from orderctl.sandbox.wire import HEAD, LONGEST, Said, framed, plain_document, read_said


class Child:
    """One process of plugins. ``loaded``: the paths of those it has; ``owner``: the process that started it."""

    def __init__(self) -> None:
        # Nothing of this process but two pipes: no environment, no files, no terminal, no folder, no group.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "orderctl.sandbox.guest"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={},
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._sink, self._source = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._sink, False)
        self._poll_sink, self._poll_source = select.poll(), select.poll()
        self._poll_sink.register(self._sink, select.POLLOUT)
        self._poll_source.register(self._source, select.POLLIN)
        self._seconds = 0.0
        self._until = 0.0
        self._calls = 0
        self._last: Document | None = None
        self.owner = os.getpid()
        self.loaded: set[str] = set()
        self.end = weakref.finalize(self, _end, self._process, self.owner)

    def begin(self, seconds: float, document: Document | None = None, **task: Any) -> None:
        """Begin a call that may take so many seconds from now on. A document that the guest has from the call before
        isn't sent again."""
        self._seconds = seconds
        self._until = time.monotonic() + self._seconds
        self._calls += 1
        same = document is self._last
        self._last = document
        self.send({"call": self._calls, "same": same, "document": None if same else plain_document(document), **task})

    def send(self, message: Any) -> None:
        """Send one message. Raises Ended."""
        left = memoryview(framed(message))
        while left:
            if not self._poll_sink.poll(self._left()):
                raise Ended(PLUGIN_TIMEOUT, seconds=int(self._seconds))
            try:
                left = left[os.write(self._sink, left) :]
            except BrokenPipeError:
                raise self._gone() from None

    def receive(self) -> Said:
        """Return what the guest says next about the call. Raises Ended, or one of NOT_SAID."""
        data = self._read(HEAD)
        size, data = int.from_bytes(data[:HEAD], "big"), data[HEAD:]
        if size > LONGEST:
            raise Ended(PLUGIN_ANSWER)
        said = read_said(data + self._read(size - len(data)))
        if said.call != self._calls:
            raise Ended(PLUGIN_ANSWER)
        return said

    def _read(self, least: int) -> bytes:
        data = b""
        while len(data) < least:
            if not self._poll_source.poll(self._left()):
                raise Ended(PLUGIN_TIMEOUT, seconds=int(self._seconds))
            found = os.read(self._source, 1 << 20)
            if not found:
                raise self._gone()
            data += found
        return data

    def _left(self) -> int:
        """Return the milliseconds that the call has left."""
        return max(0, int((self._until - time.monotonic()) * 1000))

    def _gone(self) -> Ended:
        """Return what became of a process that has closed its end."""
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return Ended(PLUGIN_ANSWER)
        return Ended(PLUGIN_DIED, problem=f"signal {-code}" if code < 0 else f"exit {code}")


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """End the process and all that it may have started; a fork of the one that started it only lets go of it."""
    if os.getpid() == owner:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe
        pipe.close()
