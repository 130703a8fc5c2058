"""approve, reject, withdraw: what is written, and what is refused before anybody else has to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from orderctl.load import load
from tests.desk.conftest import Refused
from tests.desk.office import DAY, LATER, NUMBER, ORDER, Office, digest, said
from tests.workspaces import CASE, edit

FIRST = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
GOOD = "价格符合折扣政策"
KEYS = [
    "schema",
    "repository",
    "subject",
    "number",
    "path",
    "revision",
    "digest",
    "immaterial",
    "stage",
    "decision",
    "opinion",
    "person",
    "issued",
    "expires",
    "policy",
    "context",
    "nonce",
]


def approve(
    at: Office, person: str, stage: str, when: str, *more: str, opinion: str = GOOD
) -> subprocess.CompletedProcess[str]:
    done = at.run(person, "approve", NUMBER, "--stage", stage, "--opinion", opinion, "--yes", "--as-of", when, *more)
    assert done.returncode == 0, said(done)
    return done


def test_an_approval_is_written_signed_and_committed(submitted: Office) -> None:
    done = approve(submitted, "chen-jie", "sales-supervisor", LATER)
    raw = (submitted.root / FIRST).read_bytes()
    data = load(FIRST, raw)[0]
    assert data is not None
    assert list(data) == KEYS
    submission = load("", (submitted.root / CASE / "submission.yaml").read_bytes())[0]
    assert submission is not None
    assert data["digest"] == submission["digest"]
    assert data["policy"] == {"version": 1, "digest": digest((submitted.root / "policy/policy.yaml").read_bytes())}
    assert [c["pointer"] for c in data["context"]] == ["/credit/limit", "/credit/grade"]
    assert (data["issued"], data["expires"]) == (LATER, "2024-06-06T14:00:00+08:00")
    assert len(data["nonce"]) == 32
    assert submitted.git("chen-jie", "show", "--format=%s", "--name-only", "HEAD").split() == [
        f"{NUMBER}:",
        "approve",
        "sales-supervisor",
        FIRST,
        FIRST + ".sig",
    ]
    assert submitted.git("chen-jie", "status", "--porcelain") == ""
    assert "Committed as" in done.stderr
    assert "Signed by Chen Jie (chen-jie) with the key" in done.stderr
    assert "  Sales supervisor (sales-supervisor)\n" in done.stdout
    assert "  Chen Jie (chen-jie)\n" in done.stdout
    assert "Next: Finance (finance): Su Cai (su-cai), until 2024-05-08 14:30" in done.stderr


@pytest.mark.parametrize("person", ["chen-jie", "su-cai", "tang-gong"], ids=["ed25519", "ecdsa", "rsa"])
def test_stock_ssh_keygen_verifies_the_statement_and_git_the_commit(
    submitted: Office, person: str, tmp_path: Path
) -> None:
    approve(submitted, "chen-jie", "sales-supervisor", "2024-05-07T14:00:00+08:00")
    path = FIRST
    if person != "chen-jie":
        approve(submitted, "su-cai", "finance", "2024-05-07T15:00:00+08:00", opinion="客户信用良好，无逾期欠款")
        path = f"{CASE}/approvals/order-1-finance.su-cai.yaml"
    if person == "tang-gong":
        approve(submitted, person, "production", "2024-05-07T16:00:00+08:00", opinion="排产 5 月 18 日完工")
        path = f"{CASE}/approvals/order-1-production.tang-gong.yaml"
    allowed = tmp_path / "allowed_signers"
    public = submitted.key(person).with_name("id.pub").read_text()
    allowed.write_text(f'{person} namespaces="git,orderctl-approval@v1" {public}')
    checked = subprocess.run(
        [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            str(allowed),
            "-I",
            person,
            "-n",
            "orderctl-approval@v1",
            "-s",
            f"{path}.sig",
        ],
        cwd=submitted.root,
        check=False,
        input=(submitted.root / path).read_bytes(),
        capture_output=True,
    )
    assert checked.returncode == 0, checked.stderr
    submitted.git(person, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", "HEAD")


def test_the_whole_flow_ends_in_an_approved_order(submitted: Office) -> None:
    approve(submitted, "chen-jie", "sales-supervisor", "2024-05-07T14:00:00+08:00")
    approve(submitted, "su-cai", "finance", "2024-05-07T15:00:00+08:00", opinion="客户信用良好，无逾期欠款")
    done = approve(submitted, "tang-gong", "production", "2024-05-07T16:00:00+08:00", opinion="排产 5 月 18 日完工")
    assert f"{NUMBER} is approved." in done.stderr


def test_the_stage_may_be_left_out_where_only_one_is_meant(submitted: Office) -> None:
    done = submitted.run("chen-jie", "approve", NUMBER, "--opinion", GOOD, "--yes", "--as-of", LATER)
    assert done.returncode == 0, said(done)
    assert (submitted.root / FIRST).is_file()


def test_without_a_commit_the_files_are_left(submitted: Office) -> None:
    done = approve(submitted, "chen-jie", "sales-supervisor", LATER, "--no-commit")
    shown = submitted.git("chen-jie", "status", "--porcelain", "-uall").split()
    assert shown == ["??", FIRST, "??", FIRST + ".sig"]
    assert "git commit -S" in done.stderr


def test_a_second_thought_is_a_file_of_its_own(submitted: Office) -> None:
    approve(submitted, "chen-jie", "sales-supervisor", "2024-05-07T14:00:00+08:00")
    done = submitted.run(
        "chen-jie", "withdraw", NUMBER, "--stage", "sales-supervisor", "--opinion", "折扣算错，需要重看", "--yes",
        "--as-of", "2024-05-07T14:10:00+08:00",
    )  # fmt: skip
    assert done.returncode == 0, said(done)
    second = FIRST.replace(".yaml", ".2.yaml")
    data = load("", (submitted.root / second).read_bytes())[0]
    assert data is not None
    assert data["decision"] == "withdraw"
    assert data["withdraws"] == digest((submitted.root / FIRST).read_bytes())
    assert "Next: Sales supervisor (sales-supervisor): Chen Jie (chen-jie), " in done.stderr
    done = submitted.run(
        "chen-jie", "reject", NUMBER, "--opinion", "单价请改为 850.00", "--yes", "--as-of", "2024-05-07T14:20:00+08:00"
    )
    assert done.returncode == 0, said(done)
    assert (submitted.root / FIRST.replace(".yaml", ".3.yaml")).is_file()
    assert f"{NUMBER} is rejected" in done.stderr
    again = submitted.run(
        "chen-jie", "withdraw", NUMBER, "--opinion", "误会，价格没错", "--yes", "--as-of", "2024-05-07T14:30:00+08:00"
    )
    assert again.returncode == 0, said(again)
    data = load("", (submitted.root / FIRST.replace(".yaml", ".4.yaml")).read_bytes())[0]
    assert data is not None
    assert data["withdraws"] == digest((submitted.root / FIRST.replace(".yaml", ".3.yaml")).read_bytes())


@pytest.mark.parametrize(
    ("person", "args", "code", "sentence"),
    [
        ("chen-jie", ["approve", "--opinion", "同意"], 11, "doesn't say what was looked at"),
        ("chen-jie", ["approve", "--opinion", "ＯＫ！"], 11, "doesn't say what was looked at"),
        ("chen-jie", ["reject", "--opinion", "价格偏低"], 11, "doesn't say what must change"),
        ("chen-jie", ["withdraw", "--opinion", "看错了"], 2, "no decision on OD2024050012"),
        ("chen-jie", ["approve", "--stage", "boss", "--opinion", GOOD], 2, "open, waits for Chen Jie (chen-jie), "),
        ("su-cai", ["approve", "--stage", "sales-supervisor", "--opinion", GOOD], 11, "doesn't hold that role"),
        ("su-cai", ["approve", "--stage", "finance", "--opinion", GOOD], 11, "turn of stage Finance (finance)"),
        ("su-cai", ["approve", "--opinion", GOOD], 11, "isn't the turn of stage Finance (finance)"),
        ("lin-xiao", ["approve", "--stage", "sales-supervisor", "--opinion", GOOD], 11, "had a hand in OD2024050012"),
        ("jiang-ming", ["approve", "--stage", "sales-supervisor", "--opinion", GOOD], 11, "add --for chen-jie"),
        ("su-cai", ["approve", "--stage=sales-supervisor", "--for=chen-jie", "--opinion", GOOD], 11, "may not stand"),
        ("chen-jie", ["approve", "--person", "su-cai", "--opinion", GOOD], 2, "(chen-jie), not to Su Cai (su-cai)"),
        ("chen-jie", ["approve", "--prepare", "nobody", "--opinion", GOOD], 2, "Nothing is called “nobody”"),
    ],
)  # fmt: skip
def test_what_the_gate_would_refuse_is_refused_here(
    submitted: Office, refused: Refused, person: str, args: list[str], code: int, sentence: str
) -> None:
    told = refused(submitted, person, args[0], NUMBER, *args[1:], "--yes", "--as-of", LATER, code=code)
    assert sentence in told
    zh = refused(
        submitted, person, args[0], NUMBER, *args[1:], "--yes", "--as-of", LATER, code=code, ORDERCTL_LANG="zh"
    )
    assert any("\u4e00" <= c <= "\u9fff" for c in zh)
    assert sentence not in zh


def test_once_is_enough(submitted: Office, refused: Refused) -> None:
    approve(submitted, "chen-jie", "sales-supervisor", LATER)
    args = ["approve", NUMBER, "--stage", "sales-supervisor", "--opinion", GOOD, "--yes", "--as-of", DAY]
    assert "decided the same at stage Sales supervisor (sales-supervisor)" in refused(submitted, "chen-jie", *args)
    args[4:6] = ["--for", "chen-jie", "--opinion", GOOD]
    assert "approved by Chen Jie (chen-jie) already" in refused(submitted, "jiang-ming", *args)


def test_an_unknown_id_names_those_that_are_near(submitted: Office, refused: Refused) -> None:
    told = refused(submitted, "chen-jie", "approve", "OD2024050021", "--opinion", GOOD, "--yes", code=2)
    assert NUMBER in told


def test_not_submitted_not_committed_changed_since(fresh: Office, refused: Refused) -> None:
    args = ["approve", NUMBER, "--stage", "sales-supervisor", "--opinion", GOOD, "--yes", "--as-of", LATER]
    assert f"orderctl submit {NUMBER}" in refused(fresh, "chen-jie", *args)
    done = fresh.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", DAY)
    assert done.returncode == 0, said(done)
    edit(fresh.root, ORDER, "remarks: 外箱标注易碎", "remarks: 外箱标注易碎，勿压")
    assert f"git commit -S -- {ORDER}" in refused(fresh, "chen-jie", *args, code=2)
    fresh.git("lin-xiao", "add", ORDER)
    assert "changes that aren't committed" in refused(fresh, "chen-jie", *args, code=2)
    fresh.commit("lin-xiao", "a remark", "2024-05-07T11:00:00+08:00")
    assert "changed after it was submitted" in refused(fresh, "chen-jie", *args)


def test_what_is_immaterial_may_change(submitted: Office) -> None:
    edit(submitted.root, ORDER, 'phone: "13900000003"', 'phone: "13900000004"')
    submitted.commit("lin-xiao", "another phone", "2024-05-07T11:00:00+08:00")
    approve(submitted, "chen-jie", "sales-supervisor", LATER)


def test_a_deputy_signs_for_whom_they_stand_in(submitted: Office) -> None:
    done = approve(submitted, "jiang-ming", "sales-supervisor", LATER, "--for", "chen-jie")
    path = f"{CASE}/approvals/order-1-sales-supervisor.jiang-ming.yaml"
    data = load("", (submitted.root / path).read_bytes())[0]
    assert data is not None
    assert (data["person"], data["for"]) == ("jiang-ming", "chen-jie")
    assert "For" in done.stdout


def test_a_late_stage_is_decided_above_with_a_reason(submitted: Office, refused: Refused) -> None:
    approve(submitted, "chen-jie", "sales-supervisor", LATER)
    args = ["approve", NUMBER, "--stage", "finance", "--opinion", "客户信用良好，无逾期欠款", "--yes", "--as-of"]
    assert "doesn't hold that role" in refused(submitted, "gao-yuan", *args, "2024-05-08T14:29:59+08:00")
    assert "say why with --reason" in refused(submitted, "gao-yuan", *args, "2024-05-08T14:30:00+08:00")
    done = submitted.run("gao-yuan", *args, "2024-05-08T14:30:00+08:00", "--reason", "财务经理出差")
    assert done.returncode == 0, said(done)


def test_a_statement_is_prepared_for_a_review(submitted: Office, refused: Refused) -> None:
    args = ["approve", NUMBER, "--opinion", "排产 5 月 18 日完工", "--yes", "--prepare", "tang-gong"]
    told = refused(submitted, "lin-xiao", *args, "--stage", "sales-supervisor", "--as-of", LATER)
    assert "Tang Gong (tang-gong) doesn't hold that role" in told
    approve(submitted, "chen-jie", "sales-supervisor", LATER)
    told = refused(
        submitted, "lin-xiao", "approve", NUMBER, "--stage", "finance", "--opinion", GOOD, "--prepare", "su-cai",
        "--yes", "--as-of", "2024-05-07T15:00:00+08:00",
    )  # fmt: skip
    assert "accepts no forge review" in told
    approve(submitted, "su-cai", "finance", "2024-05-07T15:00:00+08:00", opinion="客户信用良好，无逾期欠款")
    done = submitted.run("lin-xiao", *args, "--stage", "production", "--as-of", "2024-05-07T16:00:00+08:00")
    assert done.returncode == 0, said(done)
    path = f"{CASE}/approvals/order-1-production.tang-gong.yaml"
    assert submitted.git("lin-xiao", "show", "--format=%s|%an", "--name-only", "HEAD").split("\n")[:3] == [
        f"{NUMBER}: prepare production for tang-gong|lin-xiao",
        "",
        path,
    ]
    assert not (submitted.root / f"{path}.sig").exists()
    assert "once Tang Gong (tang-gong) approves the pull request" in done.stderr


def test_a_decision_is_not_made_ahead_of_time_nor_before_its_turn(submitted: Office, refused: Refused) -> None:
    args = ["approve", NUMBER, "--stage", "sales-supervisor", "--opinion", GOOD, "--yes", "--as-of"]
    assert "is still to come" in refused(submitted, "chen-jie", *args, "2999-01-01", code=2)
    told = refused(submitted, "chen-jie", *args, "2024-05-07T09:59:59+08:00")
    assert f"opened at {DAY}" in told
    assert submitted.run("chen-jie", *args, DAY).returncode == 0


def test_what_is_no_text_is_refused(submitted: Office, refused: Refused) -> None:
    opinion = "价格符合折扣政策\udcff"
    told = refused(submitted, "chen-jie", "approve", NUMBER, "--opinion", opinion, "--yes", "--as-of", LATER, code=10)
    assert FIRST in told


def test_the_first_policy_is_approved_by_nobody(submitted: Office, refused: Refused) -> None:
    args = ["approve", "policy", "--opinion", "核对了名单", "--yes", "--as-of", LATER]
    assert "this is the first policy" in refused(submitted, "gao-yuan", *args)
