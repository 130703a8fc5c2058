"""What a Chinese user reads: whole sentences, no placeholder, no English in between."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.desk.conftest import Refused
from tests.desk.office import NUMBER, Office
from tests.workspaces import CASE

ZH = {"ORDERCTL_LANG": "zh"}
OPINION = "价格与交期已逐项核对"
LATER = "2024-05-07T14:00:00+08:00"
OTHER = CASE.replace(NUMBER, "OD2024050099")


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["withdraw", NUMBER, "--opinion", "看错了"], 2, f"{NUMBER} 第 1 版没有可撤回的意见"),
        (
            ["withdraw", NUMBER, "--stage", "finance", "--opinion", "看错了"],
            2,
            f"{NUMBER} 第 1 版在环节 财务（finance）没有可撤回的意见",
        ),
        (["approve", NUMBER, "--opinion", "  ", "--yes"], 11, "意见是空的"),
        (["reject", NUMBER, "--opinion", "", "--yes"], 11, "意见是空的"),
        (["approve", NUMBER, "--opinion", OPINION, "--key", "nowhere/id"], 2, "（没有这个文件或文件夹，来自 --key）"),
        (["approve", NUMBER, "--opinion", OPINION, "--key", "orders"], 2, "（这是文件夹，不是文件，来自 --key）"),
        (
            ["gate", "--base", "HEAD", "--head", "HEAD", "--reviews", "nowhere.json"],
            11,
            "nowhere.json：没有这个文件或文件夹",
        ),
        (["simulate", "--policy", "nowhere.yaml"], 2, "nowhere.yaml: 没有这个文件或文件夹"),
    ],
)
def test_refusals(submitted: Office, refused: Refused, args: list[str], code: int, told: str) -> None:
    assert told in refused(submitted, "chen-jie", *args, code=code, **ZH)


def test_an_order_that_is_on_disk_only(submitted: Office, refused: Refused) -> None:
    """It is there, so nobody is told that it isn't: it has to be committed first."""
    (submitted.root / CASE).rename(submitted.root / OTHER)
    submitted.git("lin-xiao", "restore", CASE)
    for command in ("submit", "approve", "withdraw"):
        opinion = [] if command == "submit" else ["--opinion", OPINION]
        told = refused(submitted, "chen-jie", command, "OD2024050099", *opinion, "--yes", code=2, **ZH)
        assert f"{OTHER}/order.yaml 还没有提交到 Git" in told
        assert f"git add {OTHER} && git commit -S" in told
    assert "没有叫“OD2024050098”的" in refused(submitted, "chen-jie", "submit", "OD2024050098", code=2, **ZH)


@pytest.mark.parametrize(
    ("hidden", "told"),
    [(False, "口令不对，或这里没有终端可以输入口令"), (True, "它不在公钥旁边，也不在 ssh-agent 里")],
)
def test_a_key_that_cannot_sign(submitted: Office, refused: Refused, tmp_path: Path, hidden: bool, told: str) -> None:
    key = tmp_path / "id"
    key.write_bytes(submitted.key("chen-jie").read_bytes())
    key.chmod(0o600)
    public = submitted.key("chen-jie").with_name(submitted.key("chen-jie").name + ".pub")
    key.with_name("id.pub").write_bytes(public.read_bytes())
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", os.fspath(key)], check=True)
    if hidden:
        key.unlink()
    named = os.fspath(key.with_name("id.pub") if hidden else key)
    args = ("--opinion", OPINION, "--key", named, "--yes", "--as-of", LATER)
    said = refused(submitted, "chen-jie", "approve", NUMBER, *args, code=2, SSH_AUTH_SOCK="", **ZH)
    assert told in said
    assert "passphrase" not in said


def test_without_git(submitted: Office, refused: Refused, tmp_path: Path) -> None:
    """Where no program git is to be found, that is what is said."""
    empty = tmp_path / "bin"
    empty.mkdir()
    for command in (["approve", NUMBER, "--opinion", OPINION], ["submit", NUMBER], ["doctor"]):
        told = refused(submitted, "chen-jie", *command, code=2, PATH=os.fspath(empty), **ZH)
        assert "找不到程序 git" in told


def test_required_options_are_told_in_chinese(submitted: Office) -> None:
    shown = submitted.run("chen-jie", "waive", "--help", **ZH).stdout
    assert "问题所在的文档。  [必填]" in shown
    assert "required" not in shown


def test_the_gate_says_it_in_chinese(submitted: Office) -> None:
    """What is denied, what is missing and until when: no English word, no time with an offset."""
    order = submitted.root / CASE / "order.yaml"
    order.write_text(order.read_text(encoding="utf-8") + "# a note\n", encoding="utf-8")
    (submitted.root / "catalog/note.txt").write_text("x\n", encoding="utf-8")
    submitted.commit("su-cai", "a note", LATER)
    told = submitted.run("su-cai", "gate", "--base", "HEAD~1", "--head", "HEAD", "--as-of", LATER, **ZH).stdout
    assert "苏彩（su-cai）（财务）无权新增 catalog/note.txt\n" in told
    assert f"{NUMBER}：环节 财务（finance）（角色 财务（finance）），尚未轮到" in told
    supervisor = "销售主管（sales-supervisor）"
    assert f"{NUMBER}：环节 {supervisor}（角色 {supervisor}），可审批的人：陈洁（chen-jie）" in told
    assert "截止 2024-05-07 " in told or "截止 2024-05-08 " in told
    assert "+08:00" not in told


def test_names_stand_beside_ids(submitted: Office) -> None:
    """Once each: before signing, in the receipt, and where it goes next."""
    args = ("--stage", "sales-supervisor", "--opinion", OPINION, "--yes", "--as-of", LATER)
    done = submitted.run("chen-jie", "approve", NUMBER, *args, **ZH)
    assert done.returncode == 0, done.stderr
    assert "  销售主管（sales-supervisor）\n" in done.stdout
    assert "  陈洁（chen-jie）\n" in done.stdout
    assert "由陈洁（chen-jie）用密钥 SHA256:" in done.stderr
    assert "下一步：财务（finance），轮到苏彩（su-cai），期限 2024-05-08 14:30\n" in done.stderr
