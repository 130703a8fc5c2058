"""What went past a real server's hooks: the audit finds it there, and in a clone with a copy of the ledger."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.server.hall import MAIN, Hall
from tests.trust.audits import audit, said
from tests.trust.company import Company
from tests.trust.test_audit_memory import ticket


@pytest.fixture(scope="module")
def hall_once(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return Hall.of(original.root, tmp_path_factory.mktemp("hall") / "firm.git")


@pytest.fixture
def hall(hall_once: Hall, tmp_path: Path) -> Hall:
    return hall_once.copy(tmp_path / "firm.git")


def at(hall: Hall, firm: Company) -> Company:
    return Company(hall.path, firm.keys)


def not_executable(hall: Hall) -> None:
    for hook in (hall.path / "hooks").iterdir():
        hook.chmod(0o644)


def removed(hall: Hall) -> None:
    shutil.rmtree(hall.path / "hooks")


def elsewhere(hall: Hall) -> None:
    hall.config("core.hooksPath", "/nonexistent")


def test_pushes_that_the_hooks_saw(hall: Hall, firm: Company) -> None:
    for name in ("one", "two"):
        ticket(firm, name)
        assert hall.push(firm.root, "main").returncode == 0
    verdict = audit(at(hall, firm), as_of=None)
    assert (said(verdict), verdict["audited"]["judged"]) == ([], 2)
    assert verdict["ref"] == MAIN
    assert audit(at(hall, firm), as_of=None)["audited"]["judged"] == 0


@pytest.mark.parametrize("trick", [not_executable, removed, elsewhere])
def test_p16_pushes_that_no_hook_saw(hall: Hall, firm: Company, trick: object) -> None:
    ticket(firm, "one")
    assert hall.push(firm.root, "main").returncode == 0
    assert callable(trick)
    trick(hall)
    bad = ticket(firm, "two", sign=False)
    assert hall.push(firm.root, "main").returncode == 0
    assert said(audit(at(hall, firm), as_of=None)) == [("ledger.gap", bad), ("sig.none", bad)]
    clone = firm.copy(firm.root.with_name("clone"))
    root = hall.git("config", "orderctl.root")
    assert said(audit(clone, "--from", root, as_of=None)) == [("sig.none", bad)]
    ledger = str(hall.path / "orderctl/ledger.jsonl")
    found = said(audit(clone, "--from", root, "--ledger", ledger, as_of=None))
    assert found == [("ledger.gap", bad), ("sig.none", bad)]


def test_m06_branch_moved_on_the_server_itself(hall: Hall, firm: Company) -> None:
    root = hall.tip()
    ticket(firm, "one")
    assert hall.push(firm.root, "main").returncode == 0
    hall.git("update-ref", MAIN, root)
    assert sorted(code for code, _ in said(audit(at(hall, firm), as_of=None))) == ["ledger.gap", "ref.non_ff"]
