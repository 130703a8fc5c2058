"""The server's ledger: which branch moved from what to what, when that was seen, and by which verdict.

One JSON object a line, each with the SHA-256 of the line before; lines are only ever appended. The path of the file
in, entries out; a line that a crash tore off is mended, a chain that doesn't hold is refused by name.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from orderctl.codes.server import LEDGER_BROKEN
from orderctl.trust.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "ledger.jsonl"
FIRST = "0" * 64
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One accepted step of a protected branch. ``observed``: seconds since 1970 by the server's clock. ``old`` is
    all zeros for a branch that is new; ``recovered``: written later, when the entry was found missing."""

    observed: int
    ref: str
    old: str
    new: str
    tree: str
    policy_version: int
    policy_sha256: str
    pusher: Mapping[str, str]
    verdict: str
    recovered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """A record in its place: number (from 1), the digest of the line before, and of its own line."""

    seq: int
    prev: str
    digest: str = ""


@dataclass(frozen=True)
class Ledger:
    """All entries, oldest first. ``torn``: bytes at the end that are no whole line."""

    entries: tuple[Entry, ...] = ()
    torn: bytes = b""

    def last(self, ref: str) -> Entry | None:
        """Return the newest entry of ``ref``."""
        return self._last.get(ref)

    @cached_property
    def _last(self) -> dict[str, Entry]:
        return {entry.ref: entry for entry in self.entries}

    @property
    def newest(self) -> int:
        """The latest time seen, or 0."""
        return max((entry.observed for entry in self.entries), default=0)


def ledger_path(git_dir: Path) -> Path:
    """Return where a repository's ledger lies."""
    return git_dir / "orderctl" / NAME


def read_ledger(path: Path) -> Ledger:
    """Return the ledger, empty if there is none. Raises Refusal ``ledger.broken`` where the chain doesn't hold."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return Ledger()
    with os.fdopen(descriptor, "rb") as stream:
        return parse_ledger(stream.read(), path.name)


def parse_ledger(data: bytes, name: str = NAME) -> Ledger:
    """Return the ledger that these bytes hold; see ``read_ledger``."""
    import msgspec

    *lines, torn = data.split(b"\n")
    read = msgspec.json.Decoder(Entry, strict=True).decode
    entries: list[Entry] = []
    prev = FIRST
    for seq, line in enumerate(lines, 1):
        try:
            entry = read(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _broken(name, seq, str(error)) from None
        if line_of(entry) != line:
            raise _broken(name, seq, "spelling")
        if entry.seq != seq:
            raise _broken(name, seq, f"seq {entry.seq}")
        if entry.prev != prev:
            raise _broken(name, seq, "prev")
        prev = sha256(line).hexdigest()
        object.__setattr__(entry, "digest", prev)
        entries.append(entry)
    return Ledger(tuple(entries), torn)


def line_of(entry: Entry) -> bytes:
    """Return an entry's one spelling: keys sorted, no spaces."""
    import msgspec

    names = sorted(name for name in entry.__dataclass_fields__ if name != "digest")
    value = {name: getattr(entry, name) for name in names}
    return msgspec.json.encode(value, order="sorted")


def append(path: Path, records: Sequence[Record]) -> tuple[Entry, ...]:
    """Write records behind the last entry, whole and to the disk, and return them as entries.

    Under ``locked``. What a crash left of a line is cut off first; the branch's tip tells that the entry is missing.
    Raises Refusal for a broken chain, OSError for a disk that can't be written.
    """
    ledger = read_ledger(path)
    prev = ledger.entries[-1].digest if ledger.entries else FIRST
    made: list[Entry] = []
    data = b""
    for seq, record in enumerate(records, len(ledger.entries) + 1):
        fields = {name: getattr(record, name) for name in Record.__dataclass_fields__}
        entry = Entry(**fields, seq=seq, prev=prev)
        line = line_of(entry)
        prev = sha256(line).hexdigest()
        object.__setattr__(entry, "digest", prev)
        made.append(entry)
        data += line + b"\n"
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        if ledger.torn:
            os.ftruncate(descriptor, os.fstat(descriptor).st_size - len(ledger.torn))
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_folder(path.parent)
    return tuple(made)


@contextmanager
def locked(folder: Path, name: str = "ledger.lock") -> Iterator[None]:
    """Hold a lock in ``folder`` (made if missing), the ledger's own or another; the kernel frees it when we die.

    Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(folder / name, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _broken(name: str, seq: int, what: str) -> Refusal:
    return Refusal(LEDGER_BROKEN.at("", commit="", person="", file=name, entry=seq, what=what[:200]))
