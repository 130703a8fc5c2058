"""One company for all tests of a run; each gets a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust import steps
from tests.trust.company import AS_OF, NUMBER, Company, company, draft, order_on_a_branch
from tests.trust.histories import Commit
from tests.trust.judging import Gate
from tests.workspaces import orderctl


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = company(tmp_path_factory.mktemp("company"))
    assert orderctl(made.root, "check", "--as-of", AS_OF).returncode in (0, 10)  # each copy finds its book made
    return made


@pytest.fixture(scope="session")
def submitted(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An order on a branch, submitted; main has none of it."""
    firm = original.copy(tmp_path_factory.mktemp("submitted") / "work")
    order_on_a_branch(firm)
    return firm


@pytest.fixture(scope="session")
def audited(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An order that landed, approved by detached signatures; the root that audits begin with is pinned."""
    firm = original.copy(tmp_path_factory.mktemp("landed") / "work")
    firm.git("config", "orderctl.root", firm.head())
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "new order", at="2024-05-20T10:00:00+08:00")
    firm.approve_all()
    firm.commit("lin-xiao", "approvals", at="2024-05-20T14:00:00+08:00")
    firm.git("checkout", "-q", "main")
    firm.merge("chen-jie", f"new-{NUMBER}", at="2024-05-20T15:00:00+08:00")
    return firm


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
    return steps.begin(gate)


@pytest.fixture
def waiting(gate: Gate, root: Commit) -> Commit:
    """An order that landed submitted."""
    return steps.on(gate, root, {f"{steps.CASE}/order.yaml": steps.ORDER, **steps.submitted()})


@pytest.fixture
def approved(gate: Gate, waiting: Commit) -> Commit:
    return steps.on(gate, waiting, steps.approvals())
