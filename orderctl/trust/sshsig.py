"""An armored SSH signature in, the fingerprint of the key that made it out. In this process: no ssh-keygen is run.

The format is PROTOCOL.sshsig of OpenSSH. What ``ssh-keygen -Y check-novalidate`` accepts is accepted, except where a
signature has more than one spelling of what was signed: another version, something in the reserved field, NUL behind
a name, text behind the armor; and except weak keys and security keys that nobody touched.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from orderctl.codes.signature import SIG_BAD, SIG_MALFORMED, SIG_NAMESPACE
from orderctl.trust.publickey import (
    ECDSA,
    RSA,
    SK_ED25519,
    PublicKey,
    Reader,
    WireError,
    ecdsa_curve,
    fingerprint,
    read_key,
)
from orderctl.trust.refusal import Refusal

BEGIN = b"-----BEGIN SSH SIGNATURE-----"
_ARMOR = re.compile(re.escape(BEGIN) + rb"\n(.*?)\n-----END SSH SIGNATURE-----[ \t\r\n]*", re.DOTALL)
_SPACE = b" \t\n\v\f\r"
_MAGIC = b"SSHSIG"
_RSA_HASHES = {b"rsa-sha2-256": "sha256", b"rsa-sha2-512": "sha512"}
_TOUCHED = 1  # the flag of a security key: its owner was there


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of a signature. ``signed`` is made of these and the message's hash."""

    blob: bytes
    namespace: bytes
    hash: bytes
    signature: bytes


def verify(armor: bytes, payload: bytes, namespace: str) -> str:
    """Return the fingerprint of the key whose signature of ``payload`` this is.

    Raises Refusal ``sig.malformed``, ``sig.namespace``, ``sig.bad``, ``key.weak``.
    """
    try:
        parts = read_signature(armor)
        if parts.namespace != namespace.encode():
            raise Refusal(
                SIG_NAMESPACE.at("", commit="", person="", found=_shown(parts.namespace), namespace=namespace)
            )
        digest = hashlib.new(parts.hash.decode(), payload).digest()
        signed = _MAGIC + b"".join(_string(part) for part in (parts.namespace, b"", parts.hash, digest))
        good = _is_good(_key(parts.blob), parts.signature, signed)
    except WireError:
        raise Refusal(SIG_MALFORMED.at("", commit="", person="")) from None
    if not good:
        raise Refusal(SIG_BAD.at("", commit="", person=""))
    return fingerprint(parts.blob)


def read_signature(armor: bytes) -> Signature:
    """Return the parts of an armored signature. Raises WireError."""
    found = _ARMOR.fullmatch(armor)
    if found is None:
        raise WireError("armor")
    text = found[1].translate(None, _SPACE)
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise WireError("base64") from None
    if base64.b64encode(data) != text:  # bits that no byte needs
        raise WireError("base64")
    reader = Reader(data)
    if reader.take(len(_MAGIC)) != _MAGIC or reader.u32() != 1:
        raise WireError("magic")
    blob, namespace, reserved, hash, signature = (reader.string() for _ in range(5))
    reader.end()
    if reserved or hash not in {b"sha256", b"sha512"}:
        raise WireError("reserved or hash")
    return Signature(blob, namespace, hash, signature)


def _key(blob: bytes) -> PublicKey:
    """Return the key; one that is none makes the signature none."""
    try:
        return read_key(blob)
    except Refusal as refusal:
        if refusal.finding.rule == "key.weak":
            raise
        raise WireError("key") from None


def _is_good(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    reader = Reader(signature)
    algorithm, value = reader.string(), reader.string()
    if key.algorithm == RSA:
        reader.end()
        return algorithm in _RSA_HASHES and _rsa(key, _RSA_HASHES[algorithm], value, signed)
    if algorithm != key.algorithm.encode():
        raise WireError("algorithm")
    if key.algorithm == SK_ED25519:
        flags, counter = reader.take(1), reader.take(4)
        signed = _sha256(key.application) + flags + counter + _sha256(signed)
        if not flags[0] & _TOUCHED:
            return False
    reader.end()
    return _ecdsa(key, value, signed) if key.algorithm in ECDSA else _ed25519(key, value, signed)


def _ed25519(key: PublicKey, value: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(value, signed)
    except InvalidSignature:
        return False
    return True


def _ecdsa(key: PublicKey, value: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    reader = Reader(value)
    r, s = reader.number(), reader.number()
    reader.end()
    curve = ecdsa_curve(key.algorithm)
    hash = hashes.SHA256() if curve.key_size == 256 else hashes.SHA384() if curve.key_size == 384 else hashes.SHA512()
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(curve, key.raw)
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hash))
    except InvalidSignature:
        return False
    return True


def _rsa(key: PublicKey, hash: str, value: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    exponent, modulus = key.numbers
    value = value.rjust((modulus.bit_length() + 7) // 8, b"\0")  # OpenSSH lets leading zeros be left out
    try:
        public = RSAPublicNumbers(exponent, modulus).public_key()
        public.verify(value, signed, PKCS1v15(), hashes.SHA256() if hash == "sha256" else hashes.SHA512())
    except InvalidSignature:
        return False
    return True


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _shown(name: bytes) -> str:
    """Return a name as a finding may show it."""
    return ascii(name.decode("ascii", "backslashreplace")[:60])[1:-1]
