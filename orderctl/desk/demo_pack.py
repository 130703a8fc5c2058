"""Files and commits in, one pack of Git objects out: what git would write with a process each, written in this one."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

_TYPES = {"commit": 1, "tree": 2, "blob": 3}
Sign = Callable[[bytes], bytes]
"""The bytes of a commit in, their armored signature out."""


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that was made: its id, its tree, and its committer's time in seconds since 1970."""

    id: str
    tree: str
    at: int


@dataclass
class Pack:
    """The objects made so far, each once."""

    _objects: dict[str, bytes] = field(default_factory=dict)

    def blob(self, data: bytes) -> str:
        """Add a file's bytes; return their id."""
        return self._add("blob", data)

    def commit(
        self, tree: str, parents: Sequence[str], author: str, committer: str, at: int, message: str, sign: Sign | None
    ) -> Made:
        """Add a commit; author and committer are ``Name <mail> seconds zone``."""
        head = "".join([f"tree {tree}\n", *(f"parent {p}\n" for p in parents)])
        head += f"author {author}\ncommitter {committer}\n"
        body = f"\n{message}\n"
        data = (head + body).encode()
        if sign is not None:
            lines = sign(data).decode().rstrip("\n").split("\n")
            data = (head + "gpgsig " + "\n ".join(lines) + "\n" + body).encode()
        return Made(self._add("commit", data), tree, at)

    def tree(self, rows: Sequence[tuple[str, str, str]]) -> str:
        """Add a tree of (mode, name, id); return its id."""
        ordered = sorted(rows, key=lambda row: (row[1] + "/" if row[0] == "40000" else row[1]).encode())
        return self._add("tree", b"".join(f"{m} {n}\0".encode() + bytes.fromhex(i) for m, n, i in ordered))

    def data(self) -> bytes:
        """Return the pack, as ``git index-pack --stdin`` takes it."""
        out = b"PACK" + (2).to_bytes(4) + len(self._objects).to_bytes(4) + b"".join(self._objects.values())
        return out + sha1(out, usedforsecurity=False).digest()

    def _add(self, type: str, data: bytes) -> str:
        id = sha1(f"{type} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
        if id not in self._objects:
            size, first = len(data) >> 4, (_TYPES[type] << 4) | (len(data) & 15)
            head = bytearray()
            while size:
                head.append(first | 128)
                first, size = size & 127, size >> 7
            head.append(first)
            self._objects[id] = bytes(head) + zlib.compress(data, 1)
        return id


class Files:
    """The files of a state, as a tree whose unchanged folders aren't written again."""

    def __init__(self, pack: Pack) -> None:
        self.content: dict[str, bytes] = {}
        self._pack = pack
        self._root: dict[str, Any] = {}
        self._known: dict[int, str] = {}

    def put(self, path: str, data: bytes) -> None:
        """Write a file."""
        self.content[path] = data
        *folders, name = path.split("/")
        here = self._root
        self._known.pop(id(here), None)
        for folder in folders:
            here = here.setdefault(folder, {})
            self._known.pop(id(here), None)
        here[name] = self._pack.blob(data)

    def tree(self) -> str:
        """Return the id of the whole tree."""
        return self._tree(self._root)

    def _tree(self, folder: dict[str, Any]) -> str:
        found = self._known.get(id(folder))
        if found is None:
            rows = [
                ("40000", name, self._tree(it)) if isinstance(it, dict) else ("100644", name, it)
                for name, it in folder.items()
            ]
            found = self._known[id(folder)] = self._pack.tree(rows)
        return found
