"""submit: the check first, then a submission of exactly this content with everybody who made it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderctl.digest import digest_without
from orderctl.load import load
from tests.desk.conftest import Refused
from tests.desk.office import DAY, LATER, NUMBER, ORDER, Office, said
from tests.workspaces import CASE, edit

PATH = f"{CASE}/submission.yaml"
ARGS = ["submit", NUMBER, "--yes", "--as-of", DAY]


def submission(at: Office) -> dict[str, object]:
    data = load(PATH, (at.root / PATH).read_bytes())[0]
    assert data is not None
    return data


def test_a_submission_is_written_signed_and_committed(fresh: Office) -> None:
    done = fresh.run("lin-xiao", *ARGS, "--self-check", "已核对数量与价格", ORDERCTL_LANG="zh")
    assert done.returncode == 0, said(done)
    data = submission(fresh)
    assert list(data) == [
        "schema", "repository", "number", "revision", "digest", "immaterial", "authors", "sha256", "submitted_by",
        "submitted_at", "self_check", "policy", "nonce",
    ]  # fmt: skip
    assert (data["submitted_by"], data["authors"], data["submitted_at"]) == ("lin-xiao", ["lin-xiao"], DAY)
    assert data["self_check"] == {"zh": "已核对数量与价格"}
    order = load(ORDER, (fresh.root / ORDER).read_bytes())[0]
    assert order is not None
    left_out = data["immaterial"]
    assert isinstance(left_out, list)
    assert data["digest"] == digest_without(order, left_out)
    shown = fresh.git("lin-xiao", "show", "--format=%s", "--name-only", "HEAD").split("\n")
    assert shown[0] == f"{NUMBER}: submit revision 1"
    assert shown[2:4] == [PATH, PATH + ".sig"]
    assert fresh.git("lin-xiao", "status", "--porcelain") == ""
    assert "chen-jie" in done.stderr


def test_a_case_with_errors_is_not_submitted(fresh: Office, refused: Refused) -> None:
    edit(fresh.root, ORDER, "total: 11700.00", "total: 11700.01")
    fresh.commit("lin-xiao", "a slip", "2024-05-07T09:30:00+08:00")
    told = refused(fresh, "lin-xiao", *ARGS, code=10)
    assert "total-wrong" in told
    assert "Nothing was submitted" in told
    edit(fresh.root, ORDER, "total: 11700.01", "total: 11700.00")
    fresh.commit("lin-xiao", "mended", "2024-05-07T09:40:00+08:00")
    assert fresh.run("lin-xiao", *ARGS).returncode == 0


def test_everybody_who_changed_the_content_is_an_author(fresh: Office) -> None:
    edit(fresh.root, ORDER, "remarks: 外箱标注易碎", "remarks: 外箱标注易碎，勿压")
    fresh.commit("qin-fu", "a remark", "2024-05-07T09:10:00+08:00")
    edit(fresh.root, ORDER, 'phone: "13900000003"', 'phone: "13900000004"')
    fresh.commit("luo-yun", "a phone is immaterial", "2024-05-07T09:20:00+08:00")
    done = fresh.run("lin-xiao", *ARGS)
    assert done.returncode == 0, said(done)
    assert submission(fresh)["authors"] == ["lin-xiao", "qin-fu"]


def test_authors_of_earlier_revisions_stay(submitted: Office, refused: Refused) -> None:
    submitted.git("lin-xiao", "checkout", "-q", "-b", "revision-2")
    edit(submitted.root, ORDER, "remarks: 外箱标注易碎", "remarks: 外箱标注易碎，勿压")
    submitted.commit("qin-fu", "a remark", "2024-05-07T11:00:00+08:00")
    args = ["submit", NUMBER, "--yes", "--as-of", "2024-05-07T12:00:00+08:00"]
    assert "should say revision: 2, not 1" in refused(submitted, "qin-fu", *args)
    edit(submitted.root, ORDER, "revision: 1", "revision: 3")
    submitted.commit("qin-fu", "too far", "2024-05-07T11:10:00+08:00")
    assert "should say revision: 2, not 3" in refused(submitted, "qin-fu", *args)
    edit(submitted.root, ORDER, "revision: 3", "revision: 2")
    submitted.commit("qin-fu", "revision 2", "2024-05-07T11:20:00+08:00")
    done = submitted.run("qin-fu", *args)
    assert done.returncode == 0, said(done)
    assert submission(submitted)["authors"] == ["lin-xiao", "qin-fu"]
    told = refused(
        submitted, "lin-xiao", "approve", NUMBER, "--stage", "sales-supervisor", "--opinion", "价格符合折扣政策",
        "--yes", "--as-of", LATER,
    )  # fmt: skip
    assert "had a hand in" in told


def test_on_a_branch_a_draft_may_be_submitted_again(fresh: Office) -> None:
    """What hasn't landed has no revision to raise yet."""
    fresh.git("lin-xiao", "branch", "-q", "-m", "main", "order")
    fresh.git("lin-xiao", "branch", "-q", "main", "HEAD~1")
    assert fresh.run("lin-xiao", *ARGS).returncode == 0
    edit(fresh.root, ORDER, "remarks: 外箱标注易碎", "remarks: 外箱标注易碎，勿压")
    fresh.commit("lin-xiao", "a remark", "2024-05-07T11:00:00+08:00")
    done = fresh.run("lin-xiao", "submit", NUMBER, "--yes", "--as-of", "2024-05-07T12:00:00+08:00")
    assert done.returncode == 0, said(done)


def test_once_is_enough(submitted: Office, refused: Refused) -> None:
    assert "submitted by Lin Xiao (lin-xiao)" in refused(submitted, "lin-xiao", *ARGS)
    submitted.git("lin-xiao", "checkout", "-q", "-b", "phone")
    edit(submitted.root, ORDER, 'phone: "13900000003"', 'phone: "13900000004"')
    submitted.commit("lin-xiao", "what voids nothing", "2024-05-07T11:00:00+08:00")
    assert "submitted by Lin Xiao (lin-xiao)" in refused(submitted, "lin-xiao", *ARGS)


def test_an_unsigned_commit_is_told(fresh: Office) -> None:
    edit(fresh.root, ORDER, "remarks: 外箱标注易碎", "remarks: 外箱标注易碎，勿压")
    fresh.git("lin-xiao", "add", "-A")
    fresh.git("lin-xiao", "-c", "commit.gpgSign=false", "commit", "-q", "-m", "who was it")
    done = fresh.run("lin-xiao", *ARGS, "--no-commit")
    assert done.returncode == 0, said(done)
    assert "without a signature that the policy knows" in done.stderr


def test_uncommitted_orders_and_unknown_numbers(fresh: Office, refused: Refused) -> None:
    edit(fresh.root, ORDER, "remarks: 外箱标注易碎", "remarks: 外箱标注易碎，勿压")
    assert "git restore" in refused(fresh, "lin-xiao", *ARGS, code=2)
    assert NUMBER in refused(fresh, "lin-xiao", "submit", "OD2024050021", "--yes", code=2)


def test_a_text_that_no_document_holds(fresh: Office, refused: Refused) -> None:
    told = refused(fresh, "lin-xiao", *ARGS, "--self-check", "已核对\u202e", code=10)
    assert PATH in told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_shown_before_signing(fresh: Office, language: str, tmp_path: Path) -> None:
    done = fresh.run("lin-xiao", "submit", NUMBER, "--as-of", DAY, ORDERCTL_LANG=language)
    assert done.returncode == 2
    for text in (
        NUMBER,
        "11700.00",
        "壹万壹仟柒佰元整",
        "北京云帆科技有限公司",
        "DESK-W120",
        "820.00",
        "2024-05-20",
        "lin-xiao",
    ):
        assert text in done.stdout
