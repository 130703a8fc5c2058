"""Real workspaces for tests: a copy of the base data in a Git repository of its own, and the real command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import forked

BASE = Path(__file__).parent / "data" / "base"
CASE = "orders/2024/05/OD2024050012"
AS_OF = "2024-05-25"


def git(root: Path, *args: str) -> str:
    """Run git in ``root`` as a fixed person, whatever this computer's settings are."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", *args]
    return subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout


def workspace(folder: Path) -> Path:
    """Copy the base workspace to ``folder`` and commit it."""
    shutil.copytree(BASE, folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


def orderctl(root: Path, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in ``root``, in English."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "ORDERCTL_"))}
    environment |= {"ORDERCTL_LANG": "en", "NO_COLOR": "1", "XDG_DATA_HOME": str(root.parent / "data")} | variables
    if any(name.startswith(("LANG", "LC_", "PYTHON")) for name in variables):  # these act when Python starts
        command = [sys.executable, "-m", "orderctl", *args]
        return subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
    return forked.run(args, root, environment, timeout=300)


def found(root: Path, *args: str) -> list[dict[str, Any]]:
    """Return the findings of ``orderctl check`` as JSON gives them."""
    done = orderctl(root, "check", "--as-of", AS_OF, "--output", "json", *args)
    assert done.returncode in (0, 10), done.stderr
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


def places(findings: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Return rule, path and line of each finding that is not about time."""
    late = ("delivery-late", "delay-not-told")
    return [(f["rule"], f["path"], f["line"]) for f in findings if f["rule"] not in late]


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace ``old`` by ``new``, once, in a file that has it."""
    file = root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
