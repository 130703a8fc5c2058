"""Every refusal at the desk has a page: `orderctl explain CODE` says what it means and what to do."""

from __future__ import annotations

import re
from pathlib import Path

from orderctl.codes import desk, desk_git
from tests.desk.conftest import Refused
from tests.desk.office import DAY, NUMBER, Office

SOURCES = Path(__file__).parents[2] / "orderctl"
_CODE = re.compile(r'denied\(\s*"([a-z_]+)"|"desk\.([a-z_]+)"')


def test_every_refusal_is_explained_and_every_page_is_of_one() -> None:
    files = [*(SOURCES / "desk").glob("*.py"), *(SOURCES / "commands").glob("*.py")]
    raised = {f"desk.{m[1] or m[2]}" for file in files for m in _CODE.finditer(file.read_text())}
    assert raised == {code.id for code in (*desk.CODES, *desk_git.CODES)}


def test_a_refusal_names_its_page(fresh: Office, refused: Refused) -> None:
    told = refused(fresh, "chen-jie", "approve", NUMBER, "--opinion", "好的", "--yes", "--as-of", DAY)
    assert told.endswith("\n  more: orderctl explain desk.opinion\n")
    page = fresh.run("chen-jie", "explain", "desk.opinion", ORDERCTL_LANG="zh")
    assert page.returncode == 0
    assert "意见没有说明审核了什么" in page.stdout
    assert "怎么改" in page.stdout
