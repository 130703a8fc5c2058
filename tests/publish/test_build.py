"""A build gives the same bytes cold and warm, with one process and with two, and never half of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.workspaces import AS_OF, CASE, edit, git, orderctl, workspace


def files(folder: Path) -> dict[str, str]:
    """Return path → SHA-256 of everything below ``folder``."""
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file()
    }


def build(root: Path, *args: str, code: int = 0) -> str:
    done = orderctl(root, "build", "--as-of", AS_OF, "--all", *args)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return workspace(tmp_path / "shop")


@pytest.mark.parametrize(
    ("languages", "opened"),
    [
        ("[en, zh]", 'lang="en" data-lang="en"'),
        ("[en]", 'lang="en" data-lang="en"'),
        ("[zh]", 'lang="zh-CN" data-lang="zh"'),
    ],
)
def test_the_site_opens_in_the_companys_first_language(shop: Path, languages: str, opened: str) -> None:
    edit(shop, "orderctl.yaml", "languages: [zh, en]", f"languages: {languages}")
    build(shop, "--only", "site")
    assert f"<html {opened}>" in (shop / "site" / "staff" / "index.html").read_text("utf-8")


def test_cold_warm_one_and_two_processes(shop: Path, tmp_path: Path) -> None:
    build(shop, "--out", str(tmp_path / "one"), "--jobs", "1")
    first = files(tmp_path / "one")
    build(shop, "--out", str(tmp_path / "one"), "--jobs", "1")
    assert files(tmp_path / "one") == first
    shutil.rmtree(shop / ".orderctl")
    build(shop, "--out", str(tmp_path / "two"), "--jobs", "2")
    assert files(tmp_path / "two") == first
    assert any(name.endswith(".pdf") for name in first)
    # A change and its way back: what the incremental build leaves is what a new one makes.
    edit(shop, f"{CASE}/order.yaml", "外箱标注易碎", "外箱标注易碎，勿压")
    git(shop, "commit", "-qam", "remark")
    build(shop, "--out", str(tmp_path / "one"))
    build(shop, "--out", str(tmp_path / "new"))
    changed = files(tmp_path / "new")
    assert files(tmp_path / "one") == changed
    assert {n for n in changed if first.get(n) != changed[n]} == {
        "build.json",
        "data/build.js",
        "orders/OD2024050012.html",
        "papers/OD2024050012/approval-form.pdf",
        "papers/OD2024050012/order-confirmation.pdf",
        "papers/OD2024050012/shipment-1-progress.pdf",
    }


def test_other_commits_change_no_paper(shop: Path, tmp_path: Path) -> None:
    build(shop, "--out", str(tmp_path / "out"))
    before = files(tmp_path / "out")
    (shop / "README.md").write_text("A note.\n")
    git(shop, "add", "README.md")
    git(shop, "commit", "-qm", "note")
    assert "0 files are new" in build(shop, "--out", str(tmp_path / "out"))
    after = files(tmp_path / "out")
    assert {n for n in after if before.get(n) != after[n]} == {"build.json", "data/build.js"}


def test_pages_of_what_is_gone_are_gone(shop: Path, tmp_path: Path) -> None:
    build(shop, "--out", str(tmp_path / "out"))
    shutil.rmtree(shop / "orders/2024/05/OD2024050013")
    build(shop, "--out", str(tmp_path / "out"))
    assert not [name for name in files(tmp_path / "out") if "OD2024050013" in name]
    build(shop, "--out", str(tmp_path / "new"))
    assert files(tmp_path / "out") == files(tmp_path / "new")


def test_closed_cases_have_papers_on_demand(shop: Path) -> None:
    assert orderctl(shop, "build", "--as-of", AS_OF).returncode == 0
    papers = [n for n in files(shop / "site/staff") if n.endswith(".pdf")]
    assert papers
    assert not [n for n in papers if "OD2024050012" in n], "that order is closed"
    build(shop)
    assert [n for n in files(shop / "site/staff") if "OD2024050012" in n and n.endswith(".pdf")]


def test_errors_are_published_and_said(shop: Path) -> None:
    edit(shop, f"{CASE}/order.yaml", "customer: C0001", "customer: C0404")
    said = build(shop, code=10)
    assert "orderctl check" in said
    assert "unknown-customer" in (shop / "site/staff/findings.html").read_text(encoding="utf-8")


def test_a_broken_document_spoils_no_other_page(shop: Path) -> None:
    (shop / "customers/C0001.yaml").write_text("id: [\n")
    build(shop, code=10)
    assert "OD2024050012" in (shop / "site/staff/orders.html").read_text(encoding="utf-8")


def test_a_foreign_folder_is_left_alone(shop: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    done = orderctl(shop, "build", "--out", str(mine))
    assert done.returncode == 2
    assert "not overwritten" in done.stderr
    assert files(mine).keys() == {"letter.txt"}


def test_a_broken_template_publishes_nothing(shop: Path) -> None:
    build(shop, "--only", "site")
    before = files(shop / "site/staff")
    (shop / "templates/site").mkdir(parents=True)
    (shop / "templates/site/order.html.j2").write_text("{{ view.nothing.there }}")
    said = build(shop, "--only", "site", code=10)
    assert "order.html.j2" in said
    assert "Traceback" not in said
    assert files(shop / "site/staff") == before


def test_an_interrupted_build_is_made_whole(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(shop, "--out", str(out))
    whole = files(out)
    (out / "orders/OD2024050012.html").unlink()
    leftover = tmp_path / ".out.build-999999"
    leftover.mkdir()
    build(shop, "--out", str(out))
    assert files(out) == whole
    assert not leftover.exists()


def test_build_json_says_what_it_was_made_from(shop: Path) -> None:
    build(shop, "--only", "site")
    said = json.loads((shop / "site/staff/build.json").read_text(encoding="utf-8"))
    assert said["commit"] == git(shop, "rev-parse", "HEAD").strip()
    assert said["clean"] is True
    (shop / "customers/note.md").write_text("x")
    edit(shop, f"{CASE}/order.yaml", "外箱标注易碎", "外箱")
    build(shop, "--only", "site")
    assert json.loads((shop / "site/staff/build.json").read_text(encoding="utf-8"))["clean"] is False
