"""The same judgement over the work tree, the index, a commit, a bare repository and a folder outside Git."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from orderctl import pipeline
from tests.workspaces import AS_OF, BASE, CASE, edit, found, git, orderctl, places, workspace

LATE = {"delivery-late", "delay-not-told"}
WRONG = [("order-differs-from-requirement", f"{CASE}/order.yaml", 18)]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return workspace(tmp_path / "shop")


def break_order(shop: Path) -> None:
    edit(shop, f"{CASE}/order.yaml", "quantity: 10", "quantity: 9")


def test_base_is_clean_everywhere(shop: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    shutil.copytree(BASE, plain)
    git(tmp_path, "clone", "-q", "--bare", str(shop), str(tmp_path / "bare.git"))
    for root, args in ((shop, ()), (shop, ("--rev", "HEAD")), (plain, ()), (tmp_path / "bare.git", ())):
        assert places(found(root, *args)) == [], (root, args)


def test_an_error_is_seen_where_it_is(shop: Path, tmp_path: Path) -> None:
    break_order(shop)
    assert WRONG[0] in places(found(shop))
    assert places(found(shop, "--rev", "HEAD")) == []
    git(shop, "commit", "-qam", "wrong")
    assert WRONG[0] in places(found(shop, "--rev", "HEAD"))
    assert places(found(shop, "--rev", "HEAD~1")) == []
    git(tmp_path, "clone", "-q", "--bare", str(shop), str(tmp_path / "bare.git"))
    assert WRONG[0] in places(found(tmp_path / "bare.git"))


def test_sub_folder_workspace_of_a_larger_repository(tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    shutil.copytree(BASE, outer / "company" / "shop")
    (outer / "orders").mkdir()
    (outer / "orders" / "else.yaml").write_text("not: ours\n")
    git(outer, "init", "-q", "-b", "main")
    git(outer, "add", "-A")
    git(outer, "commit", "-q", "-m", "start")
    shop = outer / "company" / "shop"
    assert places(found(shop)) == []
    break_order(shop)
    assert WRONG[0] in places(found(shop))
    assert WRONG[0] in places(found(shop / "orders" / "2024"))
    assert places(found(shop, "--rev", "HEAD")) == []


def test_changed_shows_what_is_new_and_what_it_broke_elsewhere(shop: Path) -> None:
    edit(shop, "catalog/prices/PB2024.yaml", "product: DESK-W120, price: 820.00", "product: DESK-W120, price: 821.00")
    assert {p[1] for p in places(found(shop, "--changed", "HEAD"))} == {
        f"{CASE}/order.yaml",
        f"{CASE}/quotation-1.yaml",
    }
    git(shop, "commit", "-qam", "prices")
    assert found(shop, "--changed", "HEAD") == []


def test_untracked_files_count_and_ignored_ones_do_not(shop: Path) -> None:
    (shop / "customers" / "C0002.yaml").write_text("schema: customer/1\n")
    assert {p[1] for p in places(found(shop))} == {"customers/C0002.yaml"}
    (shop / ".gitignore").write_text("customers/C0002.yaml\n")
    assert places(found(shop)) == []


def test_what_is_no_ordinary_file(shop: Path) -> None:
    target = shop / "customers" / "C0001.yaml"
    kept = target.read_bytes()
    target.unlink()
    os.mkfifo(target)
    assert ("tree.mode", "customers/C0001.yaml", 1) in places(found(shop))
    target.unlink()
    target.symlink_to("/etc/passwd")
    assert ("tree.mode", "customers/C0001.yaml", 1) in places(found(shop))
    target.unlink()
    target.mkdir()
    (target / "inner.yaml").write_bytes(kept)
    assert ("path.unclassified", "customers/C0001.yaml/inner.yaml", 1) in places(found(shop))
    shutil.rmtree(target)
    target.write_bytes(kept)
    assert places(found(shop)) == []
    target.chmod(0o755)
    assert ("tree.mode", "customers/C0001.yaml", 1) in places(found(shop))


def test_a_repository_inside_is_named(shop: Path) -> None:
    for place in ("customers/sub", "customers/evidence/sub"):
        inner = shop / place
        inner.mkdir(parents=True)
        git(inner, "init", "-q")
        (inner / "x").write_text("x")
        assert ("tree.mode", place, 1) in places(found(shop))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("customers/C0001.yml", "path.unclassified"),
        ("orders/2024/05/OD2024050012/ordr.yaml", "path.unclassified"),
        ("orders/2024/13/OD2024130001/order.yaml", "path.unclassified"),
        ("custmers/C0002.yaml", "path.unclassified"),
        ("Orders/2024/05/OD2024050014/order.yaml", "path.unclassified"),
        ("orderctl.yml", "path.unclassified"),
        ("customers/c0001.yaml", "path.collision"),
        ("customers/Ｃ0001.yaml", "path.collision"),
        ("customers/a\nb.yaml", "path.charset"),
        ("customers/a\x1b[31m.yaml", "path.charset"),
        ("customers/a\u202eb.yaml", "path.charset"),
        ("customers/evidence/con.txt", "path.reserved"),
        ("customers/evidence/COM1", "path.reserved"),
        ("customers/evidence/scan.", "path.reserved"),
        ("customers/evidence/scan /a.txt", "path.reserved"),
        ("customers/" + "x" * 101, "path.limit"),
        ("orders/1/2/3/4/5/6/7/8", "path.limit"),
    ],
)
def test_paths(shop: Path, name: str, rule: str) -> None:
    file = shop / name
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shop / "customers" / "C0001.yaml", file)
    assert rule in {f["rule"] for f in found(shop)}
    file.unlink()
    assert places(found(shop)) == []


def test_paths_at_their_limits_pass(shop: Path) -> None:
    folder = shop / "orders/2024/05/OD2024050012/evidence"
    for name in ("con1.txt", "com0.txt", "scan.con", "scan nul.txt", "com10"):
        (folder / name).write_text("x")
    (folder / ("x" * 96 + ".txt")).write_text("x")
    assert places(found(shop)) == []
    (folder / ("x" * 97 + ".txt")).write_text("x")
    assert [p[0] for p in places(found(shop))] == ["path.limit"]


def test_a_name_that_is_not_utf8(shop: Path) -> None:
    raw = os.fsencode(shop / "customers") + b"/\xff.yaml"
    with open(raw, "wb") as file:
        file.write(b"schema: customer/1\n")
    assert "path.charset" in {f["rule"] for f in found(shop)}


def test_editors_leftovers_are_nobodys_business(shop: Path) -> None:
    for name in (".C0001.yaml.swp", "C0001.yaml~", ".DS_Store", "~$list.xlsx"):
        (shop / "customers" / name).write_bytes(b"\xff")
    assert places(found(shop)) == []


def test_outside_a_workspace(tmp_path: Path) -> None:
    done = orderctl(tmp_path, "check", "--as-of", AS_OF)
    assert done.returncode == 2
    assert "orderctl init" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_revision_and_day(shop: Path) -> None:
    for args, text in ((("--rev", "--output=x"), "no revision"), (("--as-of", "tomorrow"), "no date or time")):
        done = orderctl(shop, "check", *args)
        assert done.returncode == 2, done.stderr
        assert text in done.stderr
    assert not (shop / "x").exists()


def test_hostile_configuration_starts_no_program(shop: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "gpg.program", "core.sshCommand"):
        git(shop, "config", key, str(script))
    git(shop, "config", "filter.evil.clean", str(script))
    git(shop, "config", "filter.evil.smudge", str(script))
    (shop / ".gitattributes").write_text("*.yaml diff=evil\n")
    git(shop, "config", "diff.evil.textconv", str(script))
    marker.unlink(missing_ok=True)
    break_order(shop)
    assert WRONG[0] in places(found(shop))
    assert places(found(shop, "--changed", "HEAD")) != []
    assert not marker.exists()


@pytest.mark.parametrize("prefix", ["", "company/shop"])
def test_the_index_is_judged_as_staged(tmp_path: Path, prefix: str) -> None:
    top = tmp_path / "top"
    shop = top / prefix
    shutil.copytree(BASE, shop)
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "start")
    here = pipeline.find_workspace(shop)

    def rules() -> set[str]:
        return {f.rule for f in pipeline.check(here, index=True, as_of=AS_OF).findings} - LATE

    assert rules() == set()
    break_order(shop)
    assert rules() == set(), "not staged yet"
    git(top, "add", "-A")
    git(shop, "checkout", "-q", "HEAD", "--", f"{CASE}/requirement.yaml")
    (shop / f"{CASE}/order.yaml").write_bytes((BASE / f"{CASE}/order.yaml").read_bytes())
    assert "order-differs-from-requirement" in rules(), "staged, whatever lies on the disk"
    git(shop, "rm", "-q", "--cached", "customers/C0001.yaml")
    assert "unknown-customer" in rules()


def test_other_folders_are_nobodys_business(shop: Path) -> None:
    for name in ("notes/C0001.yaml", ".github/workflows/data.yml", "docs/order.yaml"):
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text("- anything\n")
    assert places(found(shop)) == []
