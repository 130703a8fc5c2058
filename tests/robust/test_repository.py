"""Repositories in every state that git leaves them in: judged rightly, or refused in one sentence that says why."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workspaces import AS_OF, CASE, edit, found, git, orderctl, places, workspace

WRONG = ("total-wrong", f"{CASE}/order.yaml", 20)
CUSTOMER = "customers/C0001.yaml"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return workspace(tmp_path / "shop")


def refused(root: Path, *args: str, words: str) -> None:
    """Assert that a check is refused in one line of each language, with the reason and no word of a bug."""
    for language in ("en", "zh"):
        done = orderctl(root, "check", "--as-of", AS_OF, *args, ORDERCTL_LANG=language)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "orderctl itself failed" not in done.stderr
        assert done.stderr.startswith("错误：" if language == "zh" else "Error: ")


def object_file(shop: Path, name: str) -> Path:
    """Return the loose object that ``name`` resolves to, writable."""
    id = git(shop, "rev-parse", name).strip()
    file = shop / ".git/objects" / id[:2] / id[2:]
    file.chmod(0o644)
    return file


def test_damaged_objects_are_named_and_nothing_passes(shop: Path) -> None:
    blob, tree = object_file(shop, f"HEAD:{CUSTOMER}"), object_file(shop, "HEAD:customers")
    sound = blob.read_bytes()
    # Where git gives up on the object, where it calls it missing, and where it is.
    for content in (sound[:600] + b"x" * 16 + sound[616:], b"x" * 60, b"", None):
        blob.unlink(missing_ok=True)
        if content is not None:
            blob.write_bytes(content)
        refused(shop, words=CUSTOMER)
    blob.write_bytes(sound)
    assert places(found(shop)) == []
    tree.unlink()
    shutil.rmtree(shop / ".orderctl")  # the book knew that tree
    refused(shop, words="git fsck")


def test_a_repository_that_git_refuses_is_no_plain_folder(shop: Path) -> None:
    index, head = shop / ".git/index", shop / ".git/HEAD"
    kept = index.read_bytes(), head.read_bytes()
    index.write_bytes(b"junk")
    refused(shop, words="index")
    index.write_bytes(kept[0])
    head.write_bytes(b"junk\n")
    refused(shop, words=".git")
    head.write_bytes(kept[1])
    assert places(found(shop)) == []


def test_linked_and_lost_work_trees(shop: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(shop, "worktree", "add", "-q", "-b", "other", str(linked))
    edit(linked, f"{CASE}/order.yaml", "total: 11700.00", "total: 1.00")
    assert WRONG in places(found(linked))
    assert places(found(shop)) == places(found(linked, "--rev", "main")) == []
    (shop / ".git").rename(shop / "git")
    refused(linked, words="worktrees/linked")


def test_before_the_first_commit_and_without_a_branch(shop: Path) -> None:
    edit(shop, f"{CASE}/order.yaml", "total: 11700.00", "total: 1.00")
    git(shop, "checkout", "-q", "--detach")
    assert WRONG in places(found(shop))
    git(shop, "checkout", "-q", "--orphan", "new")
    (shop / ".git/index.lock").touch()  # someone's commit is under way, or was killed
    assert WRONG in places(found(shop))
    done = orderctl(shop, "check", "--changed", "HEAD")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no revision" in done.stderr


def test_a_merge_that_is_not_done(shop: Path) -> None:
    for branch, total in (("theirs", "1.00"), ("main", "2.00")):
        git(shop, "checkout", "-q", "-B", branch, "main")
        edit(shop, f"{CASE}/order.yaml", "total: 11700.00", f"total: {total}")
        git(shop, "commit", "-qam", branch)
        git(shop, "branch", "-q", "-f", "mine") if branch == "main" else git(shop, "checkout", "-q", "main")
    merge = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", "merge", "-q", "theirs"]
    assert subprocess.run(merge, cwd=shop, capture_output=True, check=False).returncode == 1
    assert {p[1] for p in places(found(shop))} == {f"{CASE}/order.yaml"}
    git(shop, "merge", "--abort")
    assert places(found(shop)) == [WRONG]


def test_filters_of_the_repository_run_nothing(shop: Path, tmp_path: Path) -> None:
    ran, script = tmp_path / "ran", tmp_path / "filter"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    script.chmod(0o755)
    (shop / ".gitattributes").write_text("*.yaml filter=own\n")
    git(shop, "add", ".gitattributes")
    git(shop, "commit", "-qm", "attributes")
    for key in ("clean", "process"):
        git(shop, "config", f"filter.own.{key}", str(script))
    git(shop, "config", "filter.own.required", "true")
    os.utime(shop / CUSTOMER, (0, 0))  # git must look at its content now
    assert places(found(shop)) == []
    assert not ran.exists()
    edit(shop, f"{CASE}/order.yaml", "total: 11700.00", "total: 1.00")
    assert WRONG in places(found(shop))


def test_shallow_sparse_and_foreign(shop: Path, tmp_path: Path) -> None:
    git(shop, "commit", "-q", "--allow-empty", "-m", "second")
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", "--depth", "1", shop.as_uri(), str(copy))
    assert places(found(copy)) == places(found(copy, "--changed", "HEAD")) == []
    git(copy, "sparse-checkout", "set", "orders")
    assert not (copy / "customers").exists()
    assert places(found(copy)) == []
    if os.getuid() == 0:
        os.chown(copy, 65534, 65534)
        os.chown(copy / ".git", 65534, 65534)
        assert places(found(copy)) == []


def test_line_ends_that_git_converts(shop: Path) -> None:
    git(shop, "config", "core.autocrlf", "true")
    (shop / CUSTOMER).unlink()
    git(shop, "checkout", "-q", "--", CUSTOMER)
    assert b"\r\n" in (shop / CUSTOMER).read_bytes()
    assert places(found(shop)) == []


def test_a_workspace_below_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    outer = tmp_path / "a b\n[店] *"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "main")
    shop = workspace(outer / ":(top)？")
    shutil.rmtree(shop / ".git")
    git(outer, "add", "-A")
    git(outer, "commit", "-qm", "start")
    assert places(found(shop)) == []
    edit(shop, f"{CASE}/order.yaml", "total: 11700.00", "total: 1.00")
    assert WRONG in places(found(shop / "orders"))
    assert WRONG in places(found(shop, "--changed", "HEAD"))
