"""The playground and the how-tos: every command of every page is run, on a demo of its own, and does what it says.

A fence ``sh`` is run by bash and must succeed; ``sh refused=CODE`` must fail and name the code (``refused`` alone: just
fail). A fence ``text`` behind it holds lines that it prints, in this order; … stands for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOWTOS = ("changed-threshold", "leaver", "lost-key", "new-colleague", "new-laptop")
PAGES = ["playground.en.md", "playground.zh.md", *(f"howto/{name}.md" for name in HOWTOS)]
_FENCE = re.compile(r"^```(sh|text)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Commands, the code that refuses them (None: they succeed), and what they print."""

    commands: str
    refused: str | None
    shown: tuple[str, ...]


def blocks(page: str) -> Iterator[Block]:
    """Yield what a page has its reader type."""
    found = [(m[1], m[2].strip(), m[3]) for m in _FENCE.finditer((DOCS / page).read_text("utf-8"))]
    for place, (kind, more, text) in enumerate(found):
        if kind == "sh":
            after = found[place + 1] if place + 1 < len(found) else ("", "", "")
            refused = more.partition("=")[2] if more.startswith("refused") else None
            yield Block(text, refused, tuple(after[2].splitlines()) if after[0] == "text" else ())


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_can_follow_the_page(page: str, tmp_path: Path) -> None:
    language = "zh" if ".zh." in page else "en"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "SSH_", "ORDERCTL_"))}
    place = tmp_path / "place"
    variables = kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "ORDERCTL_LANG": language,
        "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
        "PLACE": str(place),
    }
    place.write_text(str(tmp_path))
    count = 0
    for block in blocks(page):
        script = f'cd "$(cat "$PLACE")"\n{block.commands}pwd > "$PLACE"\n'
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = f"{page}:\n{block.commands}\n{done.stdout}"
        assert (done.returncode == 0) == (block.refused is None), said
        assert "Traceback" not in done.stdout, said
        if block.refused:
            assert f"[{block.refused}]" in done.stdout, said
        parts = [part.strip() for line in block.shown for part in line.split("…")]
        pattern = ".*".join(map(re.escape, parts))
        assert re.search(pattern, done.stdout, re.DOTALL), said
        count += 1
    assert count > 3


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("howto/")])
def test_each_howto_begins_with_a_summary_in_chinese(page: str) -> None:
    head = (DOCS / page).read_text("utf-8").partition("\n## ")[0]

    assert head.startswith("# ")
    assert len(re.findall(r"[一-鿿]", head)) > 40


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    file = DOCS / page
    targets = [m.partition("#")[0] for m in re.findall(r"\]\(([^)\s]+)\)", file.read_text("utf-8")) if "://" not in m]

    assert [t for t in targets if t and not (file.parent / t).exists()] == []


def test_both_playgrounds_run_the_same_commands() -> None:
    both = [[(re.sub(r'"[^"]*"', '""', b.commands), b.refused) for b in blocks(page)] for page in PAGES[:2]]

    assert both[0] == both[1]


def test_every_howto_is_tested() -> None:
    assert sorted(p.stem for p in (DOCS / "howto").glob("*.md")) == sorted(HOWTOS)
