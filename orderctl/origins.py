"""Which first-parent commit brought each path: one pass over the history, newest first."""

from __future__ import annotations

import os
from collections.abc import Mapping

from orderctl.git import Git

Commit = tuple[str, str]
"""Full id and committer date (ISO 8601)."""


def origins(git: Git, commit: str, prefix: str = "") -> Mapping[str, Commit]:
    """Return path (below ``prefix``) → the newest commit on the first-parent line of ``commit`` that changed it."""
    log = git.run(
        "-c", "log.showRoot=true", "log", "--first-parent", "-m", "--name-only", "-z", "--no-renames",
        "--no-ext-diff", "--no-textconv", "--format=%x01%H %cI", commit, "--", *([prefix] if prefix else []),
    )  # fmt: skip
    found: dict[str, Commit] = {}
    skip = len(prefix) + 1 if prefix else 0
    for record in log.split(b"\x01")[1:]:
        head, _, names = record.partition(b"\0")
        id, _, date = head.decode().partition(" ")
        for name in names.strip(b"\n").split(b"\0"):
            if name:
                found.setdefault(os.fsdecode(name.lstrip(b"\n"))[skip:], (id, date))
    return found


def order_of(git: Git, commit: str) -> Mapping[str, int]:
    """Return first-parent commit id → its place, 0 the newest."""
    ids = git.run("rev-list", "--first-parent", commit).decode().split()
    return {id: place for place, id in enumerate(ids)}
