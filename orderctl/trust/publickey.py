"""The bytes of an SSH public key in, a key that can verify out; weak, odd and unknown ones are refused.

Formats: RFC 4253 section 6.6 (RSA), RFC 5656 (ECDSA), RFC 8709 (Ed25519), PROTOCOL.u2f of OpenSSH (security keys).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderctl.codes.signature import KEY_MALFORMED, KEY_WEAK
from orderctl.trust.refusal import Refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve

ED25519 = "ssh-ed25519"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
RSA = "ssh-rsa"
ECDSA = {"ecdsa-sha2-nistp256": 32, "ecdsa-sha2-nistp384": 48, "ecdsa-sha2-nistp521": 66}
"""Algorithm → bytes of a coordinate."""
RSA_BITS = (3072, 16384)
_LARGEST_NUMBER = 2048  # bytes: what OpenSSH reads
_P = 2**255 - 19
# The y coordinates of points of small order: with such a "key" a signature fits many messages.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _ORDER_8, _P - _ORDER_8})


class WireError(ValueError):
    """The bytes don't hold what their format says."""


class Reader:
    """Reads the fields of SSH's binary format (RFC 4251 section 5). Raises WireError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise WireError("too short")
        taken, self._at = self._data[self._at : end], end
        return taken

    def u32(self) -> int:
        """Return the next number of four bytes."""
        return int.from_bytes(self.take(4))

    def string(self) -> bytes:
        """Return the next length-prefixed bytes."""
        return self.take(self.u32())

    def number(self) -> int:
        """Return the next mpint that isn't negative; leading zeros are let through, as OpenSSH does."""
        data = self.string()
        if data[:1] >= b"\x80" or len(data) - (data[:1] == b"\0") > _LARGEST_NUMBER:
            raise WireError("number")
        return int.from_bytes(data)

    def end(self) -> None:
        """Refuse anything that is left."""
        if self._at != len(self._data):
            raise WireError("more than expected")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key: ``raw`` is the point's bytes, ``numbers`` are RSA's (e, n), ``application`` is a security key's."""

    algorithm: str
    raw: bytes = b""
    numbers: tuple[int, int] = (0, 0)
    application: bytes = b""


def fingerprint(blob: bytes) -> str:
    """Return the fingerprint as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def read_key(blob: bytes) -> PublicKey:
    """Return the key; raise Refusal ``key.weak`` or ``key.malformed``. One key has one spelling only."""
    try:
        reader = Reader(blob)
        key = _read(reader.string().decode("ascii", "backslashreplace"), reader)
        reader.end()
    except WireError as error:
        raise Refusal(KEY_MALFORMED.at("", commit="", person="", what=str(error))) from None
    if _spelt(key) != blob:
        raise Refusal(KEY_MALFORMED.at("", commit="", person="", what="spelling"))
    if reason := _weakness(key):
        raise Refusal(KEY_WEAK.at("", commit="", person="", what=reason))
    return key


def _read(name: str, reader: Reader) -> PublicKey:
    if name == ED25519:
        return PublicKey(name, _sized(reader.string(), 32))
    if name == SK_ED25519:
        return PublicKey(name, _sized(reader.string(), 32), application=reader.string())
    if name == RSA:
        return PublicKey(name, numbers=(reader.number(), reader.number()))
    if name in ECDSA:
        if reader.string().decode("ascii", "replace") != name.removeprefix("ecdsa-sha2-"):
            raise WireError("curve")
        return PublicKey(name, _sized(reader.string(), 1 + 2 * ECDSA[name]))
    raise Refusal(KEY_WEAK.at("", commit="", person="", what=name[:40]))


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise WireError("length")
    return data


def _spelt(key: PublicKey) -> bytes:
    """Return the one right spelling of a key."""
    parts = [key.algorithm.encode()]
    if key.algorithm == RSA:
        parts += [number.to_bytes(number.bit_length() // 8 + 1) for number in key.numbers]
    elif key.algorithm in ECDSA:
        parts += [key.algorithm.removeprefix("ecdsa-sha2-").encode(), key.raw]
    else:
        parts += [key.raw] + ([key.application] if key.algorithm == SK_ED25519 else [])
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def _weakness(key: PublicKey) -> str:
    """Return what is weak or impossible about a key, or ""."""
    if key.algorithm == RSA:
        exponent, modulus = key.numbers
        if not RSA_BITS[0] <= modulus.bit_length() <= RSA_BITS[1]:
            return f"RSA {modulus.bit_length()}"
        return "" if 3 <= exponent < 2**64 and exponent % 2 and modulus % 2 else "RSA"
    if key.algorithm in ECDSA:
        return "" if _on_curve(key) else key.algorithm
    y = int.from_bytes(key.raw, "little") & ~(1 << 255)
    return key.algorithm if y >= _P or y in _SMALL_ORDER else ""


def ecdsa_curve(algorithm: str) -> EllipticCurve:
    """Return the curve of an ECDSA algorithm."""
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[int, EllipticCurve] = {32: ec.SECP256R1(), 48: ec.SECP384R1(), 66: ec.SECP521R1()}
    return curves[ECDSA[algorithm]]


def _on_curve(key: PublicKey) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec

    if key.raw[0] != 4:  # only the form that OpenSSH reads
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ecdsa_curve(key.algorithm), key.raw)
    except ValueError:
        return False
    return True
