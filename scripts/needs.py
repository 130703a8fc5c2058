"""What the machine lacks: ``packages run|test`` in, Debian package names out; ``digest``: the install's fingerprint.

Runs on the machine's own Python before anything is installed: standard library only.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FONT = "Noto Sans CJK SC"


def venv() -> bool:
    """Tell whether a virtual environment exists or can be made (Debian splits ensurepip off)."""
    ready = os.access(ROOT / ".venv/bin/python", os.X_OK)
    return ready or all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def command(*names: str) -> Callable[[], bool]:
    """Return a probe: is one of these programs on the PATH?"""
    return lambda: any(shutil.which(name) for name in names)


def library(name: str) -> Callable[[], bool]:
    """Return a probe: does the dynamic linker find this shared library?"""

    def probe() -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return probe


def font() -> bool:
    """Tell whether fontconfig knows the Chinese typeface of papers and pages."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", f":family={FONT}", "family"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


PROBES: dict[str, dict[str, Callable[[], bool]]] = {
    "run": {
        "git": command("git"),
        "python3-venv": venv,
        "openssh-client": command("ssh-keygen"),
        "poppler-utils": command("pdftotext"),
        "libpango-1.0-0": library("libpango-1.0.so.0"),
        "libpangoft2-1.0-0": library("libpangoft2-1.0.so.0"),
        "libharfbuzz-subset0": library("libharfbuzz-subset.so.0"),
        "fontconfig": command("fc-list"),
        "fonts-noto-cjk": font,
    },
    "test": {
        "gnupg": command("gpg"),
        "chromium": command("chromium", "chromium-browser", "google-chrome"),
        "libatomic1": library("libatomic.so.1"),
    },
}
"""Debian package → probe, by purpose; ``test`` comes on top of ``run``."""


def missing(purpose: str) -> Iterator[str]:
    """Yield the Debian packages that ``purpose`` ("run" or "test") still needs."""
    for name in ("run",) if purpose == "run" else ("run", "test"):
        for package, present in PROBES[name].items():
            if not present():
                yield package


def digest() -> str:
    """Return a fingerprint of what an install depends on: place, Python, pyproject without tool settings, messages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hatch = project.get("tool", {}).get("hatch", {})
    facts = [str(ROOT), sys.version, project["build-system"], project["project"], hatch]
    total = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for path in [ROOT / "hatch_build.py", *sorted((ROOT / "orderctl/locale").glob("*/*/*.po"))]:
        total.update(path.read_bytes())
    return total.hexdigest()


def main(arguments: list[str]) -> None:
    """Print what was asked for, on one line."""
    match arguments:
        case ["packages", ("run" | "test") as purpose]:
            print(*missing(purpose))
        case ["digest"]:
            print(digest())
        case _:
            sys.exit("usage: needs.py packages run|test | digest")


if __name__ == "__main__":
    main(sys.argv[1:])
