"""The generator of workspaces is repeatable and its documents are valid; the runner measures what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import generate, rivals

ROOT = Path(__file__).resolve().parents[2]


def test_same_size_and_seed_give_the_same_bytes() -> None:
    assert list(generate.generate(30, 5)) == list(generate.generate(30, 5))
    assert list(generate.generate(30, 5)) != list(generate.generate(30, 6))


def test_a_commit_is_repeatable_too(tmp_path: Path) -> None:
    heads = set()
    for name in ("one", "two"):
        generate.write(generate.generate(3, 5), tmp_path / name)
        generate.commit(tmp_path / name)
        head = subprocess.run(["git", "-C", tmp_path / name, "rev-parse", "HEAD"], capture_output=True, check=True)
        heads.add(head.stdout)
    assert len(heads) == 1
    assert generate.digest(tmp_path / "one") == generate.digest(tmp_path / "two")


def test_an_order_has_nine_to_ten_documents_and_they_are_valid(tmp_path: Path) -> None:
    generate.write(generate.generate(200, 1), tmp_path)
    kinds = {kind: len(paths) for kind, paths in rivals.by_kind(tmp_path).items()}
    cases = list(tmp_path.glob("orders/*/*/*/"))
    assert len(cases) == 200
    assert 9 <= sum(1 for case in cases for _ in case.rglob("*.yaml")) / 200 <= 10
    assert kinds["order"] == kinds["requirement"] == kinds["quotation"] == kinds["submission"] == 200
    assert kinds["customer"] == 8
    rivals.bare_loop(tmp_path)


@pytest.mark.parametrize("size", [0, generate.LARGEST + 1])
def test_sizes_beyond_the_limits_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="a workspace has 1 to 150000 orders"):
        next(generate.generate(size, 1))


def test_the_largest_size_has_numbers_enough() -> None:
    first, _ = next(generate.generate(generate.LARGEST, 1))
    assert first == "orderctl.yaml"


def test_a_generated_workspace_has_no_finding(tmp_path: Path) -> None:
    documents = generate.write(generate.generate(150, 3), tmp_path)
    program = str(Path(sys.executable).parent / "orderctl")
    done = subprocess.run([program, "check", "--output", "json"], cwd=tmp_path, capture_output=True, check=False)
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert report["documents"] == documents


def test_the_runner_prints_every_ratio(tmp_path: Path) -> None:
    output = tmp_path / "result.md"
    options = ["--size", "20", "--small", "10", "--sample", "3", "--rounds", "1", "--output", str(output)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.run", *options], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == output.read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("|")]
    assert [(row[0].removeprefix("| "), row[2]) for row in rows[2:]] == [
        ("cold check : check-jsonschema, documents per second", "≥ 20×"),
        ("cold check : CSafeLoader + jsonschema-rs, CPU", "≤ 3×"),
        ("cold check: peak memory of all processes", "≤ 400 MB"),
        ("one order changed, check --rev: 20 : 10 orders", "≤ 1.3×"),
        ("one order changed in the work tree, over git status", "≤ 0.3 s"),
        ("nothing changed, over git status", "≤ 0.2 s"),
    ]
    assert "20 orders are 248 documents" in done.stdout
