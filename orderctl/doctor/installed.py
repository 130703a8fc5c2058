"""Are the hooks where git looks for them, executable, ours, and does the program that they call run?"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orderctl.codes.doctor import (
    DOCTOR_HOOK_FOREIGN,
    DOCTOR_HOOK_MISSING,
    DOCTOR_HOOK_OFF,
    DOCTOR_HOOK_PROGRAM,
    DOCTOR_HOOKS_PATH,
)
from orderctl.doctor import Context
from orderctl.model import Finding
from orderctl.trust.server import SERVER_HOOKS, hooks_folders, is_ours, launcher


def check(context: Context) -> Iterator[Finding]:
    """Yield what would make git skip a hook, or run another one."""
    folder, own = hooks_folders(context.git)
    wanted = SERVER_HOOKS if context.server else ("pre-commit",)
    if folder != own and any(is_ours(own / hook) for hook in wanted):
        yield DOCTOR_HOOKS_PATH.at("", commit="", person="", place=str(folder), own=str(own))
    for hook in wanted:
        file = folder / hook
        where: dict[str, Any] = {"hook": hook, "file": str(file)}
        if not file.exists():
            yield DOCTOR_HOOK_MISSING.at("", commit="", person="", **where)
        elif not is_ours(file) or not _same(file, hook, context.workspace.prefix):
            yield DOCTOR_HOOK_FOREIGN.at("", commit="", person="", **where)
        elif not os.access(file, os.X_OK):
            yield DOCTOR_HOOK_OFF.at("", commit="", person="", **where)
        else:
            yield from _program(file, hook)


def _same(file: Path, hook: str, prefix: str) -> bool:
    """Tell whether a hook is as it was written, whichever Python it names."""
    ours = launcher(hook, prefix).splitlines()
    theirs = file.read_text(encoding="utf-8", errors="replace").splitlines()
    if len(ours) != len(theirs) or ours[:-1] != theirs[:-1]:
        return False
    try:
        words, wanted = shlex.split(theirs[-1]), shlex.split(ours[-1])
    except ValueError:
        return False
    return words[:1] + words[2:] == wanted[:1] + wanted[2:] and words[1:2] != [] and os.path.isabs(words[1])


def _program(file: Path, hook: str) -> Iterator[Finding]:
    program = shlex.split(file.read_text(encoding="utf-8").splitlines()[-1])[1]
    try:
        done = subprocess.run(
            [program, "-I", "-c", "import orderctl"], capture_output=True, check=False, timeout=60, env={"LC_ALL": "C"}
        )
        runs = done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        runs = False
    if not runs:
        yield DOCTOR_HOOK_PROGRAM.at("", commit="", person="", hook=hook, program=program)
