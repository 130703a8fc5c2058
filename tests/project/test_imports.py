"""The import contract is kept, and notices each way of breaking it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREACHES = {
    "a stage imports a stage": ("report/text.py", "import orderctl.tree", "the straight line BROKEN"),
    "a stage imports the pipeline": ("check.py", "import orderctl.pipeline", "the straight line BROKEN"),
    "values import a stage": ("model.py", "import orderctl.rule", "the straight line BROKEN"),
    "a library among the values": ("rule.py", "import yaml", "values stand on the standard library and pluggy BROKEN"),
    "validate looks at the tree": ("validate.py", "import orderctl.tree", "schemas are all it knows BROKEN"),
    "a stage speaks to the user": (
        "publish/__init__.py",
        "import click",
        "only the command line knows that there is one BROKEN",
    ),
    "a module without a place": ("stray.py", "", "the straight line BROKEN"),
}


def contract(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contract of the package in ``folder``."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its settings."""
    shutil.copytree(ROOT / "orderctl", tmp_path / "orderctl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_kept(copy: Path) -> None:
    done = contract(copy)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("breach", BREACHES, ids=[name.replace(" ", "-") for name in BREACHES])
def test_broken(copy: Path, breach: str) -> None:
    name, line, verdict = BREACHES[breach]
    path = copy / "orderctl" / name
    text = path.read_text(encoding="utf-8") if path.exists() else '"""Nothing."""\n'
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    done = contract(copy)
    assert done.returncode == 1
    assert verdict in " ".join(done.stdout.split()), done.stdout
