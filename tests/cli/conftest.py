"""A workspace in a real Git repository, and the real command line in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[1] / "data" / "base"
PROGRAM = Path(sys.executable).with_name("orderctl")
AS_OF = "2024-05-24"
"""A day on which the base workspace has nothing to complain about."""

Run = Callable[..., subprocess.CompletedProcess[str]]


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Lin Xiao", "-c", "user.email=lin.xiao@muyan.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the base workspace, committed."""
    folder = tmp_path / "shop"
    shutil.copytree(BASE, folder)
    (folder / ".gitignore").write_text(".orderctl/\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Start")
    return folder


@pytest.fixture
def orderctl(tmp_path: Path) -> Run:
    """Run the program; English unless told otherwise, no user settings."""

    def run(
        *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "ORDERCTL_LANG": "en"}
        return subprocess.run(
            [str(PROGRAM), *words],
            cwd=cwd,
            env={**clean, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
            check=False,
        )

    return run


def change(file: Path, old: str, new: str) -> None:
    """Replace ``old``, which must be there once."""
    text = file.read_text()
    assert text.count(old) == 1, (file, old, text.count(old))
    file.write_text(text.replace(old, new))
