"""A bare repository with the hooks installed, and clients that push to it through real git."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.workspaces import orderctl

ZERO = "0" * 40
MAIN = "refs/heads/main"
Done = subprocess.CompletedProcess[str]


def environment(**variables: str) -> dict[str, str]:
    """Return surroundings without this computer's settings; the hooks speak English unless told otherwise."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "LC_", "SSH_", "ORDERCTL_"))}
    fixed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "ORDERCTL_LANG": "en"}
    return kept | fixed | variables


def git(folder: Path, *args: str, check: bool = True, **variables: str) -> str:
    """Run git in ``folder``; return what it prints."""
    settings = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always"]
    done = subprocess.run(
        ["git", *settings, *args], cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.strip()


class Hall:
    """A bare repository that clients push to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, source: Path, path: Path, *options: str) -> Hall:
        """Clone ``source`` as a bare repository and install the hooks there."""
        git(source.parent, "clone", "-q", "--bare", "--single-branch", "--branch", "main", str(source), str(path))
        made = cls(path)
        made.install(*options)
        return made

    def copy(self, path: Path) -> Hall:
        """Return a copy of everything; hooks name no folder, so they work there too."""
        shutil.copytree(self.path, path, symlinks=True)
        return Hall(path)

    def install(self, *options: str) -> Done:
        """Run ``orderctl hook install``."""
        done = orderctl(self.path, "hook", "install", *options)
        assert done.returncode == 0, done.stderr
        return done

    def git(self, *args: str, check: bool = True) -> str:
        """Run git as whoever keeps the server."""
        return git(self.path, *args, check=check)

    def config(self, name: str, value: str) -> None:
        """Change a setting."""
        self.git("config", name, value)

    def tip(self, ref: str = MAIN) -> str:
        """Return where a ref is, "" if it isn't."""
        return self.git("rev-parse", "--verify", "--quiet", ref, check=False)

    def refs(self) -> dict[str, str]:
        """Return every ref."""
        rows = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(row.split(" ") for row in rows)

    def push(self, client: Path, *what: str, options: Sequence[str] = (), **variables: str) -> Done:
        """Push from ``client`` through git."""
        command = ["git", "-c", "protocol.file.allow=always", *options, "push", str(self.path), *what]
        done = subprocess.run(
            command, cwd=client, env=environment(**variables), capture_output=True, text=True, check=False, timeout=300
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def send(self, commands: Sequence[tuple[str, str, str]], objects: Sequence[tuple[str, bytes]] = ()) -> str:
        """Speak to ``git receive-pack`` ourselves: (old, new, ref) lines that no client would send, and a pack."""
        lines = [f"{old} {new} {ref}" for old, new, ref in commands]
        lines[0] += "\0report-status"
        data = b"".join(_packet(line.encode() + b"\n") for line in lines) + b"0000"
        if any(new != ZERO for _, new, _ in commands):
            data += pack(objects)
        done = subprocess.run(
            ["git", "receive-pack", str(self.path)], input=data, env=environment(), capture_output=True, check=False
        )
        told = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert "Traceback" not in told
        return told

    def ledger(self) -> list[dict[str, Any]]:
        """Return the ledger's entries."""
        file = self.path / "orderctl" / "ledger.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def doctor(self, *options: str) -> list[dict[str, Any]]:
        """Return the doctor's findings; exit 10 if there are any."""
        done = orderctl(self.path, "doctor", "--output", "json", *options)
        assert "Traceback" not in done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
        assert done.returncode == (10 if found else 0), done.stderr
        return found


def codes(done: Done) -> list[str]:
    """Return the codes that the server named, each once, sorted."""
    lines = [line.removeprefix("remote: ") for line in done.stderr.splitlines() if line.startswith("remote: ")]
    return sorted({line.split("[", 1)[1].split("]")[0] for line in lines if "[" in line and "→" in line})


def raw_commit(tree: str, parents: Sequence[str], message: str = "x", extra: str = "", at: int = 1716600000) -> bytes:
    """Return a commit object's bytes."""
    who = f"A <a@example.com> {at} +0000"
    head = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {who}", f"committer {who}"]
    return ("\n".join(head) + f"\n{extra}\n{message}\n").encode()


def object_id(kind: str, data: bytes) -> str:
    """Return an object's id."""
    return hashlib.sha1(f"{kind} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


def pack(objects: Sequence[tuple[str, bytes]]) -> bytes:
    """Return a pack of whole objects."""
    out = b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")
    for kind, data in objects:
        size, code = len(data), {"commit": 1, "tree": 2, "blob": 3, "tag": 4}[kind]
        byte, size = (code << 4) | (size & 15), size >> 4
        while size:
            out += bytes([byte | 0x80])
            byte, size = size & 0x7F, size >> 7
        out += bytes([byte]) + zlib.compress(data)
    return out + hashlib.sha1(out, usedforsecurity=False).digest()


def _packet(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data
