"""Pushes to a protected branch through real git: what the gate says reaches the client, all lands or nothing does."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from orderctl.trust.ledger import ledger_path
from tests.server.hall import MAIN, ZERO, Hall, codes, environment, git
from tests.trust.company import CASE, Company
from tests.workspaces import orderctl

LEDGER_KEYS = {
    "seq", "observed", "ref", "old", "new", "tree", "policy_version", "policy_sha256", "pusher", "verdict", "prev",
    "recovered",
}  # fmt: skip


def bad(firm: Company) -> str:
    """Commit a change that nobody signed; return the commit."""
    firm.edit(f"{CASE}/order.yaml", "receiver: 赵敏", "receiver: 赵敏敏")
    return firm.commit("lin-xiao", "unsigned", sign=False)


def test_an_approved_order_lands_and_is_in_the_ledger(hall: Hall, firm: Company) -> None:
    base = hall.tip()
    done = hall.push(firm.root, "HEAD:main", REMOTE_USER="lin\x1b[31mxiao")
    assert done.returncode == 0, done.stderr
    assert "remote:" not in done.stderr
    (entry,) = hall.ledger()
    assert entry.keys() == LEDGER_KEYS
    assert (entry["ref"], entry["old"], entry["new"]) == (MAIN, base, firm.head())
    assert entry["tree"] == firm.git("rev-parse", "HEAD^{tree}")
    assert entry["policy_version"] == 1
    assert entry["policy_sha256"] == hall.git("config", "orderctl.policy")
    assert entry["recovered"] is False
    assert entry["pusher"]["user"].startswith("lin")
    assert list((hall.path / "orderctl/verdicts").iterdir()) == []


def test_s01_an_unsigned_commit_is_refused_by_name(hall: Hall, firm: Company) -> None:
    commit = bad(firm)
    before = hall.refs()
    done = hall.push(firm.root, "HEAD:main")
    assert done.returncode != 0
    assert "sig.none" in codes(done)
    line = next(line for line in done.stderr.splitlines() if "[sig.none]" in line)
    assert line.startswith(f"remote: {MAIN} {commit[:10]} [sig.none]")
    assert hall.refs() == before
    assert hall.ledger() == []


def test_m09_laundering_through_another_branch(hall: Hall, firm: Company) -> None:
    bad(firm)
    assert hall.push(firm.root, "HEAD:refs/heads/work").returncode == 0
    done = hall.push(firm.root, "HEAD:main")
    assert "sig.none" in codes(done)
    assert hall.push(firm.root, "HEAD~1:refs/heads/good", "HEAD~1:main").returncode == 0


@pytest.mark.parametrize("atomic", [(), ("--atomic",)])
def test_m14_all_refs_or_none(hall: Hall, firm: Company, atomic: tuple[str, ...]) -> None:
    before = hall.refs()
    bad(firm)
    done = hall.push(firm.root, *atomic, "HEAD:refs/heads/work", "HEAD:main")
    assert done.returncode != 0
    assert hall.refs() == before
    assert hall.push(firm.root, *atomic, "HEAD:refs/heads/work", "HEAD~1:main").returncode == 0


def test_c12_nothing_that_a_commit_says_reaches_the_terminal_raw(hall: Hall, firm: Company) -> None:
    firm.write("orders/2024/05/\x1b[2J/x\u202e.yaml", "schema: order/1\n")
    for who, code in (("lin-xiao\x1b[31m", "commit.malformed"), ("lin-xiao", "path.charset")):
        firm.commit(who, "evil \x1b]0;title\x07", key=firm.key("lin-xiao"))
        done = hall.push(firm.root, "HEAD:main")
        assert done.returncode != 0
        assert code in codes(done)
        told = done.stderr.replace("\x1b[K", "")  # git's own
        assert not any(c in told for c in "\x1b\x07\u202e")
        firm.git("reset", "-q", "--soft", "HEAD~1")
    firm.git("reset", "-q", "--hard", "HEAD")
    assert hall.push(firm.root, "HEAD:main").returncode == 0


def test_s25_the_surroundings_of_the_server_decide_nothing(hall: Hall, firm: Company, tmp_path: Path) -> None:
    fake = tmp_path / "bin"
    fake.mkdir()
    for name in ("ssh-keygen", "gpg"):
        (fake / name).write_text('#!/bin/sh\necho "Good \\"git\\" signature for gao-yuan"\nexit 0\n')
        (fake / name).chmod(0o755)
    (fake / "orderctl.py").write_text("raise SystemExit(0)\n")
    (fake / "sitecustomize.py").write_text("raise SystemExit(0)\n")
    hall.config("gpg.ssh.program", str(fake / "ssh-keygen"))
    surroundings = {
        "PATH": f"{fake}:{os.environ['PATH']}",
        "PYTHONPATH": str(fake),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "gpg.ssh.program",
        "GIT_CONFIG_VALUE_0": str(fake / "ssh-keygen"),
    }
    bad(firm)
    assert "sig.none" in codes(hall.push(firm.root, "HEAD:main", **surroundings))
    assert hall.push(firm.root, "HEAD~1:main", **surroundings).returncode == 0


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Europe/Berlin"])
def test_s27_the_servers_time_zone_decides_nothing(hall: Hall, firm: Company, zone: str) -> None:
    bad(firm)
    assert codes(hall.push(firm.root, "HEAD:main", TZ=zone)) == codes(hall.push(firm.root, "HEAD:main", TZ="UTC"))
    assert hall.push(firm.root, "HEAD~1:main", TZ=zone).returncode == 0


@pytest.mark.parametrize("name", ["orderctl.root", "orderctl.policy"])
def test_p13_a_pin_that_does_not_hold_refuses_everything(hall: Hall, firm: Company, name: str) -> None:
    kept = hall.git("config", name)
    hall.config(name, kept[:-1] + ("0" if kept[-1] != "0" else "1"))
    assert codes(hall.push(firm.root, "HEAD:main")) == ["setup.pin"]
    assert codes(hall.push(firm.root, "HEAD:refs/heads/work")) == ["setup.pin"]
    hall.config(name, kept)
    assert hall.push(firm.root, "HEAD:main").returncode == 0


def test_a_protected_branch_that_no_push_can_name_protects_nothing(hall: Hall, firm: Company) -> None:
    for name in ("main", "refs/tags/main", ""):
        hall.config("orderctl.protected", name)
        assert codes(hall.push(firm.root, "HEAD:main")) == ["setup.pin"]
    hall.config("orderctl.protected", MAIN)
    assert hall.push(firm.root, "HEAD:main").returncode == 0


def test_p13_no_pin_at_all(hall: Hall, firm: Company) -> None:
    hall.git("config", "--unset", "orderctl.root")
    assert codes(hall.push(firm.root, "HEAD:main")) == ["setup.pin"]


def test_p13_a_server_with_another_root(hall: Hall, firm: Company) -> None:
    other = hall.git("commit-tree", "-m", "another root", f"{MAIN}^{{tree}}")
    hall.config("orderctl.root", other)
    assert codes(hall.push(firm.root, "HEAD:main")) == ["setup.pin"]


@pytest.mark.parametrize(("file", "code"), [("info/grafts", "repo.grafts"), ("shallow", "repo.shallow")])
def test_m12_a_history_that_is_not_whole(hall: Hall, firm: Company, file: str, code: str) -> None:
    (hall.path / "info").mkdir(exist_ok=True)
    (hall.path / file).write_text(hall.tip() + "\n")
    told = hall.push(firm.root, "HEAD:main")
    assert told.returncode != 0
    assert codes(told) in ([code], [])  # git itself refuses some
    (hall.path / file).unlink()
    assert hall.push(firm.root, "HEAD:main").returncode == 0


def test_m12_replace_refs_and_alternates_of_the_server_change_no_verdict(hall: Hall, firm: Company) -> None:
    commit = bad(firm)
    assert hall.push(firm.root, "HEAD:refs/heads/work").returncode == 0
    hall.git("replace", commit, firm.git("rev-parse", "HEAD~1"))
    assert "sig.none" in codes(hall.push(firm.root, f"{commit}:{MAIN}"))
    (hall.path / "objects/info/alternates").write_text(f"{firm.root}/.git/objects\n")
    assert "sig.none" in codes(hall.push(firm.root, f"{commit}:{MAIN}"))
    assert hall.push(firm.root, "HEAD~1:main").returncode == 0


def test_an_empty_server_takes_the_pinned_root_and_what_descends_from_it(firm: Company, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "empty.git")
    hall = Hall(tmp_path / "empty.git")
    root = firm.git("rev-parse", "main")
    hall.install("--root", root)
    git(tmp_path, "init", "-q", "-b", "main", "other")
    git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "other")
    assert codes(hall.push(tmp_path / "other", "main")) == ["setup.pin"], "the root isn't there"
    commit = bad(firm)
    assert "sig.none" in codes(hall.push(firm.root, f"{commit}:{MAIN}"))
    assert hall.push(firm.root, f"{root}:{MAIN}").returncode == 0
    assert hall.push(firm.root, f"{commit}~1:{MAIN}").returncode == 0
    assert [(e["old"], e["new"]) for e in hall.ledger()] == [
        (ZERO, root),
        (root, firm.git("rev-parse", f"{commit}~1")),
    ]


def test_c09_a_protected_branch_is_made_from_the_root_only(hall: Hall, firm: Company, tmp_path: Path) -> None:
    hall.git("config", "--add", "orderctl.protected", "refs/heads/release")
    firm.git("checkout", "-q", "--orphan", "new")
    firm.commit("gao-yuan", "no ancestors")
    assert codes(hall.push(firm.root, "HEAD:refs/heads/release")) == ["ref.unrelated"]
    assert hall.push(firm.root, "new-OD2024050014:refs/heads/release").returncode == 0
    assert hall.ledger()[-1]["ref"] == "refs/heads/release"


def test_k08_two_guarded_branches_are_judged_one_after_the_other(hall: Hall, firm: Company) -> None:
    """In one push, or in two at a time: what one of them may not take, neither gets; the ledger tells of both."""
    root = hall.tip()
    hall.git("config", "--add", "orderctl.protected", "refs/heads/release")
    assert hall.push(firm.root, f"{root}:refs/heads/release").returncode == 0
    good = firm.head()
    commit = bad(firm)
    done = hall.push(firm.root, f"{good}:main", f"{commit}:refs/heads/release")
    assert codes(done) == ["sig.none"]
    assert (hall.tip(), hall.tip("refs/heads/release")) == (root, root)
    assert hall.push(firm.root, f"{good}:main", f"{good}:refs/heads/release").returncode == 0
    assert [(e["ref"], e["new"]) for e in hall.ledger()[-2:]] == [(MAIN, good), ("refs/heads/release", good)]


def test_z05_the_time_limit(hall: Hall, firm: Company) -> None:
    hall.config("orderctl.timeLimit", "0.001")
    assert codes(hall.push(firm.root, "HEAD:main")) == ["hook.timeout"]
    assert hall.ledger() == []
    hall.config("orderctl.timeLimit", "120")
    assert hall.push(firm.root, "HEAD:main").returncode == 0


def test_whatever_fails_refuses_in_one_line(hall: Hall, firm: Company) -> None:
    state = hall.path / "orderctl"
    state.rename(hall.path / "kept")
    state.write_text("no folder")
    done = hall.push(firm.root, "HEAD:main")
    assert codes(done) == ["hook.failed"]
    assert len([line for line in done.stderr.splitlines() if line.startswith("remote: ")]) == 1
    state.unlink()
    (hall.path / "kept").rename(state)
    assert hall.push(firm.root, "HEAD:main").returncode == 0


def test_d06_a_push_killed_in_the_hook_can_be_repeated(hall: Hall, firm: Company, tmp_path: Path) -> None:
    hook = hall.path / "hooks/pre-receive"
    kept = hook.read_text()
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    before = hall.refs()
    assert hall.push(firm.root, "HEAD:main").returncode != 0
    assert hall.refs() == before
    left = [p for p in (hall.path / "objects").iterdir() if p.name.startswith(("tmp_objdir-", "incoming-"))]
    assert left, "git leaves its quarantine behind"
    hook.write_text(kept)
    assert hall.push(firm.root, "HEAD:main").returncode == 0
    os.utime(left[0], (1_700_000_000, 1_700_000_000))
    assert [f["rule"] for f in hall.doctor()] == ["doctor.leftover"]


class TestAmnesia:
    """The branch moved, the ledger doesn't say so."""

    def test_an_entry_lost_in_a_crash_is_written_by_the_next_push(self, hall: Hall, firm: Company) -> None:
        after = hall.path / "hooks/post-receive"
        after.chmod(0o644)
        assert hall.push(firm.root, "HEAD~1:main").returncode == 0
        assert hall.ledger() == []
        assert [f["rule"] for f in hall.doctor()] == ["doctor.hook_off", "doctor.ledger_behind"]
        after.chmod(0o755)
        assert hall.push(firm.root, "HEAD:main").returncode == 0
        assert [(e["new"], e["recovered"]) for e in hall.ledger()] == [
            (firm.git("rev-parse", "HEAD~1"), True),
            (firm.head(), False),
        ]
        assert hall.doctor() == []

    def test_what_went_past_the_hook_is_judged_by_the_next_push(self, hall: Hall, firm: Company) -> None:
        for hook in ("pre-receive", "post-receive"):
            (hall.path / "hooks" / hook).chmod(0o644)
        assert hall.push(firm.root, "HEAD~1:main").returncode == 0
        for hook in ("pre-receive", "post-receive"):
            (hall.path / "hooks" / hook).chmod(0o755)
        assert hall.push(firm.root, "HEAD:main").returncode == 0
        assert [(e["new"], e["recovered"]) for e in hall.ledger()] == [
            (firm.git("rev-parse", "HEAD~1"), True),
            (firm.head(), False),
        ]

    def test_what_went_past_the_hook_and_is_wrong_stops_every_push(self, hall: Hall, firm: Company) -> None:
        good = firm.head()
        wrong = bad(firm)
        assert hall.push(firm.root, f"{wrong}:refs/heads/work").returncode == 0
        hall.git("update-ref", MAIN, wrong)
        firm.commit("lin-xiao", "on top of it")
        found = codes(hall.push(firm.root, "HEAD:main"))
        assert "ledger.gap" in found
        assert "sig.none" in found
        assert hall.ledger() == []
        hall.git("update-ref", MAIN, firm.git("rev-parse", "main"))
        assert hall.push(firm.root, f"{good}:main").returncode == 0

    def test_a_branch_put_back_on_the_server(self, hall: Hall, firm: Company) -> None:
        assert hall.push(firm.root, "HEAD:main").returncode == 0
        hall.git("update-ref", MAIN, firm.git("rev-parse", "HEAD~1"))
        firm.git("checkout", "-q", "HEAD~1")
        firm.commit("lin-xiao", "as if nothing had been")
        assert codes(hall.push(firm.root, "HEAD:main")) == ["ledger.gap"]

    def test_a_branch_deleted_on_the_server(self, hall: Hall, firm: Company) -> None:
        assert hall.push(firm.root, "HEAD:main").returncode == 0
        hall.git("update-ref", "-d", MAIN)
        assert codes(hall.push(firm.root, f"HEAD~1:{MAIN}")) == ["ledger.gap"]
        assert hall.push(firm.root, f"HEAD:{MAIN}").returncode == 0

    def test_a_torn_line_is_mended_by_the_next_push(self, hall: Hall, firm: Company) -> None:
        assert hall.push(firm.root, "HEAD~1:main").returncode == 0
        ledger = ledger_path(hall.path)
        ledger.write_bytes(ledger.read_bytes()[:-20])
        assert "doctor.ledger_torn" in [f["rule"] for f in hall.doctor()]
        assert hall.push(firm.root, "HEAD:main").returncode == 0
        assert [e["recovered"] for e in hall.ledger()] == [True, False]


def book(hall: Hall) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{hall.path}/orderctl/book.db?mode=ro", uri=True) as db:
        return [*db.execute("SELECT path, blob FROM file ORDER BY path")]


def test_a_refused_push_leaves_no_trace_in_the_book_and_a_landed_one_does(hall: Hall, firm: Company) -> None:
    before = book(hall)
    bad(firm)
    assert hall.push(firm.root, "HEAD:main").returncode != 0
    assert book(hall) == before
    assert hall.push(firm.root, "HEAD~1:main").returncode == 0
    assert orderctl(hall.path, "hook", "catch-up").returncode == 0
    assert f"{CASE}/order.yaml" in {path for path, _ in book(hall)}


def test_what_another_push_is_just_moving_waits_its_turn(hall: Hall, firm: Company, tmp_path: Path) -> None:
    """The first push has its verdict and still lives; the second is told that somebody came first."""
    hook = hall.path / "hooks/pre-receive"
    kept = hook.read_text()
    release, judged = tmp_path / "release", tmp_path / "judged"
    os.mkfifo(release)
    os.mkfifo(judged)
    run = kept.splitlines()[-1].removeprefix("exec ")
    hook.write_text(f"#!/bin/sh\n{run} || exit 1\necho done > {judged}\ncat {release} > /dev/null\n")
    hook.chmod(0o755)
    command = ["git", "-c", "protocol.file.allow=always", "push", "-q", str(hall.path), "HEAD:main"]
    with subprocess.Popen(command, cwd=firm.root, env=environment()) as first:
        judged.read_text()
        hook.write_text(kept)
        done = hall.push(firm.root, "HEAD~1:main")
        assert codes(done) == ["ref.moved"]
        assert "git pull --rebase" in done.stderr
        release.write_text("go on")
        assert first.wait(60) == 0
    assert hall.tip() == firm.head()
    assert codes(hall.push(firm.root, "+HEAD~1:main")) == ["ref.non_ff"]


def test_a_dead_pushs_verdict_stands_in_nobodys_way(hall: Hall, firm: Company) -> None:
    hook = hall.path / "hooks/pre-receive"
    kept = hook.read_text()
    run = kept.splitlines()[-1].removeprefix("exec ")
    hook.write_text(f"#!/bin/sh\n{run} || exit 1\nkill -{signal.SIGKILL.value} $PPID\n")
    assert hall.push(firm.root, "HEAD:main").returncode != 0
    hook.write_text(kept)
    assert hall.push(firm.root, "HEAD~1:main").returncode == 0
    assert hall.push(firm.root, "HEAD:main").returncode == 0
    assert [e["recovered"] for e in hall.ledger()] == [False, False]


def test_pre_push_says_what_the_server_will(hall: Hall, firm: Company) -> None:
    assert orderctl(firm.root, "hook", "install", "--pre-push").returncode == 0
    bad(firm)
    done = hall.push(firm.root, "HEAD:main")
    assert done.returncode != 0
    assert "[sig.none]" in done.stderr
    assert "Not pushed" in done.stderr
    assert "remote:" not in done.stderr
    firm.git("reset", "-q", "--hard", "HEAD~1")
    assert hall.push(firm.root, "HEAD:main").returncode == 0
