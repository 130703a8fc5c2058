"""Keys of the demo's people: made on the spot, and used in this process, so that a year of history takes a moment."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

COMMIT, STATEMENT = "git", "orderctl-approval@v1"
"""The namespaces in which commits and statements are signed."""
_ALGORITHM = b"ssh-ed25519"
_WIDTH = 70


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody's key: the private half as OpenSSH keeps it, and the public half as one line."""

    private: bytes
    public: str
    blob: bytes
    secret: Ed25519PrivateKey


def new_pair(comment: str) -> Pair:
    """Return a new ed25519 key without a passphrase."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = Ed25519PrivateKey.generate()
    private = secret.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
    public = secret.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    return Pair(private, f"{public.decode()} {comment}", base64.b64decode(public.split()[1]), secret)


def armor(pair: Pair, payload: bytes, namespace: str) -> bytes:
    """Return the armored SSH signature of ``payload``, as ``ssh-keygen -Y sign -n NAMESPACE`` writes it."""
    digest = hashlib.sha512(payload).digest()
    names = [namespace.encode(), b"", b"sha512"]
    signature = pair.secret.sign(b"SSHSIG" + b"".join(map(_string, [*names, digest])))
    body = _string(_ALGORITHM) + _string(signature)
    data = b"SSHSIG" + (1).to_bytes(4) + b"".join(map(_string, [pair.blob, *names, body]))
    text = base64.b64encode(data)
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return b"\n".join([b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----", b""])


def write_pairs(folder: Path, pairs: Iterable[tuple[str, Pair]]) -> None:
    """Write each person's key to ``folder``: NAME (for its owner's eyes) and NAME.pub."""
    folder.mkdir(mode=0o700, parents=True)
    for name, pair in pairs:
        for file, data, mode in ((name, pair.private, 0o600), (f"{name}.pub", pair.public.encode() + b"\n", 0o644)):
            descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data
