"""One company for all tests of a run; each gets a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.company import AS_OF, Company, company
from tests.trust.histories import Commit
from tests.trust.judging import Gate
from tests.trust.steps import CASE, ORDER, approvals, begin, on, submitted
from tests.workspaces import orderctl


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = company(tmp_path_factory.mktemp("company"))
    assert orderctl(made.root, "check", "--as-of", AS_OF).returncode in (0, 10)  # each copy finds its book made
    return made


@pytest.fixture
def firm(original: Company, tmp_path: Path) -> Company:
    return original.copy(tmp_path / "work")


@pytest.fixture(scope="module")
def one_gate() -> Gate:
    return Gate()


@pytest.fixture
def gate(one_gate: Gate) -> Gate:
    one_gate.new()
    return one_gate


@pytest.fixture
def root(gate: Gate) -> Commit:
    return begin(gate)


@pytest.fixture
def waiting(gate: Gate, root: Commit) -> Commit:
    """An order that landed submitted."""
    return on(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()})


@pytest.fixture
def approved(gate: Gate, waiting: Commit) -> Commit:
    return on(gate, waiting, approvals())
