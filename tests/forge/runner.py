"""A forge's runner on this computer: the steps of a workflow as they are written, against a bare repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DONE = subprocess.CompletedProcess[str]


def scripts(file: str) -> list[str]:
    """Return the scripts of a shipped workflow or of action.yml, the installation left out."""
    path = ROOT / file
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "runs" in data:
        found = [step["run"] for step in data["runs"]["steps"]]
    elif file.endswith("gitlab.yml"):
        found = data["gate"]["script"]
    else:
        found = [step["run"] for step in data["jobs"]["gate"]["steps"]]
    kept = [script for script in found if "pip" not in script]
    assert len(kept) == len(found) - 1
    return kept


def run(file: str, folder: Path, variables: Mapping[str, str], rewrite: Mapping[str, str]) -> DONE:
    """Run a workflow's scripts one after the other, as the runner does, until one fails.

    ``variables`` is what the expressions in ``env`` come to; ``rewrite``: address → repository on disk.
    """
    folder.mkdir()
    for program in (folder / "venv/bin/orderctl", folder / ".venv/bin/orderctl"):
        program.parent.mkdir(parents=True)
        program.symlink_to(Path(sys.executable).parent / "orderctl")
    exported = folder / "exported"
    exported.touch()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "en_US.UTF-8",
        "ORDERCTL_LANG": "en",
        "RUNNER_TEMP": str(folder),
        "CI_PROJECT_DIR": str(folder),
        "GITHUB_ENV": str(exported),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **_settings([f"url.{path}.insteadOf={address}" for address, path in rewrite.items()]),
        **variables,
    }
    done = None
    for script in scripts(file):
        # What a step exports stands below what the next one's env says.
        lines = dict(line.partition("=")[::2] for line in exported.read_text().splitlines())
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=folder,
            env=environment | lines,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            break
    assert done is not None
    return done


def _settings(settings: Sequence[str]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, setting in enumerate(settings):
        key, _, value = setting.partition("=")
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found
