"""What a Chinese user reads: whole sentences, no placeholder, no English in between."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.desk.conftest import Refused
from tests.desk.office import NUMBER, Office

ZH = {"ORDERCTL_LANG": "zh"}
OPINION = "价格与交期已逐项核对"


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["withdraw", NUMBER, "--opinion", "看错了"], 2, f"{NUMBER} 第 1 版没有可撤回的意见"),
        (
            ["withdraw", NUMBER, "--stage", "finance", "--opinion", "看错了"],
            2,
            f"{NUMBER} 第 1 版在环节 finance 没有可撤回的意见",
        ),
        (["approve", NUMBER, "--opinion", "  ", "--yes"], 11, "意见是空的"),
        (["reject", NUMBER, "--opinion", "", "--yes"], 11, "意见是空的"),
        (["approve", NUMBER, "--opinion", OPINION, "--key", "nowhere/id"], 2, "（没有这个文件或文件夹，来自 --key）"),
        (["approve", NUMBER, "--opinion", OPINION, "--key", "orders"], 2, "（这是文件夹，不是文件，来自 --key）"),
        (["simulate", "--policy", "nowhere.yaml"], 2, "nowhere.yaml: 没有这个文件或文件夹"),
    ],
)
def test_refusals(submitted: Office, refused: Refused, args: list[str], code: int, told: str) -> None:
    assert told in refused(submitted, "chen-jie", *args, code=code, **ZH)


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
