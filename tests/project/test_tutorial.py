"""The tutorial: its files, entered in its order, pass the check and give the confirmation letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, git, orderctl

__all__ = ["orderctl"]

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("first-order.en.md", "first-order.zh.md")
ORDERED, APPROVED = ("--as-of", "2026-11-13"), ("--as-of", "2026-11-16")


def files(page: str) -> dict[str, str]:
    """Return the files that the page shows, in its order: path → content."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return dict(re.findall(r"^`([^`\n]+)`\n\n```(?:yaml|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def test_both_languages_show_the_same_files_and_commands() -> None:
    assert files(PAGES[0]) == files(PAGES[1])
    both = [re.findall(r"^```sh\n(.*?)^```$", (DOCS / p).read_text("utf-8"), re.MULTILINE | re.DOTALL) for p in PAGES]
    assert both[0] == [block.replace("第一张订单", "First order") for block in both[1]]


@pytest.mark.parametrize("page", PAGES)
def test_from_an_empty_folder_to_the_letter(page: str, tmp_path: Path, orderctl: Run) -> None:
    language = page.split(".")[1]
    shop = tmp_path / "shop"

    def run(*words: str, code: int = 0) -> str:
        done = orderctl(*words, "--lang", language, cwd=shop)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    assert orderctl("init", "shop", cwd=tmp_path).returncode == 0
    if not (shop / "calendar/2026.yaml").exists():
        run("calendar", "2026")
    order = "orders/2026/11/OD2026110001/order.yaml"
    shown = files(page)
    for path, text in shown.items():
        if path == order:
            run("check", *ORDERED)
        (shop / path).parent.mkdir(parents=True, exist_ok=True)
        (shop / path).write_text(text, encoding="utf-8")
        if path == order:
            assert "total-missing" in run("check", *ORDERED, code=10)
            run("check", *ORDERED, "--fix")
            digest = re.search(r"[0-9a-f]{64}", run("show", "OD2026110001", *ORDERED))
            assert digest
            assert all(f"digest: {digest[0]}\n" in t for p, t in shown.items() if "submission" in p or "approval" in p)
    last = run("check", *APPROVED).splitlines()[-1]
    assert last in (DOCS / page).read_text("utf-8")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "First order")
    run("build", *APPROVED)
    letter = shop / "site/staff/papers/OD2026110001/order-confirmation.pdf"
    assert letter.read_bytes().startswith(b"%PDF")
