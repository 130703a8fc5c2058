"""One company for all tests of a run; each gets a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.company import Company, company


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("company"))


@pytest.fixture
def firm(original: Company, tmp_path: Path) -> Company:
    return original.copy(tmp_path / "work")
