"""A book written by one process and by two are the same book, and so is one that another revision's was changed to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from orderctl import pipeline
from tests.book.test_warm_is_cold import git, tables
from tests.workspaces import edit

ROOT = Path(__file__).resolve().parents[2]


def test_one_process_or_two(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    command = [sys.executable, "-m", "bench.generate", "130", "7", str(shop)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "start")
    workspace = pipeline.find_workspace(shop)
    book = shop / ".orderctl" / "book.db"
    said = {}
    for jobs in (1, 2):
        book.unlink(missing_ok=True)
        outcome = pipeline.check(workspace, rev="HEAD", as_of="2024-12-20", jobs=jobs)
        assert outcome.documents > 1_200, "enough for a pool"
        said[jobs] = (outcome.findings, tables(book))
    assert said[1] == said[2]
    order = sorted((shop / "orders").rglob("order.yaml"))[5]
    edit(shop, order.relative_to(shop).as_posix(), "revision: 1", "revision: 2")
    git(shop, "commit", "-qam", "revision")
    pipeline.check(workspace, rev="HEAD", as_of="2024-12-20", jobs=1)
    assert tables(book) != said[1][1]
    pipeline.check(workspace, rev="HEAD~1", as_of="2024-12-20", jobs=1)
    assert tables(book) == said[1][1]
