"""S34: this process and ``ssh-keygen -Y check-novalidate`` accept the same signatures, mutated in every way we know.

2,000 by default, more or fewer with ``ORDERCTL_SIGNATURES``. Where this process is stricter, ``STRICTER`` names why.
"""

from __future__ import annotations

import base64
import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from orderctl.trust.refusal import Refusal
from orderctl.trust.sshsig import verify
from tests.trust.signing import (
    CURVES,
    Parts,
    Signer,
    armored,
    ecdsa_signer,
    ed25519_signer,
    number,
    rsa_signer,
    security_key,
    string,
    strings,
)

COUNT = int(os.environ.get("ORDERCTL_SIGNATURES", "2000"))
MESSAGE = b"tree 1\nauthor a\n\nwhat was signed\n"
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
ORDERS = {
    "nistp256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "nistp384": int("f" * 48 + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16),
    "nistp521": int("1" + "f" * 65 + "a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", 16),
}
SSH_KEYGEN = which("ssh-keygen")
pytestmark = pytest.mark.skipif(SSH_KEYGEN is None, reason="no ssh-keygen here")


@dataclass(frozen=True)
class Case:
    how: str
    armor: bytes
    message: bytes = MESSAGE
    namespace: str = "git"


# ---- where this process is stricter, and how it is seen in the bytes


def _data(armor: bytes) -> bytes:
    inner = armor.partition(b"SIGNATURE-----")[2].partition(b"\n-----END")[0]
    return base64.b64decode(inner.translate(None, b" \t\n\v\f\r\0"))


def _fields(armor: bytes) -> list[bytes]:
    return [*strings(_data(armor)[10:]), *[b""] * 5][:5]


def _bits(blob: bytes) -> int:
    kind, _, modulus = [*strings(blob), b"", b"", b""][:3]
    return int.from_bytes(modulus).bit_length() if kind == b"ssh-rsa" else 0


def _odd_spelling(blob: bytes) -> bool:
    kind, *values = [*strings(blob), b""]
    if kind == b"ssh-rsa":
        return blob != string(kind) + b"".join(number(int.from_bytes(value)) for value in values[:2])
    point = int.from_bytes(values[0], "little") & ~(1 << 255)
    return kind == b"ssh-ed25519" and point >= 2**255 - 19


def _names(armor: bytes) -> list[bytes]:
    blob, namespace, _, hash, signature = _fields(armor)
    kind, *values = [*strings(blob), b""]
    more = values[:1] if kind.startswith(b"ecdsa") else values[1:] if kind.startswith(b"sk-") else []
    return [namespace, hash, kind, *more, *strings(signature)[:1]]


def _small_order(blob: bytes) -> bool:
    kind, raw = [*strings(blob), b"", b""][:2]
    return kind.endswith((b"ed25519", b"@openssh.com")) and raw in SMALL_ORDER


SMALL_ORDER = [
    bytes(32),
    (1).to_bytes(32, "little"),
    (2**255 - 20).to_bytes(32, "little"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
]
STRICTER: dict[str, Callable[[bytes], bool]] = {
    "another version than 1": lambda armor: _data(armor)[6:10] != b"\0\0\0\1",
    "something in the reserved field, which isn't signed": lambda armor: _fields(armor)[2] != b"",
    "NUL behind a name": lambda armor: any(name.endswith(b"\0") for name in _names(armor)),
    "something behind the signature": lambda armor: bool(
        armor.partition(b"-----END SSH SIGNATURE-----")[2].strip(b" \t\r\n")
    ),
    "NUL behind the armor's text": lambda armor: b"\0" in armor,
    "RSA below 3072 bits": lambda armor: 0 < _bits(_fields(armor)[0]) < 3072,
    "a security key that nobody touched": lambda armor: (
        strings(_fields(armor)[0])[0].startswith(b"sk-") and not _fields(armor)[4][-5] & 1
    ),
    "a key that isn't spelt the one right way": lambda armor: _odd_spelling(_fields(armor)[0]),
    "an Ed25519 key of small order": lambda armor: _small_order(_fields(armor)[0]),
    "an Ed25519 signature whose S isn't reduced": lambda armor: (
        b"ed25519" in _fields(armor)[0][:30]
        and int.from_bytes([*strings(_fields(armor)[4]), b""][1][32:], "little") >= ED25519_ORDER
    ),
}


# ---- mutations


@pytest.fixture(scope="module")
def signers() -> list[Signer]:
    keys = [ed25519_signer(), *(ecdsa_signer(curve) for curve in CURVES), security_key(), security_key(flags=5)]
    return [*keys, rsa_signer(3072), rsa_signer(3072, b"rsa-sha2-256"), rsa_signer(4096), rsa_signer(4096)]


def untouched(signers: list[Signer]) -> Iterator[Case]:
    """Every key, every way to sign rightly."""
    for signer in signers:
        for hash in (b"sha256", b"sha512"):
            for namespace in (b"git", b"orderctl-approval@v1"):
                armor = signer.armor(MESSAGE, namespace, hash)
                yield Case("right", armor, namespace=namespace.decode())
                yield Case("another namespace asked for", armor, namespace="file")
                yield Case("another message", armor, MESSAGE + b"\n", namespace.decode())


def named(signers: list[Signer]) -> Iterator[Case]:
    """What an attacker would think of, for every key."""
    weak, old = rsa_signer(2048), rsa.generate_private_key(65537, 3072)
    yield Case("rsa 2048", weak.armor(MESSAGE))
    yield Case("rsa 1024", rsa_signer(1024).armor(MESSAGE))
    yield Case("ssh-rsa with SHA-1", rsa_signer(3072, b"ssh-rsa", old).armor(MESSAGE))
    for flags in (0, 1, 2, 4, 5, 0xFE, 0xFF):
        yield Case(f"security key with flags {flags}", security_key(flags).armor(MESSAGE))
    for point in SMALL_ORDER:
        for kind in (b"ssh-ed25519",):
            signature = string(kind) + string(SMALL_ORDER[1] + bytes(32))
            yield Case("small order", armored(Parts(string(kind) + string(point), signature).data()))
    for signer in signers:
        parts = signer.parts(MESSAGE)
        for how, more in fields(parts, [other.blob for other in signers]):
            yield Case(how, armored(more.data()))
        for how, armor in texts(armored(parts.data())):
            yield Case(how, armor)


def fields(parts: Parts, blobs: list[bytes]) -> Iterator[tuple[str, Parts]]:
    for version in (0, 2, 2**32 - 1):
        yield f"version {version}", replace(parts, version=version)
    for name in (b"", b"gi", b"git\0", b"git\0\0", b"\0git", b"Git", b"git "):
        yield f"namespace {name!r}", replace(parts, namespace=name)
    for reserved in (b"\0", b"x", b"x" * 100):
        yield f"reserved {reserved[:2]!r}", replace(parts, reserved=reserved)
    for hash in (b"", b"sha1", b"md5", b"sha384", b"sha256", b"SHA512", b"sha512\0", b"sha512 ", b"sha3-512"):
        yield f"hash {hash!r}", replace(parts, hash=hash)
    for rest in (b"\0", string(b""), b"x" * 50):
        yield "something behind", replace(parts, rest=rest)
    for magic in (b"SSHSI", b"sshsig", b"SSHSIG\0"):
        yield "magic", replace(parts, magic=magic)
    for blob in blobs:
        yield "another key", replace(parts, blob=blob)
    for blob in (b"", parts.blob + b"\0", parts.blob[:-1], string(b"ssh-dss") + parts.blob[15:]):
        yield "key cut or grown", replace(parts, blob=blob)
    kind, *values = strings(parts.blob)
    for name in (kind + b"\0", b"ssh-ed25519", b"ssh-rsa", b"sk-ssh-ed25519@openssh.com", b"ecdsa-sha2-nistp256"):
        yield "name of the key", replace(parts, blob=string(name) + b"".join(map(string, values)))
        behind = parts.signature[4 + len(strings(parts.signature)[0]) :]
        yield "name of the signature", replace(parts, signature=string(name) + behind)
    for name in (b"rsa-sha2-256", b"rsa-sha2-512", b"ssh-rsa", b"rsa-sha2-512\0", b"ssh-rsa-cert-v01@openssh.com"):
        yield "name of the signature", replace(parts, signature=string(name) + string(strings(parts.signature)[1]))
    for signature in (b"", parts.signature + b"\0", parts.signature[:-1], parts.signature * 2):
        yield "signature cut or grown", replace(parts, signature=signature)
    more = rsa_fields if kind == b"ssh-rsa" else ecdsa_fields if kind.startswith(b"ecdsa") else ed25519_fields
    yield from more(parts, kind, values)


def rsa_fields(parts: Parts, kind: bytes, values: list[bytes]) -> Iterator[tuple[str, Parts]]:
    e, n = (int.from_bytes(value) for value in values)
    for spelt in (string(b"\0\0" + n.to_bytes(512)), string(n.to_bytes(512).lstrip(b"\0")), number(-n % 2**4096)):
        yield "spelling of the modulus", replace(parts, blob=string(kind) + number(e) + spelt)
    yield "exponent", replace(parts, blob=string(kind) + number(3) + number(n))
    name, value = strings(parts.signature)[:2]
    for other in (b"\0" + value, value[1:], value.lstrip(b"\0"), value[:-1], b"", bytes(len(value)), b"\xff" * 384):
        yield "value", replace(parts, signature=string(name) + string(other))
    yield "value + n", replace(parts, signature=string(name) + number(int.from_bytes(value) + n))


def ed25519_fields(parts: Parts, kind: bytes, values: list[bytes]) -> Iterator[tuple[str, Parts]]:
    value = strings(parts.signature)[1]
    state = parts.signature[4 + len(kind) + 4 + 64 :]
    s = int.from_bytes(value[32:], "little")
    for k in range(1, 16):
        if s + k * ED25519_ORDER < 2**256:
            other = value[:32] + (s + k * ED25519_ORDER).to_bytes(32, "little")
            yield "S + L", replace(parts, signature=string(kind) + string(other) + state)
    for other in (value[:63], value + b"\0", b"", bytes(64), value[:32] + bytes(32), value[32:] + value[:32]):
        yield "value", replace(parts, signature=string(kind) + string(other) + state)
    if state:
        for other in (b"\0" + state[1:], b"\5" + state[1:], state[:-1] + b"\0", state + b"x", state[:3]):
            yield "flags and counter", replace(parts, signature=string(kind) + string(value) + other)
        for application in (b"", b"ssh", b"ssh:x", b"ssh:\0"):
            blob = string(kind) + string(values[0]) + string(application)
            yield "application", replace(parts, blob=blob)


def ecdsa_fields(parts: Parts, kind: bytes, values: list[bytes]) -> Iterator[tuple[str, Parts]]:
    curve = values[0].decode()
    order = ORDERS[curve]
    r, s = (int.from_bytes(value) for value in strings(strings(parts.signature)[1]))
    pairs = [(r, order - s), (r + order, s), (r, s + order), (0, s), (r, 0), (r, order), (order, s), (s, r), (1, 1)]
    for a, b in pairs:
        yield "r and s", replace(parts, signature=string(kind) + string(number(a) + number(b)))
    plain = [value.to_bytes(70).lstrip(b"\0") for value in (r, s)]
    for front in (b"", b"\0", b"\0\0", b"\0" * 40, b"\0" * 2049, b"\0" * 2100):
        spelt = string(front + plain[0]) + string(front + plain[1])
        yield f"{len(front)} zeros before r and s", replace(parts, signature=string(kind) + string(spelt))
    for more in (b"\0", number(1), string(b"")):
        spelt = number(r) + number(s) + more
        yield "behind s", replace(parts, signature=string(kind) + string(spelt))
    der = b"\x30\x06\x02\x01\x01\x02\x01\x01"
    yield "DER", replace(parts, signature=string(kind) + string(der))
    point = values[1]
    half = len(point) // 2
    for other in (
        bytes([2 + (point[-1] & 1)]) + point[1 : 1 + half],  # compressed
        bytes([6 + (point[-1] & 1)]) + point[1:],  # hybrid
        b"\0",  # infinity
        b"\4" + bytes(2 * half),
        point[:-1] + bytes([point[-1] ^ 1]),  # off the curve
        point + b"\0",
    ):
        yield "point", replace(parts, blob=string(kind) + string(values[0]) + string(other))
    for name in (b"nistp256", b"nistp384", b"nistp521", values[0] + b"\0"):
        yield "curve", replace(parts, blob=string(kind) + string(name) + string(point))


def texts(armor: bytes) -> Iterator[tuple[str, bytes]]:
    begin, end = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
    inner = armor.removeprefix(begin).removesuffix(end + b"\n")
    bare = inner.translate(None, b"\n")
    yield "one line", begin + b"\n" + bare + b"\n" + end
    yield "no line end", armor[:-1]
    yield "CRLF", armor.replace(b"\n", b"\r\n")
    yield "CR", armor.replace(b"\n", b"\r")
    yield "blank lines", armor.replace(b"\n", b"\n\n")
    yield "no first line end", begin + bare + b"\n" + end
    yield "no last line end", begin + b"\n" + bare + end
    yield "something behind", armor + b"anything\n"
    yield "something on the last line", armor[:-1] + b"anything"
    yield "something on the first line", begin + b" " + inner + end
    yield "something in front", b"\n" + armor
    yield "blank in front", b" " + armor
    yield "two", armor + armor
    yield "two begins", begin + b"\n" + armor
    yield "lower case", armor.replace(b"BEGIN", b"begin")
    yield "PGP", armor.replace(b"SSH", b"PGP")
    yield "no end", armor.partition(b"\n-----END")[0]
    yield "header", begin + b"\nVersion: 1\n\n" + bare + b"\n" + end
    yield "empty", b""
    yield "nothing inside", begin + b"\n\n" + end
    yield "only begin", begin
    for space in (b" ", b"\t", b"\v", b"\f", b"\r", b"\0", b"\xa0", b"\x1c", b"\x85", b"-", b"=", b"\xe2\x80\x8b"):
        yield f"{space!r} inside", begin + inner[:40] + space + inner[40:] + end + b"\n"
        yield f"{space!r} at the end", begin + b"\n" + bare + space + b"\n" + end + b"\n"
    for padded in (bare.rstrip(b"="), bare + b"=", bare + b"==", bare + b"====", bare.rstrip(b"=") + b" = ="):
        yield "padding", begin + b"\n" + padded + b"\n" + end + b"\n"
    stem, pad = bare.rstrip(b"="), bare[len(bare.rstrip(b"=")) :]
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for k in (1, 2, 4, 8):
        last = letters[(letters.index(stem[-1]) + k) % 64 :][:1]
        yield "last letter", begin + b"\n" + stem[:-1] + last + pad + b"\n" + end + b"\n"
    yield "URL letters", armor.replace(b"+", b"-").replace(b"/", b"_")


def chance(signers: list[Signer], random: random.Random) -> Iterator[Case]:
    """Bytes flipped, cut, doubled, moved; in the signature, in its armor, in the message."""
    originals = [signer.parts(MESSAGE, hash=random.choice((b"sha256", b"sha512"))).data() for signer in signers]
    while True:
        data = bytearray(random.choice(originals))
        how = random.choice(("flip", "bit", "cut", "grow", "move", "swap", "zero", "length", "armor", "both"))
        at = random.randrange(len(data))
        if how == "flip":
            for _ in range(random.choice((1, 1, 2, 5))):
                data[random.randrange(len(data))] = random.randrange(256)
        elif how == "bit":
            data[at] ^= 1 << random.randrange(8)
        elif how == "cut":
            del data[at : at + random.choice((1, 1, 4, 1000))]
        elif how == "grow":
            data[at:at] = random.randbytes(random.choice((1, 4, 20)))
        elif how == "move":
            end = random.randrange(at, len(data))
            data[at:at] = data[at:end]
        elif how == "swap":
            other = random.choice(originals)
            data[at:] = other[at:]
        elif how == "zero":
            data[at : at + 4] = bytes(len(data[at : at + 4]))
        elif how == "length":
            at = random.choice([6, 10, 14, len(data) - 68, random.randrange(len(data) - 4)]) % (len(data) - 4)
            size = int.from_bytes(data[at : at + 4]) + random.choice((-1, 1, 4, -4, 256, 2**31))
            data[at : at + 4] = (size % 2**32).to_bytes(4)
        armor = bytearray(armored(bytes(data)))
        if how in {"armor", "both"}:
            at = random.randrange(len(armor))
            letter = random.choice(b" \t\r\n\0-=AB+/\xff")
            armor[at : at + random.choice((0, 0, 1))] = bytes([letter] * random.choice((0, 1, 1, 3)))
        yield Case(f"chance: {how}", bytes(armor))


# ---- the comparison


def ours(case: Case) -> bool:
    try:
        verify(case.armor, case.message, case.namespace)
    except Refusal:
        return False
    return True


def theirs(case: Case, file: Path) -> bool:
    assert SSH_KEYGEN
    file.write_bytes(case.armor)
    command = [SSH_KEYGEN, "-Y", "check-novalidate", "-n", case.namespace, "-s", str(file)]
    return (
        subprocess.run(command, input=case.message, capture_output=True, close_fds=False, check=False).returncode == 0
    )


def test_ssh_keygen_and_this_process_accept_the_same(signers: list[Signer], tmp_path: Path) -> None:
    cases = [*untouched(signers), *named(signers)]
    by_chance = chance(signers, random.Random(34))
    cases += [next(by_chance) for _ in range(max(0, COUNT - len(cases)))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        accepted = list(pool.map(lambda job: theirs(job[1], tmp_path / f"{job[0]}.sig"), enumerate(cases)))

    stricter: Counter[str] = Counter()
    differing = []
    for case, there in zip(cases, accepted, strict=True):
        here = ours(case)
        if here != there:
            why = next((name for name, holds in STRICTER.items() if there and holds(case.armor)), "")
            stricter[why] += 1
            if not why:
                differing.append((case.how, "ours" if here else "theirs", case.armor.decode("latin-1")))

    print(len(cases), "cases,", sum(accepted), "accepted,", dict(stricter))  # noqa: T201
    assert differing == []
    assert sum(accepted) > 100  # benign twins: both do accept
    assert all(accepted[n] and ours(case) for n, case in enumerate(cases) if case.how == "right")


@pytest.mark.parametrize("behind", [b"anything\n", b"\0", b"-----BEGIN SSH SIGNATURE-----\n"])
def test_nothing_stands_behind_a_signature(signers: list[Signer], behind: bytes) -> None:
    first, second = [*untouched(signers)][:2]

    assert ours(first) and ours(replace(first, armor=first.armor + b"\r\n \n"))
    assert not ours(replace(first, armor=first.armor + behind))
    assert not ours(replace(first, armor=first.armor + second.armor))
