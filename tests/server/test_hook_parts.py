"""The parts of the server's hooks, called in process: refs, gaps, what is said, settings, work that ends badly."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from orderctl.git import Git
from orderctl.hooks.commit import judge_outgoing
from orderctl.hooks.push import Update, judge_refs
from orderctl.hooks.receive import digest_of, judge
from orderctl.hooks.say import lines, refused
from orderctl.hooks.supervise import supervised
from orderctl.model import Finding, SetupError, Severity
from orderctl.trust.ledger import append, ledger_path, locked, read_ledger
from orderctl.trust.server import hooks_folders, is_ours, launcher, read_server
from orderctl.workspace import Workspace
from tests.server.hall import MAIN, ZERO, Hall, git, raw_commit
from tests.server.test_ledger import record
from tests.server.test_pending import files
from tests.trust.repository import Repository

ME = os.getpid()


def refs(where: Hall, *updates: Update) -> list[str]:
    repository = Git(where.path, None)
    return [d.finding.rule for d in judge_refs(repository, read_server(repository), updates)]


def test_what_a_protected_branch_may_not_become(plain: Hall, client: Path) -> None:
    tip, tree = plain.tip(), plain.git("rev-parse", f"{MAIN}^{{tree}}")
    work = Update("refs/heads/work", ZERO, tip)
    assert refs(plain, work) == []
    assert refs(plain, replace(work, new=tree)) == ["ref.type"]
    assert refs(plain, Update(MAIN, tip, ZERO)) == ["ref.delete"]
    assert refs(plain, Update("refs/tags/v1", ZERO, tip)) == []
    assert refs(plain, Update("refs/tags/v1", ZERO, ZERO)) == ["tag.moved"]
    plain.git("branch", "work", MAIN)
    assert refs(plain, Update("refs/heads/work", tip, ZERO)) == []
    plain.git("tag", "v1", MAIN)
    assert refs(plain, Update("refs/tags/v1", tip, ZERO)) == ["tag.moved"]


def test_a_commit_that_git_reads_in_its_own_way_is_named_first(plain: Hall) -> None:
    """Two tree headers: nobody knows what the commit holds, so it isn't said that it fails to go on."""
    tree = plain.git("rev-parse", f"{MAIN}^{{tree}}")
    data = raw_commit(tree, []).replace(b"author", b"tree " + tree.encode() + b"\nauthor", 1)
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=plain.path, input=data, capture_output=True, check=True,
    )  # fmt: skip
    assert refs(plain, Update(MAIN, plain.tip(), made.stdout.decode().strip())) == ["commit.malformed"]
    sound = plain.git("commit-tree", "-m", "x", tree)
    assert refs(plain, Update(MAIN, plain.tip(), sound)) == ["ref.unrelated"]


def test_a_gap_that_somebody_else_closes_meanwhile(plain: Hall, client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pushes find the same gap: it is written down once. What the gate says is played: here it allows."""
    from orderctl.gate import Verdict

    repository = Git(plain.path, None)
    server, path = read_server(repository), ledger_path(plain.path)
    first, second = git(client, "rev-parse", "HEAD"), git(client, "commit-tree", "-p", "HEAD", "-m", "x", "HEAD^{tree}")
    assert plain.push(client, f"{second}:refs/heads/work").returncode == 0
    plain.git("config", "orderctl.root", git(client, "rev-parse", "HEAD~2"))
    root = read_server(repository).root
    gap = replace(record(0), ref=MAIN, old=root, new=first, observed=1, recovered=True)

    def allow(_workspace: Workspace, base: str, head: str, *, observed: int) -> Verdict:
        if (base, head) == (root, first):
            with locked(path.parent):
                append(path, [gap])
        return Verdict(base, head, observed, (), (), 1, "")

    monkeypatch.setattr("orderctl.gate.gate", allow)
    data = f"{first} {second} {MAIN}\n".encode()
    assert server.root == first
    server = read_server(repository)
    assert judge(Workspace(None, repository), server, data, {}, int(time.time()), ME) == ()
    assert [e.new for e in read_ledger(path).entries] == [first]
    assert files(path.parent) == 1


def test_what_is_not_an_error_refuses_nothing(plain: Hall, client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal names the errors only, whatever else was found; a parameter of whatever name changes nothing."""
    from orderctl.gate import Verdict

    repository, path = Git(plain.path, None), ledger_path(plain.path)
    found = (
        Finding("some-rule", Severity.WARNING, "a.yaml", ""),
        Finding("other-rule", Severity.ERROR, "b.yaml", "", {"waived_by": "W1"}),
    )
    said = iter([found[:1], found])
    monkeypatch.setattr(
        "orderctl.gate.gate", lambda _w, base, head, *, observed: Verdict(base, head, observed, next(said), (), 1, "")
    )
    old, new = plain.tip(), git(client, "commit-tree", "-p", "HEAD", "-m", "x", "HEAD^{tree}")
    assert plain.push(client, f"{new}:refs/heads/work").returncode == 0
    for rules in ([], ["other-rule"]):
        denials = judge(
            Workspace(None, repository),
            read_server(repository),
            f"{old} {new} {MAIN}\n".encode(),
            {},
            int(time.time()),
            ME,
        )
        assert [d.finding.rule for d in denials] == rules
        assert files(path.parent) == 1


def test_a_verdict_has_one_digest(plain: Hall) -> None:
    from orderctl.gate import Verdict

    one = Verdict("1" * 40, "2" * 40, 5, (Finding("a", Severity.INFO, "x\udcff", "", {"b": 1, "a": "2"}),), (), 1, "d")
    digests = {digest_of(v) for v in (one, replace(one, observed=6), replace(one, findings=()), replace(one, head="3"))}
    assert len(digests) == 4
    assert digest_of(one) == digest_of(replace(one, findings=(replace(one.findings[0], params={"a": "2", "b": 1}),)))


@pytest.mark.parametrize(
    ("ref", "old", "new", "judged"),
    [
        (MAIN, "base", "head", True),
        ("refs/heads/work", "base", "head", False),
        (MAIN, ZERO, "head", False),
        (MAIN, "base", ZERO, False),
        (MAIN, "9" * 40, "head", False),
    ],
)
def test_before_a_push_only_the_protected_branch_is_judged(
    client: Path, monkeypatch: pytest.MonkeyPatch, ref: str, old: str, new: str, judged: bool
) -> None:
    asked = []
    monkeypatch.setattr("orderctl.gate.gate", lambda _w, base, head: asked.append((base, head)))
    names = {"base": git(client, "rev-parse", "HEAD~1"), "head": git(client, "rev-parse", "HEAD")}
    line = f"refs/heads/x {names.get(new, new)} {ref} {names.get(old, old)}\n"
    place = Workspace(client, Git(client / ".git", client))
    found = list(judge_outgoing(place, f"{line}\n".encode(), {}))
    assert [ref for ref, _ in found] == ([MAIN] if judged else [])
    assert asked == ([(names["base"], names["head"])] if judged else [])


class TestSupervised:
    """Work that ends in whatever way is an answer."""

    def test_it_says_yes_or_no(self) -> None:
        assert supervised(lambda: (True, ["a", "b"]), 20) == supervised(lambda: (True, ["a", "b"]), 20)
        assert supervised(lambda: (True, ["a"]), 20).allowed
        assert supervised(lambda: (False, ["a"]), 20).lines == ("a",)
        assert not supervised(lambda: (1, []), 20).allowed  # type: ignore[arg-type,return-value]

    def test_it_says_more_than_fits_into_a_pipe(self) -> None:
        assert supervised(lambda: (True, ["x" * 1_000_000]), 20).lines == ("x" * 1_000_000,)

    def test_it_crashes(self) -> None:
        def crash() -> tuple[bool, list[str]]:
            raise SystemExit(f"two\nlines {'x' * 400}")

        answer = supervised(crash, 20)
        assert not answer.allowed
        assert re.fullmatch("SystemExit: two lines x{278}", answer.problem)

    def test_it_dies(self) -> None:
        assert supervised(lambda: os.kill(os.getpid(), 9), 20).problem == "signal 9"  # type: ignore[arg-type,return-value]
        assert supervised(lambda: os._exit(0), 20).problem == "no answer"

    def test_it_has_no_time(self) -> None:
        assert supervised(lambda: (True, []), 0.0).problem == "time"
        assert supervised(lambda: signal.pause(), 0.05).problem == "time"  # type: ignore[arg-type,return-value]  # noqa: PLW0108

    def test_it_says_something_else(self) -> None:
        def odd() -> tuple[bool, list[str]]:
            return True, [{1}]  # type: ignore[list-item]

        answer = supervised(odd, 20)
        assert (answer.allowed, answer.problem) == (False, "no answer")


def test_a_denial_is_cut_and_shown_safely(plain: Hall) -> None:
    from orderctl.hooks.push import Denial

    repository = Git(plain.path, None)
    server = read_server(repository)
    finding = Finding(
        "ref.forbidden", Severity.ERROR, "", "", {"ref": "\x1b[31m" + "x" * 500, "commit": "", "person": ""}
    )
    denials = [Denial(f"refs/heads/{n}", finding) for n in range(41)]
    said = lines(repository, server, denials, "en")
    assert len(said) == 40
    assert said[-1] == "… and 2 more"
    assert all("\x1b" not in line for line in said)
    assert len(lines(repository, server, denials[:39], "en")) == 39
    assert len(lines(repository, server, denials[:40], "en")) == 40


def test_what_is_said_of_what_is_not_there(plain: Hall) -> None:
    from orderctl.hooks.push import Denial

    repository = Git(plain.path, None)
    finding = Finding(
        "ref.forbidden", Severity.ERROR, "a.yaml", "", {"ref": "x", "commit": "1" * 40, "person": ""}, 3, 1
    )
    (line,) = lines(repository, read_server(repository), [Denial(MAIN, finding)], "en")
    assert line.startswith(f"{MAIN} 1111111111 [ref.forbidden] a.yaml:3: ")
    error = SetupError("setup.sample", "样例", "a sample" + "x" * 400)
    assert refused(error, "zh") == "[setup.sample] 样例"
    assert re.fullmatch(r"\[setup.sample\] a samplex+…", refused(error, "en"))
    assert len(refused(error, "en")) == 400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("soon", 120.0),
        ("0", 120.0),
        ("-1", 120.0),
        ("nan", 120.0),
        ("1e6", 120.0),
        ("999999", 999999.0),
    ],
)
def test_how_long_a_push_may_take(tmp_path: Path, value: str, seconds: float) -> None:
    where = Repository(tmp_path / "firm.git")
    assert read_server(where.git).time_limit == 120.0
    where.run("config", "orderctl.timeLimit", value)
    assert read_server(where.git).time_limit == seconds


def test_settings_of_a_server(tmp_path: Path) -> None:
    where = Repository(tmp_path / "firm.git")
    assert (read_server(where.git).protected, read_server(where.git).root) == ((MAIN,), "")
    for ref in (MAIN, "refs/heads/release", MAIN):
        where.run("config", "--add", "orderctl.protected", ref)
    (where.folder / "config").write_text(
        (where.folder / "config").read_text() + "[orderctl]\n\troot = 1\n\troot = 2\n\tbare\n"
    )
    server = read_server(where.git)
    assert (server.protected, server.root, server.settings["orderctl.bare"]) == (
        (MAIN, "refs/heads/release"),
        "2",
        "true",
    )


def test_whose_hook_it_is(tmp_path: Path) -> None:
    file = tmp_path / "pre-receive"
    assert not is_ours(file)
    file.write_text("#!/bin/sh\n")
    assert not is_ours(file)
    file.write_text(launcher("pre-receive"))
    assert is_ours(file)
    (tmp_path / "link").symlink_to(file)
    assert not is_ours(tmp_path / "link")
    assert hooks_folders(Git(tmp_path, None)) == (tmp_path / "hooks", tmp_path / "hooks")
