"""Repositories made once and copied: one that only has refs to guard, one with a whole company."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.hall import Hall, git
from tests.trust.company import Company, company, order_on_a_branch
from tests.workspaces import orderctl


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


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company whose branch holds an order: submitted in one commit, approved in the next."""
    firm = company(tmp_path_factory.mktemp("firm"))
    order_on_a_branch(firm, approved=True)
    return firm


@pytest.fixture(scope="session")
def hall_once(made: Company, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A server with main as it was before the order, its book made."""
    hall = Hall.of(made.root, tmp_path_factory.mktemp("server") / "firm.git", "--signed-push")
    assert orderctl(hall.path, "hook", "catch-up").returncode == 0
    return hall


@pytest.fixture
def hall(hall_once: Hall, tmp_path: Path) -> Hall:
    return hall_once.copy(tmp_path / "firm.git")


@pytest.fixture
def firm(made: Company, tmp_path: Path) -> Company:
    return made.copy(tmp_path / "work")
