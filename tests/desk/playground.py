"""A demo made once by the command line; tests attack copies of it with plain git, ssh-keygen and the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.workspaces import orderctl

DAY = "2024-12-20"
PENDING = "OD2024120006"
UNIT = f"orders/2024/12/{PENDING}"
OPINION = "Price, quantity and date checked line by line"


class Playground:
    """A demo on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def origin(self) -> Path:
        """The guarded repository."""
        return self.root / ".orderctl/origin.git"

    def copy(self, folder: Path) -> Playground:
        """Return a copy that pushes to its own origin."""
        shutil.copytree(self.root, folder, symlinks=True)
        config = folder / ".git/config"
        config.write_text(config.read_text("utf-8").replace(str(self.root), str(folder)), encoding="utf-8")
        return Playground(folder)

    def key(self, person: str) -> Path:
        """Return somebody's private key."""
        return self.root / ".orderctl/keys" / person

    def try_git(self, *args: str, folder: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run git as whoever works in the demo, free of this computer's settings."""
        return subprocess.run(
            ["git", *args],
            cwd=folder or self.root,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            **more,
        )

    def git(self, *args: str, folder: Path | None = None, **more: Any) -> str:
        """Run git; it must do what it is told."""
        done = self.try_git(*args, folder=folder, **more)
        assert done.returncode == 0, done.stderr
        return str(done.stdout).strip()

    def run(self, *args: str, code: int = 0, folder: Path | None = None) -> str:
        """Run orderctl; return what it printed."""
        done = orderctl(folder or self.root, *args, **GLOBAL)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def json(self, *args: str) -> dict[str, Any]:
        """Return what a command says as JSON, whatever its exit code."""
        done = orderctl(self.root, *args, "--output", "json", **GLOBAL)
        assert "Traceback" not in done.stderr
        value: dict[str, Any] = json.loads(done.stdout)
        return value

    def gate(self, base: str, head: str, *args: str) -> list[str]:
        """Return the codes of the gate's verdict, each once, sorted."""
        verdict = self.json("gate", "--base", base, "--head", head, *args)
        codes = sorted({f["code"] for f in verdict["findings"]})
        assert (verdict["verdict"] == "allow") == (not codes)
        return codes

    def refused(self, *refs: str) -> str:
        """Push something that must be refused; main and the ledger stay as they were. Return what the server said."""
        before = self.landed()
        done = self.try_git("push", "-q", "origin", *refs)
        assert done.returncode != 0, "it was accepted"
        assert "Traceback" not in done.stderr
        assert self.landed() == before
        return str(done.stderr)

    def landed(self) -> tuple[str, int]:
        """Return origin's main and the number of the ledger's entries."""
        ledger = self.origin / "orderctl/ledger.jsonl"
        return self.git("rev-parse", "main", folder=self.origin), len(ledger.read_bytes().splitlines())

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace ``old`` by ``new``, once, in a file that has it."""
        file = self.root / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def commit(self, person: str = "lin-xiao", *options: str) -> str:
        """Commit everything on disk, signed by ``person``; return the id."""
        self.git("add", "-A")
        self.git("-c", f"user.signingKey={self.key(person)}", "commit", "-q", "-m", "change", *options)
        return self.git("rev-parse", "HEAD")

    def approve(self, person: str, stage: str, *args: str, id: str = PENDING) -> str:
        """Approve as ``person``."""
        return self.run(
            "approve", id, "--stage", stage, "--opinion", OPINION, "--key", str(self.key(person)), "--yes", *args
        )


def playground(folder: Path) -> Playground:
    """Make the demo."""
    done = orderctl(folder.parent, "demo", folder.name, **GLOBAL)
    assert done.returncode == 0, done.stdout + done.stderr
    return Playground(folder)


GLOBAL: Mapping[str, str] = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def environment() -> dict[str, str]:
    """Return the surroundings of a plain user with an English server."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "SSH_", "ORDERCTL_"))}
    place = str(Path(sys.executable).parent)
    return kept | dict(GLOBAL) | {"ORDERCTL_LANG": "en", "LC_ALL": "C.UTF-8", "PATH": f"{place}:{kept['PATH']}"}
