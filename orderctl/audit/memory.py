"""What the last audit of a branch saw, so that the next one judges only what is new. Losing it costs time only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from orderctl.git import HEX
from orderctl.places import run_lock
from orderctl.tree import read_file
from orderctl.writing import write_inside

NAME = "audit.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One audit. ``code``: digest of all that judged; ``known``: digest of what was known of keys; ``ledger``: how
    many entries it had, and the last one's digest; ``open``: the steps with findings, [before, after, codes];
    ``verdict``: digest of the verdict; ``lost``: commits that the branch once held and then didn't."""

    ref: str
    root: str
    tip: str
    code: str
    known: str
    ledger: tuple[int, str]
    commits: int
    steps: int
    open: tuple[tuple[str, str, tuple[str, ...]], ...]
    verdict: str
    lost: tuple[str, ...] = ()

    def denied(self) -> Mapping[str, tuple[str, ...]]:
        """Return the states that were denied, with the codes."""
        return {after: codes for _, after, codes in self.open}


def remember(folder: Path, memory: Memory) -> None:
    """Write what was seen; where nothing can be written, the next audit judges everything again."""
    body = msgspec.json.encode(memory)
    whole = {"audit": msgspec.Raw(body), "sha256": hashlib.sha256(body).hexdigest()}
    with run_lock(folder) as usable:
        if usable:
            with suppress(OSError):  # a full disk, or a link in its place
                write_inside(folder, NAME, msgspec.json.encode(whole) + b"\n")


class _Whole(msgspec.Struct, forbid_unknown_fields=True):
    audit: msgspec.Raw
    sha256: str


def recall(folder: Path) -> Memory | None:
    """Return what the last audit saw; None if there was none or anything about the file is odd."""
    raw: Any = read_file(folder, NAME)
    try:
        whole = msgspec.json.decode(raw, type=_Whole)
        memory = msgspec.json.decode(whole.audit, type=Memory, strict=True)
    except (msgspec.MsgspecError, TypeError, UnicodeDecodeError):
        return None
    ids = (memory.root, memory.tip, *memory.lost, *(id for before, after, _ in memory.open for id in (before, after)))
    sound = hashlib.sha256(bytes(whole.audit)).hexdigest() == whole.sha256 and all(map(HEX.fullmatch, ids))
    return memory if sound else None
