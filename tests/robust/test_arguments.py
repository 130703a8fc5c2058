"""Odd revisions, times and paths on the command line: taken as meant or refused, never as something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspaces import AS_OF, CASE, edit, found, git, orderctl, places, workspace

WRONG = ("total-wrong", f"{CASE}/order.yaml", 20)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("arguments") / "shop")
    edit(folder, f"{CASE}/order.yaml", "total: 11700.00", "total: 1.00")
    git(folder, "commit", "-qam", "wrong")
    git(folder, "tag", "-a", "v1", "-m", "v1", "HEAD~1")
    return folder


def refused(shop: Path, *args: str, words: str) -> None:
    done = orderctl(shop, "check", *args)
    assert (done.returncode, done.stdout) == (2, ""), args
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_revisions(shop: Path) -> None:
    assert places(found(shop, "--rev", "v1")) == []
    assert places(found(shop, "--rev", git(shop, "rev-parse", "--short=6", "HEAD").strip())) == [WRONG]
    assert places(found(shop, "--changed", "v1")) == [WRONG]
    for name in ("HEAD:orders", git(shop, "rev-parse", "HEAD:orderctl.yaml").strip(), "v1..HEAD", "--all", "", "a\nb"):
        refused(shop, "--rev", name, words="Name a commit, branch or tag")


def test_times(shop: Path) -> None:
    days = ("0001-01-01", "1969-12-31T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59-14:00")
    for day in days:
        assert WRONG in places(found(shop, "--as-of", day))
    for day in ("", "2024-W21-5", "20240524", "2024-05-24T12:00", "10000-01-01"):
        refused(shop, "--as-of", day, words="no date or time")


def test_paths(shop: Path) -> None:
    inside = orderctl(shop, "check", "orders/../customers/", "--as-of", AS_OF)
    assert inside.returncode == 0
    for path in ("", "../x", "/etc"):
        refused(shop, "--", path, words="outside the workspace")


def test_a_case_under_another_name_and_back(shop: Path) -> None:
    """Warm and cold say the same of a rename, and --changed sees both ends of it."""
    order = shop / CASE / "order.yaml"
    moved = shop / "orders/2024/05/OD2024050099"
    cold = found(shop)
    order.parent.rename(moved)
    renamed = found(shop)
    assert {p[1].split("/")[3] for p in places(renamed)} >= {"OD2024050099"}
    changed = found(shop, "--changed", "HEAD")
    assert [f for f in renamed if f not in changed and "OD2024050099" in f["path"]] == []
    moved.rename(order.parent)
    assert found(shop) == cold
