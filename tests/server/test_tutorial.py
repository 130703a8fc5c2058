"""The tutorial of the self-hosted server: its commands, run in its order, do what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("self-hosted.en.md", "self-hosted.zh.md")
_BLOCK = re.compile(r"^```(sh|sh server|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """Return the page's blocks: where they run (or "text"), and what they hold."""
    return _BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def test_both_languages_run_the_same_commands() -> None:
    assert blocks(PAGES[0]) == blocks(PAGES[1])


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not (DOCS / link).exists()] == []


def test_every_command_does_what_the_page_says(tmp_path: Path) -> None:
    home, served = tmp_path / "home", tmp_path / "srv"
    (home / ".ssh").mkdir(parents=True)
    (served / "git").mkdir(parents=True)
    (home / ".gitconfig").write_text("[user]\n\tname = Lin\n\temail = lin@example.com\n[safe]\n\tdirectory = *\n")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "SSH_", "ORDERCTL_", "XDG_"))}
    variables = kept | {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ORDERCTL_LANG": "en",
        "LC_ALL": "C.UTF-8",
    }
    place, root, told = {"sh": home, "sh server": served}, "", ""
    for where, text in blocks(PAGES[0]):
        if where == "text":
            for code in re.findall(r"\[[a-z_.]+\]", text):
                assert code in told, told
            continue
        script = text.replace("git@shop.example:", "").replace("/srv", str(served)).replace("$ROOT", root)
        for command in script.splitlines():
            if command.startswith("cd "):
                place[where] = place[where] / command.removeprefix("cd ")
                continue
            done = subprocess.run(
                ["sh", "-c", command], cwd=place[where], env=variables, capture_output=True, text=True, check=False
            )
            refused = command.endswith("# refused")
            assert (done.returncode != 0) is refused, f"{command}\n{done.stdout}{done.stderr}"
            assert ("[remote rejected]" in done.stderr) is refused
            told = done.stderr if refused else told
            root = done.stdout.strip() if command == "git rev-parse HEAD" else root
    assert (served / "ledger-copy.jsonl").read_text().count("\n") == 2
