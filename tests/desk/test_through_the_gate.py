"""What the desk writes, the gate lets land; what the desk leaves out, it doesn't."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.desk.office import DAY, LATER, NUMBER, Office, make_key, said
from tests.workspaces import CASE

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


def test_on_the_main_branch_a_draft_and_its_submission_are_one_step(fresh: Office, tmp_path: Path) -> None:
    """After a rebase, which drops merges, submitting again makes one step of them anew."""
    origin = tmp_path / "origin.git"
    fresh.git("lin-xiao", "init", "-q", "--bare", str(origin))
    fresh.git("lin-xiao", "remote", "add", "origin", str(origin))
    fresh.git("lin-xiao", "push", "-q", "-u", "origin", "HEAD~1:refs/heads/main")
    fresh.git("lin-xiao", "branch", "-q", "-u", "origin/main")
    base, draft = (fresh.git("lin-xiao", "rev-parse", f"HEAD{n}").strip() for n in ("~1", ""))
    for number in (1, 2):
        done = fresh.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", DAY, ORDERCTL_LANG="en")
        assert done.returncode == 0, said(done)
        assert "one step with the commits before it." in done.stderr
        assert "Send it to the others: git push\n" in done.stderr
        assert fresh.git("lin-xiao", "rev-parse", "HEAD^1", "HEAD^2~1").split() == [base, draft]
        assert fresh.git("lin-xiao", "status", "--porcelain") == ""
        asked = fresh.run("lin-xiao", "gate", "--base", "origin/main", "--head", "HEAD", "--as-of", MERGED)
        assert asked.returncode == 0, said(asked)
        if number == 1:
            fresh.git("lin-xiao", "reset", "-q", "--hard", "HEAD^2")
            asked = fresh.run("lin-xiao", "gate", "--base", "origin/main", "--head", "HEAD", "--as-of", MERGED)
            assert "[submission.missing]" in asked.stdout
    fresh.git("lin-xiao", "push", "-q")
    for name in ("a", "b"):
        (fresh.root / f"{CASE}/evidence").mkdir(exist_ok=True)
        (fresh.root / f"{CASE}/evidence/{name}.txt").write_text(name)
        fresh.commit("lin-xiao", name, DAY)
    again = fresh.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", DAY)
    assert "nothing is left to do" in again.stderr
    alone = fresh.run("chen-jie", "approve", NUMBER, "--opinion", "价格符合折扣政策", "--yes", "--as-of", DAY)
    assert "Send it to the others: git push\n" in alone.stderr
    assert "one step" not in alone.stderr


def test_a_policy_lands_as_one_step_from_a_branch_and_from_main(fresh: Office, tmp_path: Path) -> None:
    fresh.git("gao-yuan", "init", "-q", "--bare", str(tmp_path / "origin.git"))
    fresh.git("gao-yuan", "remote", "add", "origin", str(tmp_path / "origin.git"))
    fresh.git("gao-yuan", "push", "-q", "-u", "origin", "main")
    submit = ("submit", "policy", "--reason", "时限", "--yes", "--as-of", DAY)
    approve = ("approve", "policy", "--opinion", "核对了时限", "--yes", "--as-of", LATER)
    flows = fresh.root / "policy/flows.yaml"
    text = flows.read_text().replace("hours: 4", "hours: 5")
    flows.write_text(text)
    assert "git push origin HEAD:refs/heads/policy-2" in fresh.run("gao-yuan", *submit).stderr
    done = fresh.run("jiang-ming", *approve)
    assert "one step with the commits before it.\nSend it to the others: git push\n" in done.stderr, said(done)
    gated = fresh.run("lin-xiao", "gate", "--base", "origin/main", "--head", "HEAD", "--as-of", MERGED)
    assert gated.returncode == 0, said(gated)
    fresh.git("gao-yuan", "reset", "-q", "--hard", "origin/main")
    fresh.git("gao-yuan", "switch", "-q", "-c", "time")
    flows.write_text(text)
    assert fresh.run("gao-yuan", *submit).returncode == 0
    done = fresh.run("jiang-ming", *approve)
    way = "git switch main && git pull && git merge --no-ff time && git push"
    assert done.stderr.endswith(f"by a pull request or by a merge: {way}\npolicy is approved.\n"), said(done)
