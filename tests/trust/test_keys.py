"""Keys and whether they hold: what a policy may list, and every reason why a signature doesn't count."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from orderctl.trust.keys import APPROVALS, COMMITS, Key, Ring, parse_public, signer
from orderctl.trust.publickey import fingerprint
from orderctl.trust.refusal import Refusal
from tests.trust.signing import (
    CURVES,
    Signer,
    changed,
    ecdsa_signer,
    ed25519_signer,
    number,
    rsa_signer,
    security_key,
    string,
    strings,
)

MESSAGE = b"what was signed"
SIGNER = ed25519_signer()
BOTH = frozenset({COMMITS, APPROVALS})
NOW = 1_700_000_000


def key(
    signed_by: Signer = SIGNER,
    *,
    person: str = "lin-yi",
    namespaces: frozenset[str] = BOTH,
    active_from: int | None = None,
    retired_at: int | None = None,
    compromised_since: int | None = None,
    revoked_since: int | None = None,
) -> Key:
    blob = signed_by.blob
    life = (active_from, retired_at, compromised_since, revoked_since)
    return Key(person, blob, strings(blob)[0].decode(), fingerprint(blob), namespaces, *life)


def refused(ring: Ring, armor: bytes | None, at: int = NOW, observed: int = NOW, namespace: str = COMMITS) -> str:
    """Return the code of the refusal, "" if there is none."""
    try:
        signer(ring, armor, MESSAGE, namespace, at, observed, path="a.yaml", commit="c" * 40)
    except Refusal as refusal:
        finding = refusal.finding
        assert (finding.path, finding.params["commit"]) == ("a.yaml", "c" * 40)
        assert finding.params["person"] == ("lin-yi" if finding.rule.startswith("key.") and ring.get(finger) else "")
        return finding.rule
    return ""


finger = fingerprint(SIGNER.blob)


def parse_code(text: str) -> str:
    with pytest.raises(Refusal) as caught:
        parse_public(text)
    return caught.value.finding.rule


@pytest.mark.parametrize("kind", [("ed25519", 256), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 3072)])
def test_what_ssh_keygen_makes_and_signs_is_accepted(kind: tuple[str, int], tmp_path: Path) -> None:
    file, message = tmp_path / "key", tmp_path / "message"
    message.write_bytes(MESSAGE)
    new = ["ssh-keygen", "-q", "-t", kind[0], "-b", str(kind[1]), "-N", "", "-C", "林 一", "-f", str(file)]
    subprocess.run(new, check=True)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", COMMITS, "-f", str(file), str(message)], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", f"{file}.pub"], check=True, capture_output=True, text=True)

    algorithm, blob, finger = parse_public((tmp_path / "key.pub").read_text("utf-8"))
    one = Key("lin-yi", blob, algorithm, finger, BOTH, None, None, None, None)

    assert finger in shown.stdout
    assert signer(Ring([one]), (tmp_path / "message.sig").read_bytes(), MESSAGE, COMMITS, NOW, NOW) is one


@pytest.mark.parametrize("made", [SIGNER, security_key(), *(ecdsa_signer(curve) for curve in CURVES)])
def test_every_algorithm_has_a_line_and_a_fingerprint(made: Signer) -> None:
    assert parse_public(made.public()) == (strings(made.blob)[0].decode(), made.blob, fingerprint(made.blob))
    assert signer(Ring([key(made)]), made.armor(MESSAGE), MESSAGE, COMMITS, NOW, NOW).person == "lin-yi"


def line(label: str, blob: bytes) -> str:
    return f"{label} {base64.b64encode(blob).decode()}"


def rsa_blob(exponent: int, modulus: int) -> bytes:
    return string(b"ssh-rsa") + number(exponent) + number(modulus)


P = 2**255 - 19
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
ED = string(b"ssh-ed25519")
POINT = strings(ecdsa_signer("nistp256").blob)[2]
EC = string(b"ecdsa-sha2-nistp256")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (line("ssh-rsa", rsa_blob(65537, 2**3071 + 1)), ""),
        (line("ssh-rsa", rsa_blob(65537, 2**3071 - 1)), "key.weak"),
        (line("ssh-rsa", rsa_blob(65537, 2**1023 + 1)), "key.weak"),
        (line("ssh-rsa", rsa_blob(65537, 2**16383 + 1)), ""),
        (line("ssh-rsa", rsa_blob(65537, 2**16384 + 1)), "key.malformed"),  # more than OpenSSH reads
        (line("ssh-rsa", rsa_blob(65537, 2**3071 + 2)), "key.weak"),  # even
        (line("ssh-rsa", rsa_blob(1, 2**3071 + 1)), "key.weak"),
        (line("ssh-rsa", rsa_blob(4, 2**3071 + 1)), "key.weak"),
        (line("ssh-rsa", rsa_blob(2**64 + 1, 2**3071 + 1)), "key.weak"),
        (line("ssh-rsa", string(b"ssh-rsa") + number(3) + string(b"\0\0" + b"\x81" * 384)), "key.malformed"),
        (line("ssh-rsa", string(b"ssh-rsa") + number(3) + string(b"\x81" * 384)), "key.malformed"),  # negative
        (line("ssh-dss", string(b"ssh-dss") + string(b"\1")), "key.weak"),
        (line("sk-ecdsa", string(b"sk-ecdsa-sha2-nistp256@openssh.com")), "key.weak"),
        (line("ssh-ed25519-cert-v01@openssh.com", string(b"ssh-ed25519-cert-v01@openssh.com")), "key.weak"),
        (line("ssh-ed25519", ED + string(bytes([9]) * 32)), ""),
        (line("ssh-ed25519", ED + string(bytes(32))), "key.weak"),
        (line("ssh-ed25519", ED + string(ORDER_8)), "key.weak"),
        (line("ssh-ed25519", ED + string((P - 1).to_bytes(32, "little"))), "key.weak"),
        (line("ssh-ed25519", ED + string((P + 3).to_bytes(32, "little"))), "key.weak"),  # 3, spelt otherwise
        (line("ssh-ed25519", ED + string(bytes([9]) * 31)), "key.malformed"),
        (line("ssh-ed25519", ED + string(bytes([9]) * 32) + b"\0"), "key.malformed"),
        (line("ssh-ed25519", ED), "key.malformed"),
        (line("ssh-rsa", ED + string(bytes([9]) * 32)), "key.malformed"),  # another label
        (line("ecdsa-sha2-nistp256", EC + string(b"nistp256") + string(POINT)), ""),
        (line("ecdsa-sha2-nistp256", EC + string(b"nistp384") + string(POINT)), "key.malformed"),
        (line("ecdsa-sha2-nistp256", EC + string(b"nistp256") + string(POINT[:-1])), "key.malformed"),
        (line("ecdsa-sha2-nistp256", EC + string(b"nistp256") + string(b"\6" + POINT[1:])), "key.weak"),
        (line("ecdsa-sha2-nistp256", EC + string(b"nistp256") + string(POINT[:-1] + b"\0")), "key.weak"),
        ("", "key.malformed"),
        ("ssh-ed25519", "key.malformed"),
        ("ssh-ed25519 ====", "key.malformed"),
        ("ssh-ed25519 A", "key.malformed"),
        (SIGNER.public().replace("=", ""), ""),
        (SIGNER.public() + " 林 一\n", ""),
        (SIGNER.public() + "\n" + SIGNER.public(), "key.malformed"),
        ('cert-authority,namespaces="git" ' + SIGNER.public(), "key.malformed"),
    ],
)
def test_a_policy_lists_only_sound_keys(text: str, code: str) -> None:
    if code:
        assert parse_code(text) == code
    else:
        parse_public(text)


def test_small_order_is_small_order() -> None:
    """The two points of order 8 really lie on the curve, and doubling them thrice gives the neutral point."""
    from orderctl.trust.publickey import _SMALL_ORDER

    d = -121665 * pow(121666, -1, P) % P

    def x_of(y: int) -> int:
        square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
        root = pow(square, (P + 3) // 8, P)
        root = root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P
        assert root * root % P == square
        return root

    def double(x: int, y: int) -> tuple[int, int]:
        product = d * x * x * y * y
        return 2 * x * y * pow(1 + product, -1, P) % P, (y * y + x * x) * pow(1 - product, -1, P) % P

    for y in _SMALL_ORDER:
        assert double(*double(*double(x_of(y), y))) == (0, 1)
    assert len(_SMALL_ORDER) == 5


def test_every_reason_why_a_signature_does_not_count() -> None:
    ring, right = Ring([key()]), SIGNER.armor(MESSAGE)
    parts = SIGNER.parts(MESSAGE)

    assert refused(ring, right) == ""
    assert refused(ring, None) == "sig.none"
    assert refused(ring, b"AAAA") == refused(ring, b"hello world\n") == refused(ring, b"") == "sig.malformed"
    assert refused(ring, right.replace(b"A", b"!", 1)) == "sig.malformed"
    assert refused(ring, right[:-30]) == "sig.malformed"
    assert refused(ring, SIGNER.armor(MESSAGE + b"!")) == "sig.bad"
    assert refused(ring, changed(parts, reserved=b"x")) == "sig.malformed"
    assert refused(ring, changed(parts, blob=b"x")) == "sig.malformed"
    assert refused(ring, changed(parts, blob=security_key().blob)) == "sig.malformed"
    assert refused(ring, SIGNER.armor(MESSAGE, b"file")) == "sig.namespace"
    assert refused(ring, SIGNER.armor(MESSAGE, APPROVALS.encode())) == "sig.namespace"
    assert refused(ring, SIGNER.armor(MESSAGE, APPROVALS.encode()), namespace=APPROVALS) == ""
    assert refused(ring, b"-----BEGIN PGP SIGNATURE-----\n\nx\n") == "sig.backend_disabled"
    assert refused(ring, b"-----BEGIN PGP MESSAGE-----\n\nx\n") == "sig.backend_disabled"
    assert refused(ring, b"-----BEGIN SIGNED MESSAGE-----\n\nx\n") == "sig.backend_disabled"
    assert refused(Ring([]), right) == "sig.unknown_key"
    assert refused(Ring([]), rsa_signer(2048).armor(MESSAGE)) == "key.weak"
    assert refused(Ring([key(security_key(0))]), security_key(0).armor(MESSAGE)) == "sig.bad"  # nobody touched it
    assert refused(Ring([key(namespaces=frozenset({APPROVALS}))]), right) == "key.namespace"


def test_a_key_of_two_persons_is_nobodys() -> None:
    assert refused(Ring([key(), key(person="gu-nan")]), SIGNER.armor(MESSAGE)) == "sig.unknown_key"


@pytest.mark.parametrize(
    ("life", "at", "observed", "code"),
    [
        ({"active_from": NOW}, NOW - 1, NOW, "key.not_yet_valid"),
        ({"active_from": NOW}, NOW, NOW - 1, "key.not_yet_valid"),
        ({"active_from": NOW}, NOW, NOW, ""),
        ({"retired_at": NOW}, NOW - 1, NOW - 1, ""),
        ({"retired_at": NOW}, NOW, NOW - 1, "key.expired"),
        ({"retired_at": NOW}, NOW - 1, NOW, "key.expired"),  # dated back
        ({"retired_at": NOW}, NOW + 1, NOW + 1, "key.expired"),
        ({"compromised_since": NOW}, NOW - 1, NOW - 1, ""),
        ({"compromised_since": NOW}, NOW - 1, NOW, "key.compromised"),  # first seen too late, whatever it claims
        ({"compromised_since": NOW}, NOW, NOW - 1, "key.compromised"),
        ({"revoked_since": NOW}, NOW - 1, NOW - 1, ""),
        ({"revoked_since": NOW}, NOW - 1, NOW, "key.revoked"),
        ({"revoked_since": 0}, 1, 1, "key.revoked"),
        ({"revoked_since": 0, "retired_at": 0, "compromised_since": 0, "active_from": NOW}, 1, 1, "key.revoked"),
    ],
)
def test_a_key_holds_at_both_times_or_not_at_all(life: dict[str, int], at: int, observed: int, code: str) -> None:
    assert refused(Ring([key(**life)]), SIGNER.armor(MESSAGE), at, observed) == code  # type: ignore[arg-type]


def test_rotation_breaks_nothing() -> None:
    """S32: the old key's history passes at its time, the new key's from then on."""
    new = ed25519_signer(b"n" * 32)
    ring = Ring([key(retired_at=NOW), key(new, active_from=NOW)])

    assert refused(ring, SIGNER.armor(MESSAGE), NOW - 1, NOW - 1) == ""
    assert refused(ring, new.armor(MESSAGE), NOW, NOW) == ""
