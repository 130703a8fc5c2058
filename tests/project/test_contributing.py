"""The examples of CONTRIBUTING.md, each put as its one file into a copy of the project, work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^(```+)\w+ (\S+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
EXAMPLES = {path: text for _, path, text in BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))}
PARTS = ("orderctl", "plugins", "schemas", "templates", "tests/rules", "tests/data", "pyproject.toml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project without its sample; the tests' base workspace lies beside it."""
    for part in PARTS:
        source, target = ROOT / part, tmp_path / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".orderctl"))
        else:
            shutil.copy(source, target)
    shutil.copytree(ROOT / "tests/data/base", tmp_path / "shop")
    return tmp_path


def add(project: Path, path: str) -> None:
    """Write the example of that path into the project, where nothing may be yet."""
    assert not (project / path).exists()
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text(EXAMPLES[path], encoding="utf-8")


def run(project: Path, *arguments: str, folder: str = "shop") -> subprocess.CompletedProcess[str]:
    """Run Python in a folder of the copy, with the copy's own orderctl."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project / folder,
        env={**os.environ, "PYTHONPATH": str(project), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def orderctl(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the copy's command line in the copy's workspace."""
    return run(project, "-c", "from orderctl.cli import main; main()", *arguments)


def test_every_example_is_tested() -> None:
    assert sorted(EXAMPLES) == [
        "gifts/G2024-001.yaml",
        "orderctl/report/tsv.py",
        "plugins/rules/heavy_goods_by_express.py",
        "schemas/gift.schema.json",
    ]


def test_a_new_rule_is_one_file(project: Path) -> None:
    add(project, "plugins/rules/heavy_goods_by_express.py")
    tested = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/rules", "-k", "heavy", folder=".")
    assert tested.returncode == 0, tested.stdout
    assert re.search(r"[4-9] passed", tested.stdout), tested.stdout
    page = orderctl(project, "explain", "heavy-goods-by-express", "--lang", "en")
    assert page.returncode == 0, page.stderr
    assert "An order sends heavy goods by express." in page.stdout
    broken = EXAMPLES["plugins/rules/heavy_goods_by_express.py"].replace('!= "express"', '!= "freight"')
    (project / "plugins/rules/heavy_goods_by_express.py").write_text(broken, encoding="utf-8")
    tested = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/rules", "-k", "heavy", folder=".")
    assert tested.returncode == 1, "the page's examples must notice a wrong rule"


def test_a_new_kind_is_one_file(project: Path) -> None:
    path = "gifts/G2024-001.yaml"
    right = EXAMPLES[path]
    add(project / "shop", path)

    def checked() -> tuple[int, list[tuple[str, int]]]:
        done = orderctl(project, "check", "--output", "json", "--as-of", "2024-05-24")
        report = json.loads(done.stdout)
        found = [(f["rule"], f["line"]) for f in report["findings"] if f["path"] == path]
        return report["documents"], found

    documents, _ = checked()
    add(project, "schemas/gift.schema.json")
    assert checked() == (documents + 1, [])
    (project / "shop" / path).write_text(right.replace("128.00", "500.00"), encoding="utf-8")
    assert checked() == (documents + 1, [])
    (project / "shop" / path).write_text(right.replace("128.00", "500.01"), encoding="utf-8")
    assert checked() == (documents + 1, [("schema.too_large", 4)])


def test_a_new_output_format_is_one_file(project: Path) -> None:
    add(project, "orderctl/report/tsv.py")
    order = project / "shop/orders/2024/05/OD2024050012/order.yaml"
    order.write_text(order.read_text(encoding="utf-8").replace("total: 11700.00", "total: 11700.01"), encoding="utf-8")
    done = orderctl(project, "check", "--output", "tsv", "--as-of", "2024-05-24", "--lang", "en")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0] == ["path", "line", "severity", "rule", "message"]
    assert any(row[3] == "total-wrong" for row in rows[1:])
    assert {len(row) for row in rows} == {5}
