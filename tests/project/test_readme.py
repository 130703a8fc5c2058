"""What the README pages show is what their commands print; their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import tour

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "README.zh.md",
    "CONTRIBUTING.md",
    *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("page", tour.PAGES)
def test_the_tour_prints_what_the_page_shows(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert tour.filled(text, tour.PAGES[page]) == text, "run: python scripts/tour.py"


@pytest.mark.parametrize("page", sorted(PAGES))
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (ROOT / page).parent.joinpath(target).exists()] == []


def test_both_pages_run_the_same_commands() -> None:
    english, chinese = (tour.commands((ROOT / page).read_text(encoding="utf-8")) for page in tour.PAGES)
    assert english == chinese
