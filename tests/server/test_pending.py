"""Verdicts on their way from pre-receive to post-receive: whose push lives, what is written down; in process."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from orderctl.hooks import pending
from orderctl.hooks.landed import record as landed
from orderctl.trust.ledger import Record, append, ledger_path, locked, read_ledger
from tests.server.hall import MAIN, ZERO
from tests.server.test_ledger import record
from tests.trust.repository import Repository

ME = os.getpid()


class Push:
    """A process that moves refs, until it ends."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        self.id = self.process.pid

    def end(self, *, asked: bool) -> None:
        """End it; not ``asked`` for by its parent it stays as a zombie."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        os.waitid(os.P_PID, self.id, os.WEXITED | os.WNOWAIT)
        if asked:
            self.process.wait()


@pytest.fixture
def other() -> Iterator[Push]:
    made = Push()
    yield made
    made.end(asked=True) if made.process.returncode is None else None


def files(state: Path) -> int:
    return len(list((state / "verdicts").glob("*.json")))


class TestVerdictsOnTheirWay:
    """Whether a push is just moving a branch, and by which verdicts a branch got where it is."""

    def test_another_live_push_moves_it(self, tmp_path: Path) -> None:
        one = record(1)
        pending.reserve(tmp_path, [one], ME)
        assert pending.moving(tmp_path, MAIN, one.old, 1)
        assert not pending.moving(tmp_path, MAIN, one.old, ME)  # that is this push itself
        assert not pending.moving(tmp_path, MAIN, one.new, 1)
        assert not pending.moving(tmp_path, "refs/heads/other", one.old, 1)
        assert pending.pending(tmp_path, MAIN, one.old, one.new) == one
        assert pending.pending(tmp_path, MAIN, one.old, one.old) is None

    @pytest.mark.parametrize("asked", [False, True])
    def test_a_push_that_died_moves_nothing(self, tmp_path: Path, other: Push, asked: bool) -> None:
        pending.reserve(tmp_path, [record(1)], other.id)
        assert pending.moving(tmp_path, MAIN, record(1).old, ME)
        assert files(tmp_path) == 1
        other.end(asked=asked)
        assert not pending.moving(tmp_path, MAIN, record(1).old, ME)
        assert files(tmp_path) == 0

    @pytest.mark.parametrize("process", [0, 1])
    def test_what_no_push_can_be_moves_nothing(self, tmp_path: Path, process: int) -> None:
        pending.reserve(tmp_path, [record(1)], process)
        assert not pending.moving(tmp_path, MAIN, record(1).old, ME)

    def test_another_process_of_the_same_number_is_another(self, tmp_path: Path) -> None:
        pending.reserve(tmp_path, [record(1)], ME)
        (file,) = (tmp_path / "verdicts").iterdir()
        value = json.loads(file.read_text())
        assert value["process"] == [ME, pending.started(ME)]
        for owner in ([ME, "1"], [2**70, pending.started(ME)]):
            file.write_text(json.dumps(value | {"process": owner}))
            assert not pending.moving(tmp_path, MAIN, record(1).old, 1)

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"process": 1}', '{"process": [1, "x"], "more": 1}', "\xff"]
    )
    def test_a_file_that_says_nothing_counts_for_nothing(self, tmp_path: Path, text: str) -> None:
        pending.reserve(tmp_path, [record(1)], ME)
        (file,) = (tmp_path / "verdicts").iterdir()
        file.write_bytes(text.encode("latin-1"))
        assert pending.pending(tmp_path, MAIN, record(1).old, record(1).new) is None
        assert not pending.moving(tmp_path, MAIN, record(1).old, 1)

    def test_nor_does_a_link_or_a_verdict_under_another_name(self, tmp_path: Path) -> None:
        pending.reserve(tmp_path, [record(1)], ME)
        (file,) = (tmp_path / "verdicts").iterdir()
        data = file.read_bytes()
        pending.reserve(tmp_path, [record(2)], ME)
        other = next(f for f in (tmp_path / "verdicts").iterdir() if f != file)
        other.write_bytes(data)
        assert pending.pending(tmp_path, MAIN, record(2).old, record(2).new) is None
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
        assert pending.pending(tmp_path, MAIN, record(1).old, record(1).new) is None

    def test_steps_are_found_one_after_the_other(self, tmp_path: Path, other: Push) -> None:
        """Among others, forks and circles."""
        first, second, third = record(1), record(2), record(3)
        fork = replace(second, new="f" * 40)
        back = replace(third, new=first.new)
        elsewhere = replace(first, ref="refs/heads/other")
        pending.reserve(tmp_path, [first, fork, back, elsewhere], ME)
        pending.reserve(tmp_path, [second], other.id)
        other.end(asked=True)

        def path(old: str, new: str, ref: str = MAIN) -> list[Record]:
            return pending.path_between(tmp_path, ref, old, new)

        assert path(first.old, second.new) == [first, replace(second, recovered=True)]
        assert path(first.old, first.new) == [first]
        assert path(second.old, first.new) == [replace(second, recovered=True), back]
        assert path(first.old, "f" * 40) == [first, fork]
        assert path(first.old, "e" * 40) == path(second.new, second.old, "refs/heads/other") == []
        assert path(first.old, first.new, "refs/heads/other") == [elsewhere]

    def test_what_leads_nowhere_any_more_is_forgotten(self, tmp_path: Path, other: Push) -> None:
        pending.reserve(tmp_path, [record(1), record(5, "refs/heads/new")], other.id)
        pending.reserve(tmp_path, [record(2)], ME)
        other.end(asked=True)
        pending.sweep(tmp_path, {MAIN: record(1).old})
        assert files(tmp_path) == 3
        pending.sweep(tmp_path, {MAIN: record(3).old})
        assert files(tmp_path) == 2  # the live one, and that of a branch that the ledger doesn't know
        pending.drop(tmp_path, [record(2), record(9)])
        assert files(tmp_path) == 1

    def test_no_folder_is_an_empty_one(self, tmp_path: Path) -> None:
        assert not pending.moving(tmp_path, MAIN, ZERO, ME)
        assert pending.path_between(tmp_path, MAIN, ZERO, "1" * 40) == []


class TestLanded:
    """What post-receive writes down."""

    def send(self, where: Repository, *updates: tuple[str, str, str]) -> list[str]:
        return landed(where.git, "".join(f"{old} {new} {ref}\n" for old, new, ref in updates).encode())

    @pytest.fixture
    def where(self, tmp_path: Path) -> Repository:
        made = Repository(tmp_path / "firm.git")
        ledger_path(made.folder).parent.mkdir()
        return made

    def test_a_step_with_its_verdict(self, where: Repository) -> None:
        path = ledger_path(where.folder)
        one, two = record(0), record(1)
        pending.reserve(path.parent, [one, two], ME)
        assert self.send(where, (one.old, one.new, MAIN)) == [MAIN]
        assert self.send(where, (two.old, two.new, MAIN)) == [MAIN]
        assert [(e.old, e.new, e.recovered) for e in read_ledger(path).entries] == [
            (one.old, one.new, False), (two.old, two.new, False),
        ]  # fmt: skip
        assert files(path.parent) == 0

    def test_a_step_without_one_is_left_to_the_next_push(self, where: Repository) -> None:
        assert self.send(where, (record(1).old, record(1).new, MAIN)) == [MAIN]
        assert read_ledger(ledger_path(where.folder)).entries == ()

    def test_a_step_that_the_next_push_has_written_already(self, where: Repository) -> None:
        path = ledger_path(where.folder)
        with locked(path.parent):
            append(path, [replace(record(1), recovered=True), record(2)])
        pending.reserve(path.parent, [record(1)], ME)
        assert self.send(where, (record(1).old, record(1).new, MAIN)) == [MAIN]
        assert len(read_ledger(path).entries) == 2
        assert files(path.parent) == 0

    def test_a_branch_made_anew(self, where: Repository) -> None:
        path = ledger_path(where.folder)
        with locked(path.parent):
            append(path, [record(1)])
        anew = replace(record(7), old=ZERO)
        pending.reserve(path.parent, [anew], ME)
        self.send(where, (ZERO, anew.new, MAIN))
        assert [e.new for e in read_ledger(path).entries] == [record(1).new, anew.new]

    def test_what_nobody_guards_is_not_written_down(self, where: Repository) -> None:
        one = record(1)
        refs = ("refs/heads/work", "refs/tags/v1")
        pending.reserve(ledger_path(where.folder).parent, [replace(one, ref=ref) for ref in refs], ME)
        assert self.send(where, *((one.old, one.new, ref) for ref in refs), (one.old, ZERO, MAIN)) == []
        assert read_ledger(ledger_path(where.folder)).entries == ()


def test_what_a_verdict_holds_is_written(tmp_path: Path) -> None:
    pending.reserve(tmp_path, [record(1)], ME)
    (file,) = (tmp_path / "verdicts").iterdir()
    assert json.loads(file.read_text()) == asdict(record(1)) | {"process": [ME, pending.started(ME)]}
    assert re.fullmatch(r"[0-9a-f]{32}\.json", file.name)
