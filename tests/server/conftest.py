"""Repositories made once and copied: one that only has refs to guard, one with a whole company."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.hall import Hall, git


@pytest.fixture(scope="session")
def plain_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose root has a manifest and whose main has three commits."""
    root = tmp_path_factory.mktemp("plain") / "work"
    (root / "policy").mkdir(parents=True)
    (root / "policy" / "policy.yaml").write_text("schema: policy/1\nversion: 1\n")
    (root / "orderctl.yaml").write_text("schema: workspace/1\nlanguages: [en, zh]\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "root")
    for n in (1, 2):
        git(root, "commit", "-q", "--allow-empty", "-m", f"step {n}")
    return root


@pytest.fixture(scope="session")
def plain_hall(plain_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return Hall.of(plain_source, tmp_path_factory.mktemp("hall") / "plain.git")


@pytest.fixture
def plain(plain_hall: Hall, tmp_path: Path) -> Hall:
    """A server whose main is the pinned root."""
    return plain_hall.copy(tmp_path / "plain.git")


@pytest.fixture
def client(plain_source: Path, tmp_path: Path) -> Path:
    """A clone that pushes to ``plain``."""
    folder = tmp_path / "client"
    git(tmp_path, "clone", "-q", str(plain_source), str(folder))
    return folder
