"""What the desk writes, the gate lets land; what the desk leaves out, it doesn't."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.desk.office import DAY, NUMBER, Office, make_key, said

MERGED = "2024-05-07T17:00:00+08:00"


@pytest.fixture
def branched(fresh: Office) -> Office:
    """The order on a branch of its own; main doesn't have it."""
    fresh.git("lin-xiao", "branch", "-q", "-m", "main", "order")
    fresh.git("lin-xiao", "branch", "-q", "main", "HEAD~1")
    return fresh


def gate(at: Office) -> subprocess.CompletedProcess[str]:
    """Merge the present branch into main as a forge would, and ask the gate."""
    branch = at.git("lin-xiao", "branch", "--show-current").strip()
    at.git("lin-xiao", "checkout", "-q", "-B", "merged", "main")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | at.environment("lin-xiao")
    environment |= {"GIT_AUTHOR_DATE": MERGED, "GIT_COMMITTER_DATE": MERGED}
    command = ["git", "merge", "-q", "--no-ff", "-S", "-m", "land", branch]
    subprocess.run(command, cwd=at.root, env=environment, check=True, capture_output=True)
    done = at.run("lin-xiao", "gate", "--base", "main", "--head", "HEAD", "--as-of", "2024-05-07T18:00:00+08:00")
    at.git("lin-xiao", "checkout", "-q", branch)
    return done


def go(at: Office, person: str, *args: str) -> None:
    done = at.run(person, *args, "--yes")
    assert done.returncode == 0, said(done)


def test_an_order_from_submission_to_approval(branched: Office) -> None:
    go(branched, "lin-xiao", "submit", NUMBER, "--as-of", DAY)
    assert gate(branched).returncode == 0
    go(branched, "jiang-ming", "approve", NUMBER, "--for", "chen-jie", "--opinion", "价格符合折扣政策",
       "--stage", "sales-supervisor", "--as-of", "2024-05-07T14:00:00+08:00")  # fmt: skip
    go(branched, "su-cai", "approve", NUMBER, "--opinion", "客户信用良好", "--as-of", "2024-05-07T15:00:00+08:00")
    go(branched, "su-cai", "withdraw", NUMBER, "--opinion", "额度要再核对", "--as-of", "2024-05-07T15:05:00+08:00")
    go(branched, "su-cai", "approve", NUMBER, "--opinion", "额度已复核", "--as-of", "2024-05-07T15:10:00+08:00")
    go(branched, "tang-gong", "approve", NUMBER, "--opinion", "5 月 18 日完工", "--as-of", "2024-05-07T16:00:00+08:00")
    done = gate(branched)
    assert done.returncode == 0, said(done)
    assert "Still missing" not in done.stdout


def test_a_rejected_order_comes_back(branched: Office) -> None:
    go(branched, "lin-xiao", "submit", NUMBER, "--as-of", DAY)
    go(branched, "chen-jie", "reject", NUMBER, "--opinion", "单价请改为 850.00", "--as-of", "2024-05-07T14:00:00+08:00")
    done = gate(branched)
    assert done.returncode == 0, said(done)


def test_a_policy_and_its_approval(fresh: Office) -> None:
    fresh.git("gao-yuan", "checkout", "-q", "-b", "change")
    people = fresh.root / "policy/people.yaml"
    public = make_key(fresh.root.parent / "new" / "id")
    entry = (
        f"  - id: new-one\n    name: 新人\n    department: sales\n    roles: [sales]\n    keys: [{{key: {public}}}]\n"
    )
    people.write_text(people.read_text().replace("deputies:\n", entry + "deputies:\n"))
    go(fresh, "gao-yuan", "submit", "policy", "--reason", "新同事的密钥", "--as-of", DAY)
    done = gate(fresh)
    assert (done.returncode, "policy.threshold_old" in done.stdout) == (11, True), said(done)
    go(fresh, "jiang-ming", "approve", "policy", "--opinion", "核对了密钥指纹", "--as-of", "2024-05-07T15:00:00+08:00")
    done = gate(fresh)
    assert done.returncode == 0, said(done)


def test_without_the_signature_of_the_commit_the_detached_one_is_enough(branched: Office) -> None:
    """A squash on the forge loses the commits' signatures; what was signed stays signed."""
    go(branched, "lin-xiao", "submit", NUMBER, "--as-of", DAY)
    go(branched, "chen-jie", "approve", NUMBER, "--opinion", "价格符合折扣政策", "--as-of", "2024-05-07T14:00:00+08:00")
    branched.git("lin-xiao", "checkout", "-q", "-B", "squashed", "main")
    branched.git("lin-xiao", "merge", "-q", "--squash", "order")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | branched.environment("lin-xiao")
    environment |= {"GIT_AUTHOR_DATE": MERGED, "GIT_COMMITTER_DATE": MERGED}
    command = ["git", "-c", "user.name=GitHub", "-c", "user.email=noreply@github.com", "commit", "-q", "-m", "squashed"]
    subprocess.run(command, cwd=branched.root, env=environment, check=True, capture_output=True)
    done = branched.run("lin-xiao", "gate", "--base", "main", "--head", "HEAD", "--as-of", "2024-05-07T18:00:00+08:00")
    assert done.returncode == 0, said(done)


def test_on_the_main_branch_the_command_shown_lands_it_as_one_step(fresh: Office, tmp_path: Path) -> None:
    origin = tmp_path / "origin.git"
    fresh.git("lin-xiao", "init", "-q", "--bare", str(origin))
    fresh.git("lin-xiao", "remote", "add", "origin", str(origin))
    fresh.git("lin-xiao", "push", "-q", "origin", "HEAD~1:refs/heads/main")
    fresh.git("lin-xiao", "fetch", "-q")
    done = fresh.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", DAY)
    command = next(line for line in done.stderr.splitlines() if "git branch" in line).partition(": ")[2]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | fresh.environment("lin-xiao")
    shown = subprocess.run(
        ["sh", "-c", command], cwd=fresh.root, env=environment, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert len(fresh.git("lin-xiao", "rev-list", "--first-parent", "origin/main").split()) == 2
    assert fresh.git("lin-xiao", "status", "--porcelain") == ""
    alone = fresh.run("chen-jie", "approve", NUMBER, "--opinion", "价格符合折扣政策", "--yes", "--as-of", DAY)
    assert "Send it to the others: git push -u origin main" in alone.stderr
