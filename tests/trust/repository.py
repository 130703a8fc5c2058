"""A bare repository that takes any bytes as an object, as a hostile sender's does."""

from __future__ import annotations

import hashlib
import subprocess
import zlib
from pathlib import Path

from orderctl.git import Git

Entries = list[tuple[bytes, bytes, str]]


class Repository:
    def __init__(self, folder: Path) -> None:
        subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
        self.folder = folder
        self.git = Git(folder, None)

    def put(self, kind: str, raw: bytes) -> str:
        """Write an object as it is; return its id."""
        data = f"{kind} {len(raw)}\0".encode() + raw
        id = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        self.write(id, zlib.compress(data))
        return id

    def write(self, id: str, data: bytes) -> None:
        """Write the bytes of the file that should hold object ``id``."""
        file = self.folder / "objects" / id[:2] / id[2:]
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_bytes(data)

    def blob(self, data: bytes = b"x\n") -> str:
        return self.put("blob", data)

    def tree(self, entries: Entries) -> str:
        """Write a tree of (mode, name, id) in the order given."""
        return self.put("tree", b"".join(m + b" " + n + b"\0" + bytes.fromhex(id) for m, n, id in entries))

    def commit(self, *parents: str, tree: str = "", at: int = 1_700_000_000, message: str = "x\n") -> str:
        return self.put("commit", commit_bytes(*parents, tree=tree or self.tree([]), at=at, message=message))

    def run(self, *args: str) -> str:
        return self.git.run(*args).decode()


def commit_bytes(*parents: str, tree: str, at: int = 1_700_000_000, message: str = "x\n") -> bytes:
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"{role} Lin Yi <lin@example.com> {at} +0800" for role in ("author", "committer")]
    return ("\n".join(lines) + f"\n\n{message}").encode()
