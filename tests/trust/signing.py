"""Signs as OpenSSH does, byte by byte, so that tests can build what ssh-keygen would never write."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
CURVES: dict[str, tuple[ec.EllipticCurve, str]] = {
    "nistp256": (ec.SECP256R1(), "sha256"),
    "nistp384": (ec.SECP384R1(), "sha384"),
    "nistp521": (ec.SECP521R1(), "sha512"),
}
APPLICATION = b"ssh:"


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def number(value: int) -> bytes:
    return string(value.to_bytes(value.bit_length() // 8 + 1) if value else b"")


def strings(data: bytes) -> list[bytes]:
    """Return the length-prefixed fields that ``data`` is made of, as far as they go."""
    fields, at = [], 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        fields.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return fields


def armored(data: bytes) -> bytes:
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at : at + 70] for at in range(0, len(text), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n".encode()


@dataclass(frozen=True)
class Parts:
    """The fields of a signature as they are written, right or wrong."""

    blob: bytes
    signature: bytes
    namespace: bytes = b"git"
    reserved: bytes = b""
    hash: bytes = b"sha512"
    version: int = 1
    magic: bytes = b"SSHSIG"
    rest: bytes = b""

    def data(self) -> bytes:
        fields = (self.blob, self.namespace, self.reserved, self.hash, self.signature)
        return self.magic + self.version.to_bytes(4) + b"".join(map(string, fields)) + self.rest


def to_sign(message: bytes, namespace: bytes = b"git", hash: bytes = b"sha512") -> bytes:
    digest = hashlib.new(hash.decode(), message).digest()
    return b"SSHSIG" + string(namespace) + string(b"") + string(hash) + string(digest)


@dataclass(frozen=True)
class Signer:
    """A key: its public blob, and what makes the signature field for some bytes."""

    name: str
    blob: bytes
    sign: Callable[[bytes], bytes]

    def parts(self, message: bytes, namespace: bytes = b"git", hash: bytes = b"sha512") -> Parts:
        signature = self.sign(to_sign(message, namespace, hash))
        return Parts(self.blob, signature, namespace=namespace, hash=hash)

    def armor(self, message: bytes, namespace: bytes = b"git", hash: bytes = b"sha512") -> bytes:
        return armored(self.parts(message, namespace, hash).data())

    def public(self) -> str:
        return f"{strings(self.blob)[0].decode()} {base64.b64encode(self.blob).decode()} {self.name}"


def ed25519_signer(seed: bytes = b"s" * 32) -> Signer:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    kind = b"ssh-ed25519"
    raw = key.public_key().public_bytes_raw()
    return Signer("ed25519", string(kind) + string(raw), lambda data: string(kind) + string(key.sign(data)))


def security_key(flags: int = 1, counter: int = 7, seed: bytes = b"k" * 32) -> Signer:
    """Return a FIDO authenticator in software, after PROTOCOL.u2f; flag 1 says that it was touched."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    kind = b"sk-ssh-ed25519@openssh.com"

    def sign(data: bytes) -> bytes:
        state = bytes([flags]) + counter.to_bytes(4)
        hashed = hashlib.sha256(APPLICATION).digest() + state + hashlib.sha256(data).digest()
        return string(kind) + string(key.sign(hashed)) + state

    return Signer("sk", string(kind) + string(key.public_key().public_bytes_raw()) + string(APPLICATION), sign)


def ecdsa_signer(curve: str, secret: int = 12345678901234567890) -> Signer:
    kind = f"ecdsa-sha2-{curve}".encode()
    group, hash = CURVES[curve]
    key = ec.derive_private_key(secret, group)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(HASHES[hash])))
        return string(kind) + string(number(r) + number(s))

    return Signer(curve, string(kind) + string(curve.encode()) + string(point), sign)


def rsa_signer(bits: int, algorithm: bytes = b"rsa-sha2-512", key: rsa.RSAPrivateKey | None = None) -> Signer:
    made = key or rsa.generate_private_key(65537, bits)
    public = made.public_key().public_numbers()
    hash = {b"rsa-sha2-256": "sha256", b"rsa-sha2-512": "sha512", b"ssh-rsa": "sha1"}[algorithm]

    def sign(data: bytes) -> bytes:
        return string(algorithm) + string(made.sign(data, padding.PKCS1v15(), HASHES[hash]))

    return Signer(f"rsa{bits}", string(b"ssh-rsa") + number(public.e) + number(public.n), sign)


def changed(parts: Parts, **what: bytes | int) -> bytes:
    """Return an armored signature with some fields written otherwise."""
    return armored(replace(parts, **what).data())  # type: ignore[arg-type]
