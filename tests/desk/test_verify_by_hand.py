"""docs/verify-by-hand.md: its commands are taken from the page and run as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.desk.office import NUMBER, Office, said
from tests.workspaces import CASE, edit

PAGE = Path(__file__).resolve().parents[2] / "docs/verify-by-hand.md"
COMMANDS = re.findall(r"```sh\n(.+?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SIGNERS, COMMIT, STATEMENT, UNCHANGED, DIGEST, MANIFEST = COMMANDS


@pytest.fixture
def decided(submitted: Office) -> Office:
    for person, stage, when, opinion in (
        ("chen-jie", "sales-supervisor", "2024-05-07T14:00:00+08:00", "价格符合折扣政策"),
        ("su-cai", "finance", "2024-05-07T15:00:00+08:00", "客户信用良好，无逾期欠款"),
    ):
        done = submitted.run(
            person, "approve", NUMBER, "--stage", stage, "--opinion", opinion, "--yes", "--as-of", when
        )
        assert done.returncode == 0, said(done)
    return submitted


def shell(at: Office, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=at.root, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )


def test_every_piece_verifies(decided: Office) -> None:
    assert shell(decided, SIGNERS).returncode == 0
    listed = (decided.root.parent / "allowed_signers").read_text().splitlines()
    people = sorted(p.name for p in decided.home.iterdir())
    assert sorted(line.split()[0] for line in listed) == people
    commit = shell(decided, COMMIT)
    assert commit.returncode == 0, commit.stderr
    assert 'Good "git" signature for su-cai' in commit.stderr + commit.stdout
    statement = shell(decided, STATEMENT)
    assert statement.returncode == 0, statement.stderr
    assert 'Good "orderctl-approval@v1" signature for su-cai' in statement.stdout
    unchanged = shell(decided, UNCHANGED)
    assert (unchanged.returncode, unchanged.stdout, unchanged.stderr) == (0, "", "")
    digest = shell(decided, DIGEST).stdout.split()[0]
    assert f"digest: {digest}" in (decided.root / CASE / "approvals/order-1-finance.su-cai.yaml").read_text()
    manifest = shell(decided, MANIFEST)
    assert manifest.returncode == 0, manifest.stdout + manifest.stderr
    assert "policy/people.yaml: OK" in manifest.stdout
    submission = re.sub(r"orders/\S*?\.yaml", f"{CASE}/submission.yaml", STATEMENT).replace("-I su-cai", "-I lin-xiao")
    assert shell(decided, submission).returncode == 0


def test_every_piece_fails_when_it_was_tampered_with(decided: Office) -> None:
    assert shell(decided, SIGNERS).returncode == 0
    edit(decided.root, f"{CASE}/approvals/order-1-finance.su-cai.yaml", "无逾期欠款", "有逾期欠款")
    assert shell(decided, STATEMENT).returncode != 0
    assert shell(decided, STATEMENT.replace("-I su-cai", "-I chen-jie")).returncode != 0
    edit(decided.root, "policy/revoked.yaml", "revoked: []", "revoked: []\n# quietly")
    assert shell(decided, MANIFEST).returncode != 0
    decided.git("lin-xiao", "checkout", "-q", "--", ".")
    edit(decided.root, f"{CASE}/order.yaml", "remarks: 外箱标注易碎", "remarks: 免费送货上门")
    decided.git("lin-xiao", "-c", "commit.gpgSign=false", "commit", "-q", "-a", "-m", "su-cai was here")
    assert shell(decided, COMMIT).returncode != 0
    assert "免费送货上门" in shell(decided, UNCHANGED).stdout
