"""docs/approvals.md: its files are written and its commands run, in the page's order, and say what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.workspaces import orderctl

PAGE = Path(__file__).resolve().parents[2] / "docs" / "approvals.md"
BLOCK = re.compile(r"^```(yaml|console) ?(\S*)( \+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def written(root: Path, text: str) -> str:
    """Return the page with what its commands print now."""

    def run(found: re.Match[str]) -> str:
        what, path, more, body = found.groups()
        if what == "yaml":
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text((file.read_text("utf-8") if more else "") + body, encoding="utf-8")
            return found[0]
        commands = re.findall(r"^\$ orderctl (.*)$", body, re.MULTILINE)
        assert commands
        told = [f"$ orderctl {c}\n{orderctl(root, *shlex.split(c)).stdout}" for c in commands]
        return "```console\n" + "".join(told) + "```"

    return BLOCK.sub(run, text)


def test_the_page_is_what_happens(shop: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(shop, text) == text
