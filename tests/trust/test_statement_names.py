"""A statement's file is called after what it says; one that isn't is told, one that is may be called more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspaces import CASE, found, git, places, workspace

FINANCE = f"{CASE}/approvals/order-1-finance.yaml"
POLICY = """schema: approval/1
subject: policy
revision: 2
digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
stage: finance
decision: approve
opinion: 已核对改动的每一行
person: su-cai
issued: 2024-05-07T09:40:00+08:00
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return workspace(tmp_path / "work")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order-1-finance", []),
        ("order-1-finance.su-cai", []),
        ("order-1-finance.su-cai.2", []),
        ("order-1-production.su-cai", [("id.path_mismatch", 6)]),
        ("order-2-finance", [("id.path_mismatch", 3)]),
        ("change-1-finance", [("id.path_mismatch", 2)]),
        ("order-1-finances", [("id.path_mismatch", 6)]),
        ("order-finance", [("path.unclassified", 1)]),
        ("finance", [("path.unclassified", 1)]),
        ("Order-1-finance", [("path.unclassified", 1)]),
    ],
)
def test_the_name_starts_with_subject_revision_and_stage(
    root: Path, name: str, expected: list[tuple[str, int]]
) -> None:
    path = f"{CASE}/approvals/{name}.yaml"
    if path != FINANCE:
        git(root, "mv", FINANCE, path)

    told = [(rule, line) for rule, at, line in places(found(root)) if at == path]

    assert sorted(rule for rule, _ in told) == [rule for rule, _ in expected]
    if expected and expected[0][0] == "path.unclassified" and name[0].islower():
        hint = next(f["hint"] for f in found(root) if f["rule"] == "path.unclassified")
        assert FINANCE in hint


def test_statements_of_one_name_in_two_places_are_two(root: Path) -> None:
    for folder in ("policy", "waivers"):
        file = root / folder / "approvals" / "policy-2-finance.su-cai.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(POLICY, encoding="utf-8")

    assert [rule for rule, _, _ in places(found(root)) if rule.startswith(("id.", "path."))] == []
