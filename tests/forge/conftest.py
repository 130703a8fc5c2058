"""A server for each test; the loaded evidence plugins once for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orderctl.plugins import load_plugins
from orderctl.trust.forge import load_reviews
from orderctl.trust.reviews import Reviews
from tests.forge.firm import reviewed_company
from tests.forge.server import Forge, running
from tests.trust.company import Company

ROOT = Path(__file__).resolve().parents[2]
Load = Callable[..., Reviews]


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def load() -> Load:
    plugins, findings = load_plugins(ROOT / "plugins", {})
    assert not findings

    def get(text: str, timeout: float = 5.0, total: float = 20.0) -> Reviews:
        return load_reviews(text, plugins, timeout=timeout, total=total)

    return get


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return reviewed_company(tmp_path_factory.mktemp("reviewed"))


@pytest.fixture
def firm(original: Company, tmp_path: Path) -> Company:
    return original.copy(tmp_path / "work")
