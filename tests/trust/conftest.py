"""One company for all tests of a run; each gets a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.company import AS_OF, Company, company
from tests.workspaces import orderctl


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = company(tmp_path_factory.mktemp("company"))
    assert orderctl(made.root, "check", "--as-of", AS_OF).returncode in (0, 10)  # each copy finds its book made
    return made


@pytest.fixture
def firm(original: Company, tmp_path: Path) -> Company:
    return original.copy(tmp_path / "work")
