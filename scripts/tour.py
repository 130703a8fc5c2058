"""Fills in what the commands of README's ``console`` blocks print, by running them in an empty folder.

A line ``$ command`` is run by bash, all of a page in one session; what follows it up to the next command is its output,
standard error included. ``python scripts/tour.py`` writes both pages; a test compares them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": "en_US.UTF-8", "README.zh.md": "zh_CN.UTF-8"}
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
MARK = "\x1e"


def commands(page: str) -> list[str]:
    """Return every command of a page, in order."""
    return [line[2:] for block in BLOCK.findall(page) for line in block.splitlines() if line.startswith("$ ")]


def outputs(words: list[str], language: str) -> list[str]:
    """Run the commands in an empty folder and return what each prints. An exit code other than 0 is fine."""
    script = "".join(f"{word}\nprintf '{MARK}'\n" for word in words)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": folder,
            "LANG": language,
            "PYTHONUTF8": "1",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
        work = Path(folder, "tour")
        work.mkdir()
        done = subprocess.run(
            ["bash"], input=script.encode(), cwd=work, env=environment, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return [part.replace(folder, "~") for part in done.stdout.decode(errors="replace").split(MARK)[:-1]]


def filled(page: str, language: str) -> str:
    """Return the page with the output of its commands."""
    printed = iter(outputs(commands(page), language))

    def block(match: re.Match[str]) -> str:
        lines = (line for line in match[0].splitlines() if line.startswith("$ "))
        return "".join(f"{line}\n{next(printed)}".rstrip("\n") + "\n" for line in lines)

    return BLOCK.sub(block, page)


def main() -> None:
    """Write the pages."""
    for name, language in PAGES.items():
        path = ROOT / name
        path.write_text(filled(path.read_text(encoding="utf-8"), language), encoding="utf-8")


if __name__ == "__main__":
    main()
