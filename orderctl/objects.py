"""Object ids in, Git objects out: one ``git cat-file --batch`` for as long as it lives, every id computed anew.

Nothing that a repository holds is believed: an object whose bytes don't give its id is as good as missing. Many at
once come from a git of their own that may collect its answers: the standing one has to say each as it is asked.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import subprocess
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

from orderctl.git import Git, environment

LARGEST = 64 << 20
"""Bytes of an object that is still read; what is larger counts as missing: no document or evidence is."""
_KEPT = 64 << 20  # bytes of objects that are kept in memory
_KEPT_EACH = 1 << 20
_FEW = 50  # ids asked for at once through a pipe: few enough that neither side waits for the other
_ID = re.compile(r"[0-9a-f]{40}")
_HEADER = re.compile(rb"([0-9a-f]{40}) (blob|tree|commit|tag) (0|[1-9][0-9]{0,17})\n")

Found = tuple[str, bytes]


class Objects:
    """A repository's objects. A context manager; not for two threads at once."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._kept: OrderedDict[str, Found] = OrderedDict()
        self._size = 0
        self._bad: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End git."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    if stream is not None:
                        stream.close()
            process.wait()

    def get(self, id: str) -> Found | None:
        """Return (type, content) of an object; None if it is missing, damaged or larger than ``LARGEST``."""
        kept = self._kept.get(id)
        if kept is not None:
            self._kept.move_to_end(id)
            return kept
        if id in self._bad or not _ID.fullmatch(id):
            return None
        found = self._ask([id]).get(id)
        if found is None:
            self._bad.add(id)
        return found

    def blob(self, id: str) -> bytes | None:
        """Return a blob's content; None if it is missing, damaged or no blob."""
        found = self.get(id)
        return found[1] if found is not None and found[0] == "blob" else None

    def holds(self, id: str) -> bool:
        """Tell whether an object is at hand, or known not to be there."""
        return id in self._kept or id in self._bad

    def prefetch(self, ids: Iterable[str]) -> None:
        """Read these objects in few rounds, so that ``get`` has them at hand (as many as memory is meant for)."""
        wanted = [id for id in dict.fromkeys(ids) if not self.holds(id) and _ID.fullmatch(id)]
        if len(wanted) <= _FEW:
            self._ask(wanted)
            return
        mark = _mark()
        with tempfile.TemporaryFile() as question:  # a git of its own, which may collect its answers
            question.write(_question(wanted, mark))
            question.seek(0)
            with self._git_at(question, "--buffer") as process:
                self._take(process, wanted, mark)
                process.kill()

    def prefetch_below(self, id: str, count: int) -> None:
        """Read up to ``count`` commits ahead that git finds below a commit: a hint, of which nothing is believed."""
        if _ID.fullmatch(id):
            self.prefetch(self._git.try_run("rev-list", f"--max-count={count}", id).stdout.decode("ascii").split())

    def _ask(self, ids: list[str]) -> dict[str, Found]:
        """Return what git gives for at most ``_FEW`` ids; those behind the first it dies on aren't among it."""
        if self._process is None:
            self._process = self._git_at(subprocess.PIPE)
        mark = _mark()
        assert self._process.stdin
        try:
            self._process.stdin.write(_question(ids, mark))
        except OSError:
            self.close()
            return {}
        found, ended = self._take(self._process, ids, mark)
        if not ended:  # git died, or gave less or more than it said: a new one for the next question
            self.close()
        return found

    def _git_at(self, questions: int | IO[bytes], *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._git.command("cat-file", "--batch", *options),
            stdin=questions,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment(),
        )

    def _take(self, process: subprocess.Popen[bytes], ids: list[str], mark: bytes) -> tuple[dict[str, Found], bool]:
        """Return git's answers, and whether they end where they should."""
        assert process.stdout
        answers = _Answers(process.stdout.fileno(), mark + b" missing\n")
        found: dict[str, Found] = {}
        with suppress(OSError, EOFError):
            for id in ids:
                answer = _answer(answers, id)
                if answer is not None:
                    found[id] = answer
                    self._keep(id, answer)
            answers.end()
            return found, True
        return found, False

    def _keep(self, id: str, found: Found) -> None:
        if len(found[1]) > _KEPT_EACH:
            return
        self._kept[id] = found
        self._size += len(found[1])
        while self._size > _KEPT:
            self._size -= len(self._kept.popitem(last=False)[1][1])


def _mark() -> bytes:
    """Return what is asked last: behind its answer nothing comes, whatever a header promised."""
    return secrets.token_hex(16).encode()


def _question(ids: list[str], mark: bytes) -> bytes:
    return "".join(id + "\n" for id in ids).encode() + mark + b"\n"


class _Answers:
    """What git writes, until ``mark``. Raises EOFError where less or more comes than its headers say."""

    def __init__(self, stream: int, mark: bytes) -> None:
        self._stream = stream
        self._mark = mark
        self._data = bytearray()

    def line(self) -> bytes:
        """Return the next line."""
        while (end := self._data.find(b"\n")) < 0:
            self._more()
        return self.take(end + 1)

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        while len(self._data) < count:
            self._more()
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken

    def skip(self, count: int) -> None:
        """Forget the next ``count`` bytes."""
        while count:
            if not self._data:
                self._more()
            count -= len(self.take(min(count, len(self._data))))

    def end(self) -> None:
        """Refuse anything but the mark."""
        if self.line() != self._mark or self._data:
            raise EOFError

    def _more(self) -> None:
        chunk = b"" if self._data.endswith(self._mark) else os.read(self._stream, 1 << 20)
        if not chunk:
            raise EOFError
        self._data += chunk


def _answer(answers: _Answers, id: str) -> Found | None:
    """Return git's next answer, None for an object that isn't there or isn't what its id says. Raises EOFError."""
    line = answers.line()
    if line == id.encode() + b" missing\n":
        return None
    header = _HEADER.fullmatch(line)
    if header is None or header[1] != id.encode():
        raise EOFError
    size = int(header[3])
    if size > LARGEST:
        answers.skip(size + 1)
        return None
    content = answers.take(size + 1)[:-1]
    digest = hashlib.sha1(header[2] + b" %d\0" % size, usedforsecurity=False)
    digest.update(content)
    return (header[2].decode(), content) if digest.hexdigest() == id else None
