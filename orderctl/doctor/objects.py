"""Does the repository show the history that its objects tell: whole, in one place, nothing replaced or left over?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from orderctl.codes.doctor import DOCTOR_ALTERNATES, DOCTOR_LEFTOVER, DOCTOR_REPLACE
from orderctl.doctor import Context
from orderctl.model import Finding
from orderctl.trust.server import partial_history

_OLD = 3600.0
"""Seconds after which no push is still under way."""


def check(context: Context) -> Iterator[Finding]:
    """Yield what hides or changes history, and what broken-off pushes left."""
    git = context.git
    finding = partial_history(git)
    if finding is not None:
        yield finding
    rows = git.run("for-each-ref", "--format=%(refname)", "refs/replace/").decode(errors="replace")
    for ref in rows.splitlines():
        yield DOCTOR_REPLACE.at("", commit="", person="", ref=ref, id=ref.rpartition("/")[2])
    if not context.server:
        return
    alternates = git.git_dir / "objects" / "info" / "alternates"
    if alternates.exists():
        first = alternates.read_text(encoding="utf-8", errors="replace").strip().partition("\n")[0]
        yield DOCTOR_ALTERNATES.at("", commit="", person="", place=first)
    with os.scandir(git.git_dir / "objects") as entries:
        left = [e for e in entries if e.name.startswith(("tmp_objdir-", "incoming-"))]
    for entry in sorted(left, key=lambda e: e.name):
        age = time.time() - entry.stat(follow_symlinks=False).st_mtime
        if age > _OLD:
            yield DOCTOR_LEFTOVER.at("", commit="", person="", folder=entry.path, hours=int(age // 3600))
