"""Git objects made in process: trees that share what they share, signed commits, one pack. Thousands a second."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
import textwrap
import zlib
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_TYPES = {"commit": 1, "tree": 2, "blob": 3}
Items = Mapping[str, tuple[str, str]]


class Signer:
    """An ed25519 key in OpenSSH's format that signs as ``ssh-keygen -Y sign`` does, to the byte."""

    def __init__(self, file: Path) -> None:
        key = serialization.load_ssh_private_key(file.read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        self._key = key
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self._public = _string(b"ssh-ed25519") + _string(raw)

    def sign(self, payload: bytes, namespace: str) -> str:
        """Return the armored signature."""
        about = _string(namespace.encode()) + _string(b"") + _string(b"sha512")
        signature = self._key.sign(b"SSHSIG" + about + _string(hashlib.sha512(payload).digest()))
        inner = _string(b"ssh-ed25519") + _string(signature)
        blob = b"SSHSIG" + struct.pack(">I", 1) + _string(self._public) + about + _string(inner)
        lines = textwrap.wrap(base64.b64encode(blob).decode(), 70)
        return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----"])


class Pack:
    """Objects for a repository that may hold others already; ``write`` puts them there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._packed: dict[str, bytes] = {}
        self._trees: dict[str, Items] = {}

    def add(self, kind: str, data: bytes) -> str:
        """Return the id of an object, packed if it is new."""
        id = hashlib.sha1(f"{kind} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
        if id not in self._packed:
            self._packed[id] = _header(_TYPES[kind], len(data)) + zlib.compress(data, 1)
        return id

    def put(self, tree: str, path: str, data: bytes | None) -> str:
        """Return the tree with ``data`` at ``path``, or without that path."""
        name, slash, rest = path.partition("/")
        items = dict(self._items(tree))
        if slash:
            below = self.put(items.get(name, ("", ""))[1], rest, data)
            items[name] = ("40000", below)
            if not self._items(below):
                del items[name]
        elif data is None:
            del items[name]
        else:
            items[name] = ("100644", self.add("blob", data))
        order = sorted(items, key=lambda n: n.encode() + (b"/" if items[n][0] == "40000" else b""))
        raw = b"".join(f"{items[n][0]} {n}".encode() + b"\0" + bytes.fromhex(items[n][1]) for n in order)
        id = self.add("tree", raw)
        self._trees[id] = items
        return id

    def commit(
        self, tree: str, parents: list[str], who: str, at: int, signer: Signer | None, message: str = "change"
    ) -> str:
        """Return the id of a new commit; unsigned without a ``signer``."""
        ident = f"{who} <{who}@muyan.example> {at} +0000"
        heads = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {ident}", f"committer {ident}"]
        payload = "\n".join(heads) + f"\n\n{message}\n"
        if signer is None:
            return self.add("commit", payload.encode())
        armor = signer.sign(payload.encode(), "git").replace("\n", "\n ")
        return self.add("commit", ("\n".join([*heads, f"gpgsig {armor}"]) + f"\n\n{message}\n").encode())

    def write(self, ref: str, tip: str) -> None:
        """Put all objects into the repository and let ``ref`` be ``tip``."""
        body = b"PACK" + struct.pack(">II", 2, len(self._packed)) + b"".join(self._packed.values())
        body += hashlib.sha1(body, usedforsecurity=False).digest()
        subprocess.run(["git", "index-pack", "--stdin"], cwd=self._root, input=body, check=True, capture_output=True)
        subprocess.run(["git", "update-ref", ref, tip], cwd=self._root, check=True)

    def _items(self, tree: str) -> Items:
        if not tree:
            return {}
        if tree not in self._trees:
            done = subprocess.run(["git", "ls-tree", "-z", tree], cwd=self._root, check=True, capture_output=True)
            entries = (entry.partition("\t") for entry in done.stdout.decode().split("\0") if entry)
            self._trees[tree] = {
                name: (about.split(" ")[0].lstrip("0"), about.split(" ")[2]) for about, _, name in entries
            }
        return self._trees[tree]


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _header(kind: int, size: int) -> bytes:
    first, size = kind << 4 | size & 15, size >> 4
    found = []
    while size:
        found.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    return bytes([*found, first])
