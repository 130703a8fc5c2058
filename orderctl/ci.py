"""The gate for a forge's own runners: a workflow file, written into a company's repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PLACES: Mapping[str, str] = {
    "github": ".github/workflows/gate.yml",
    "gitlab": ".gitlab-ci.yml",
    "gitea": ".github/workflows/gate.yml",
}
"""Forge → where its workflow lies. Gitea reads GitHub's folder too, and that one is a trusted path."""


def workflow(forge: str) -> str:
    """Return the workflow of a forge, pinned to the orderctl that is running."""
    from importlib.metadata import version

    from orderctl.resources import builtin

    text = (builtin("templates") / "ci" / f"{forge}.yml").read_text(encoding="utf-8")
    return text.replace("@VERSION@", version("orderctl"))


def write_workflow(root: Path, forge: str, *, force: bool = False) -> str:
    """Write it below ``root`` and return its path there; FileExistsError if another file is there and not ``force``."""
    from orderctl.writing import write_inside

    path, data = PLACES[forge], workflow(forge).encode()
    file = root / path
    if not (file.is_file() and file.read_bytes() == data):
        write_inside(root, path, data, new=not force)
    return path
