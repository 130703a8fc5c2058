"""The commit: exactly its files, signed, whatever else lies about; when it fails, nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.conftest import Refused
from tests.desk.office import DAY, LATER, NUMBER, Office, office, said
from tests.workspaces import CASE, edit

ARGS = ["approve", NUMBER, "--stage", "sales-supervisor", "--opinion", "价格符合折扣政策", "--yes", "--as-of", LATER]
FIRST = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
BOTH = [FIRST, FIRST + ".sig"]


def hook(at: Office, name: str, text: str) -> None:
    file = at.root / ".git/hooks" / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def committed(at: Office) -> list[str]:
    return at.git("chen-jie", "show", "--format=", "--name-only", "HEAD").split()


def test_other_changes_stay_as_they_are(submitted: Office) -> None:
    edit(submitted.root, "customers/C0001.yaml", "云帆", "云帆")
    (submitted.root / "customers/C0001.yaml").write_text(
        (submitted.root / "customers/C0001.yaml").read_text() + "# x\n"
    )
    (submitted.root / "stock/note.txt").write_text("staged\n")
    submitted.git("chen-jie", "add", "stock/note.txt")
    (submitted.root / "stock/note.txt").write_text("and changed\n")
    (submitted.root / "untracked.txt").write_text("mine\n")
    before = submitted.git("chen-jie", "status", "--porcelain"), submitted.git("chen-jie", "diff", "--cached")
    done = submitted.run("chen-jie", *ARGS)
    assert done.returncode == 0, said(done)
    assert committed(submitted) == BOTH
    after = submitted.git("chen-jie", "status", "--porcelain"), submitted.git("chen-jie", "diff", "--cached")
    assert after == before


def test_hooks_run_and_may_refuse(submitted: Office, refused: Refused) -> None:
    hook(submitted, "pre-commit", "git diff --cached --name-only HEAD > ../seen\nexit 0")
    hook(submitted, "commit-msg", 'echo "Reviewed: yes" >> "$1"')
    hook(submitted, "post-commit", "git rev-parse HEAD > ../after")
    done = submitted.run("chen-jie", *ARGS)
    assert done.returncode == 0, said(done)
    assert (submitted.root.parent / "seen").read_text().split() == BOTH
    assert "Reviewed: yes" in submitted.git("chen-jie", "log", "-1", "--format=%B")
    head = submitted.git("chen-jie", "rev-parse", "HEAD")
    assert (submitted.root.parent / "after").read_text() == head
    for name in ("pre-commit", "commit-msg"):
        hook(submitted, name, 'printf "the office is closed\\nat noon\\n" >&2\nexit 1')
        told = refused(
            submitted, "chen-jie", "withdraw", NUMBER, "--opinion", "价格要重看", "--yes", "--as-of", LATER, code=2
        )
        assert f"the {name} hook refuses this commit" in told
        assert told.endswith("\nthe office is closed\nat noon\n  more: orderctl explain desk.hook\n")
        hook(submitted, name, "exit 0")


def test_a_hook_that_adds_files_adds_nothing(submitted: Office) -> None:
    hook(submitted, "pre-commit", "echo smuggled > extra.txt\ngit add extra.txt")
    done = submitted.run("chen-jie", *ARGS)
    assert done.returncode == 0, said(done)
    assert committed(submitted) == BOTH


def test_a_locked_index_leaves_nothing_behind(submitted: Office, refused: Refused) -> None:
    lock = submitted.root / ".git/index.lock"
    lock.touch()
    told = refused(submitted, "chen-jie", *ARGS, code=2)
    assert "index.lock" in told
    lock.unlink()
    assert submitted.run("chen-jie", *ARGS).returncode == 0


def test_a_branch_that_cannot_move_leaves_nothing_behind(submitted: Office, refused: Refused) -> None:
    hook(submitted, "reference-transaction", '[ "$1" = prepared ] && exit 1\nexit 0')
    told = refused(submitted, "chen-jie", *ARGS, code=2)
    assert "Nothing was left behind" in told
    assert submitted.git("chen-jie", "diff", "--cached", "--name-only") == ""


def test_no_branch_no_commit(submitted: Office, refused: Refused) -> None:
    submitted.git("chen-jie", "checkout", "-q", "--detach")
    assert "git switch" in refused(submitted, "chen-jie", *ARGS, code=2)
    done = submitted.run("chen-jie", *ARGS, "--no-commit")
    assert done.returncode == 0, said(done)


@pytest.mark.parametrize("name", ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge"])
def test_nothing_is_committed_in_the_middle_of_something(submitted: Office, refused: Refused, name: str) -> None:
    place = submitted.root / ".git" / name
    if name.startswith("rebase"):
        place.mkdir()
    else:
        place.write_text(submitted.git("chen-jie", "rev-parse", "HEAD"))
    assert "still under way" in refused(submitted, "chen-jie", *ARGS, code=2)


def test_a_workspace_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    at = office(tmp_path, prefix="books/sales")
    done = at.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", DAY)
    assert done.returncode == 0, said(done)
    done = at.run("chen-jie", *ARGS)
    assert done.returncode == 0, said(done)
    assert committed(at) == [f"books/sales/{path}" for path in BOTH]
    assert at.git("chen-jie", "status", "--porcelain") == ""


def test_a_second_work_tree(submitted: Office, tmp_path: Path) -> None:
    submitted.git("chen-jie", "worktree", "add", "-q", "-b", "mine", str(tmp_path / "second"))
    second = Office(tmp_path / "second", submitted.home)
    done = second.run("chen-jie", *ARGS)
    assert done.returncode == 0, said(done)
    assert committed(second) == BOTH
    assert second.git("chen-jie", "status", "--porcelain") == ""


def test_outside_git_and_without_a_commit(tmp_path: Path, submitted: Office) -> None:
    alone = Office(tmp_path / "alone", submitted.home)
    alone.root.mkdir()
    (alone.root / "orderctl.yaml").write_bytes((submitted.root / "orderctl.yaml").read_bytes())
    done = alone.run("chen-jie", *ARGS)
    assert (done.returncode, "in no Git repository" in done.stderr) == (2, True)
    alone.git("chen-jie", "init", "-q")
    done = alone.run("chen-jie", *ARGS)
    assert (done.returncode, "has no commit yet" in done.stderr) == (2, True)


def test_line_ends_and_filters_do_not_change_what_was_signed(submitted: Office) -> None:
    submitted.git("chen-jie", "config", "core.autocrlf", "true")
    submitted.git("chen-jie", "config", "filter.upper.clean", "tr a-z A-Z")
    (submitted.root / ".git/info/attributes").write_text("**/approvals/*.yaml filter=upper\n")
    done = submitted.run("chen-jie", *ARGS)
    assert done.returncode == 0, said(done)
    shown = submitted.git("chen-jie", "cat-file", "blob", f"HEAD:{FIRST}")
    assert shown.encode() == (submitted.root / FIRST).read_bytes()


def test_a_linked_folder_is_not_written_through(submitted: Office, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "elsewhere").mkdir()
    (submitted.root / CASE / "approvals").symlink_to(tmp_path / "elsewhere")
    told = refused(submitted, "chen-jie", *ARGS, code=1)
    assert "approvals" in told
    assert not list((tmp_path / "elsewhere").iterdir())


def test_where_to_push(submitted: Office, tmp_path: Path) -> None:
    submitted.git("chen-jie", "init", "-q", "--bare", str(tmp_path / "origin.git"))
    submitted.git("chen-jie", "remote", "add", "origin", str(tmp_path / "origin.git"))
    done = submitted.run("chen-jie", *ARGS)
    assert "git push -u origin main" in done.stderr
    submitted.git("chen-jie", "push", "-q", "-u", "origin", "main")
    done = submitted.run(
        "chen-jie", "withdraw", NUMBER, "--opinion", "价格要重看", "--yes", "--as-of", "2024-05-07T14:30:00+08:00"
    )
    assert "Send it to the others: git push\n" in done.stderr


@pytest.mark.parametrize(
    "opinion", ["价格符合\u202e折扣政策", "价格符合\u200b折扣政策", "价格\x1b[2J符合政策", "字" * 1001]
)
def test_what_a_statement_cannot_hold_is_refused(submitted: Office, refused: Refused, opinion: str) -> None:
    told = refused(submitted, "chen-jie", *ARGS[:5], opinion, *ARGS[6:], code=10)
    assert FIRST in told
    assert not {"\u202e", "\u200b", "\x1b"} & set(told)


def test_a_name_that_looks_like_another_is_spelled_out(submitted: Office) -> None:
    opinion = "价格符合政策 \u00e9 \u0435"
    done = submitted.run("chen-jie", *ARGS[:5], opinion, *ARGS[6:])
    assert opinion in done.stdout


def test_a_commit_is_not_dated_before_the_one_it_comes_after(fresh: Office, refused: Refused) -> None:
    """The gate would refuse it (time.backwards), from the same second on; files alone are no commit."""
    ask = ["waive", "credit-limit-exceeded", "--path", "customers/C0001.yaml", "--reason", "季末集中下单", "--yes"]
    ask += ["--until", "2024-06-30", "--as-of"]
    early = "2024-05-06T08:49:59+08:00"  # the commit before it is of nine o'clock
    told = refused(fresh, "lin-xiao", *ask, early)
    assert f"dated {early}, earlier than the commit before it on the branch, 2024-05-06T09:00:00+08:00" in told
    assert "orderctl explain desk.backwards" in told
    told = refused(fresh, "lin-xiao", *ask, early, ORDERCTL_LANG="zh")
    assert f"提交时间 {early} 早于分支上的前一个提交 2024-05-06T09:00:00+08:00。请去掉 --as-of" in told
    done = fresh.run("lin-xiao", *ask, "2024-05-06T08:50:00+08:00")
    assert done.returncode == 0, said(done)
    judged = fresh.run("lin-xiao", "gate", "--base", "HEAD~1", "--head", "HEAD", "--as-of", DAY)
    assert "time.backwards" not in judged.stdout
    assert fresh.run("lin-xiao", *ask, "2024-05-06T08:39:59+08:00", "--no-commit").returncode == 0
