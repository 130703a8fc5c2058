"""One office for all tests here, made once; each test works in a clone of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk.office import DAY, NUMBER, Office, office, said


@pytest.fixture(scope="session")
def fresh_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose order isn't submitted."""
    return office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def submitted_office(fresh_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose order is submitted and open at its first stage."""
    made = fresh_office.copy(tmp_path_factory.mktemp("submitted") / "work")
    done = made.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", DAY)
    assert done.returncode == 0, said(done)
    return made


@pytest.fixture
def fresh(fresh_office: Office, tmp_path: Path) -> Office:
    return fresh_office.copy(tmp_path / "work")


@pytest.fixture
def submitted(submitted_office: Office, tmp_path: Path) -> Office:
    return submitted_office.copy(tmp_path / "work")


Refused = Callable[..., str]


@pytest.fixture
def refused() -> Refused:
    """Run a command that must be refused, leaving everything as it was; return what it said."""

    def run(at: Office, person: str, *args: str, code: int = 11, **more: str) -> str:
        before = at.state()
        done = at.run(person, *args, **more)
        assert done.returncode == code, said(done)
        assert "Traceback" not in done.stderr
        assert at.state() == before
        return done.stderr

    return run
