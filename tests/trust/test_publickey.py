"""The wire form of public keys: exact sizes, one spelling, and what a refusal says."""

from __future__ import annotations

import pytest

from orderctl.trust.publickey import RSA_BITS, Reader, WireError, read_key
from orderctl.trust.refusal import Refusal
from tests.trust.signing import ecdsa_signer, ed25519_signer, number, string, strings

RSA = string(b"ssh-rsa")
MODULUS = (1 << 3071) + 1


def said(blob: bytes) -> tuple[str, str]:
    """Return the code and what it says of a key; two empty texts if it is sound."""
    try:
        read_key(blob)
    except Refusal as refusal:
        return refusal.finding.rule, str(refusal.finding.params["what"])
    return "", ""


def rsa(exponent: int, modulus: int) -> bytes:
    return RSA + number(exponent) + number(modulus)


@pytest.mark.parametrize(
    ("exponent", "bits", "last", "what"),
    [
        (3, 3072, 1, ""),
        (1, 3072, 1, "RSA"),
        (2, 3072, 1, "RSA"),
        (4, 3072, 1, "RSA"),
        (65537, 3072, 1, ""),
        (2**64 - 1, 3072, 1, ""),
        (2**64 + 1, 3072, 1, "RSA"),
        (65537, 3072, 0, "RSA"),
        (65537, 3071, 1, "RSA 3071"),
        (65537, 16384, 1, ""),
    ],
)
def test_rsa_is_neither_small_nor_odd(exponent: int, bits: int, last: int, what: str) -> None:
    assert said(rsa(exponent, (1 << bits - 1) + last)) == ("key.weak" if what else "", what)
    assert RSA_BITS == (3072, 16384)


def test_numbers_are_read_as_openssh_reads_them() -> None:
    assert said(rsa(65537, 1 << 16384)) == ("key.malformed", "number")
    assert said(RSA + number(65537) + string(b"\x80" + bytes(400))) == ("key.malformed", "number")
    assert said(RSA + number(65537) + string(b"\0" + number(MODULUS)[4:])) == ("key.malformed", "spelling")
    assert Reader(string(b"\x7f")).number() == 127
    assert Reader(string(b"\0\x80")).number() == 128
    assert Reader(string(b"")).number() == 0
    assert Reader(string(b"\0" + b"\xff" * 2048)).number().bit_length() == 16384
    for data in (b"\x80", b"\xff", b"\0" + b"\1" * 2049, b"\1" * 2049):
        with pytest.raises(WireError, match="number"):
            Reader(string(data)).number()


def test_nothing_is_left_and_nothing_is_short() -> None:
    blob = ed25519_signer().blob
    assert said(blob) == ("", "")
    assert said(blob + b"\0") == ("key.malformed", "more than expected")
    assert said(blob[:-1]) == ("key.malformed", "too short")
    assert said(b"") == ("key.malformed", "too short")
    kind, raw = strings(blob)
    assert said(string(kind) + string(raw + b"\0")) == ("key.malformed", "length")
    assert said(string(b"ssh-dss") + string(raw)) == ("key.weak", "ssh-dss")
    assert said(string(b"x" * 60)) == ("key.weak", "x" * 40)


def test_a_curve_is_named_once() -> None:
    kind, curve, point = strings(ecdsa_signer("nistp256").blob)
    assert said(string(kind) + string(curve) + string(point)) == ("", "")
    assert said(string(kind) + string(b"nistp384") + string(point)) == ("key.malformed", "curve")
    weak = ("key.weak", kind.decode())
    assert said(string(kind) + string(curve) + string(b"\2" + point[1:])) == weak
    assert said(string(kind) + string(curve) + string(point[:-1] + bytes([point[-1] ^ 1]))) == weak


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**255 - 1])
def test_points_that_are_none_or_too_few(y: int) -> None:
    for sign in (0, 1 << 255):
        blob = string(b"ssh-ed25519") + string((y | sign).to_bytes(32, "little"))
        assert said(blob) == ("key.weak", "ssh-ed25519")
