"""OpenPGP in process, with real gpg: whose key signed, in which life of it, and what is no signature at all."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from orderctl.trust import pgp
from orderctl.trust.pgp import pgp_signer
from orderctl.trust.refusal import Refusal
from tests.trust.histories import DAY, Commit, Customer, People, Raw, instant, render, start, static
from tests.trust.judging import Gate
from tests.trust.steps import CUSTOMER

AT = 1_716_609_600
"""When everything here was signed: 25 May 2024, noon in the company's zone."""
NONE: Mapping[str, int] = MappingProxyType({})
NO_DATES: Mapping[str, str] = MappingProxyType({})
PAYLOAD = b"tree 1\n\ngrade\n"


class Ring:
    """A gpg home with some keys. Its path is short: gpg's agent listens on a socket in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.mine = self.make("mine@example", "20240601T000000")
        self.other = self.make("other@example")
        self.strange = self.make("strange@example")
        self.lost = self.make("lost@example")
        self.gpg("--faked-system-time=20240501T000000", "--quick-add-key", self.other, "ed25519", "sign", "never")
        self.blocks = {key: self.public(key) for key in (self.mine, self.other)} | {self.lost: self.gone()}

    def gpg(self, *args: str, stdin: bytes = b"") -> bytes:
        fixed = ["--homedir", str(self.home), "--batch", "--no-tty", "--pinentry-mode=loopback", "--passphrase", ""]
        done = subprocess.run(["gpg", *fixed, *args], input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make(self, name: str, expires: str = "never") -> str:
        """Make a key as of May 2024; return its fingerprint."""
        self.gpg("--faked-system-time=20240501T000000", "--quick-gen-key", name, "ed25519", "sign", expires)
        listed = self.gpg("--with-colons", "--list-keys", name).decode()
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))

    def sign(self, key: str, *options: str, payload: bytes = PAYLOAD, how: str = "--detach-sign") -> bytes:
        return self.gpg("--faked-system-time=20240525T040000", "--armor", "-u", key, *options, how, stdin=payload)

    def public(self, key: str) -> str:
        return self.gpg("--armor", "--export", key).decode()

    def people(self, **dates: str) -> Mapping[str, Any]:
        """Return a policy's people: su-cai has two keys, the first with these dates; lin-xiao has one that is lost."""
        keys = [{"fingerprint": k, "key": self.blocks[k]} for k in (self.mine, self.other)]
        lost = {"fingerprint": self.lost, "key": self.blocks[self.lost]}
        return {"people": [
            {"id": "bo-wen"},
            {"id": "lin-xiao", "pgp": [lost]},
            {"id": "su-cai", "pgp": [{**keys[0], **dates}, keys[1]]},
        ]}  # fmt: skip

    def gone(self) -> str:
        """Return the lost key with its owner's revocation."""
        certificate = (self.home / "openpgp-revocs.d" / f"{self.lost}.rev").read_text()
        with tempfile.TemporaryDirectory(prefix="r", dir="/tmp") as folder:
            command = ["gpg", "--homedir", folder, "--batch", "--no-tty"]
            both = f"{self.public(self.lost)}\n{certificate.replace(':-----BEGIN', '-----BEGIN')}"
            subprocess.run([*command, "--import"], input=both.encode(), capture_output=True, check=True)
            done = subprocess.run([*command, "--armor", "--export"], capture_output=True, check=True)
            subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False, capture_output=True)
        return done.stdout.decode()


@pytest.fixture(scope="module")
def ring() -> Iterator[Ring]:
    with tempfile.TemporaryDirectory(prefix="g", dir="/tmp") as folder:
        os.chmod(folder, 0o700)
        yield Ring(Path(folder))
        subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False, capture_output=True)


def judged(
    ring: Ring,
    armor: bytes,
    payload: bytes = PAYLOAD,
    at: int = AT,
    observed: int = AT,
    revoked: Mapping[str, int] = NONE,
    dates: Mapping[str, str] = NO_DATES,
) -> tuple[str, str]:
    """Return the code and the person that are named; no code: it is theirs."""
    try:
        key = pgp_signer(ring.people(**dates), revoked, armor, payload, at, observed, commit="c" * 40)
    except Refusal as refusal:
        finding = refusal.finding
        return finding.rule, str(finding.params["person"])
    assert key.algorithm == "pgp"
    return key.fingerprint, key.person


def test_the_key_that_the_policy_names(ring: Ring) -> None:
    assert judged(ring, ring.sign(ring.mine)) == (ring.mine, "su-cai")


def test_a_subkey_is_its_primary_keys(ring: Ring) -> None:
    """And ends with it, or alone, whichever comes first on the list of revoked keys."""
    listed = ring.gpg("--with-colons", "--list-keys", ring.other).decode()
    primary, subkey = (line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    signature = ring.sign(f"{subkey}!")
    assert judged(ring, signature) == (primary, "su-cai")
    for revoked, rule in (
        ({subkey: AT}, "key.revoked"),
        ({subkey: AT + 1}, primary),
        ({primary: AT}, "key.revoked"),
        ({primary: AT + 1, subkey: AT}, "key.revoked"),
        ({primary: AT, subkey: AT + 1}, "key.revoked"),
        ({ring.mine: 0}, primary),
    ):
        assert judged(ring, signature, revoked=revoked) == (rule, "su-cai")
    assert judged(ring, ring.sign(f"{primary}!"), revoked={subkey: 0}) == (primary, "su-cai")


@pytest.mark.parametrize("payload", [PAYLOAD + b"x", b"", PAYLOAD.replace(b"grade", b"Grade")])
def test_other_bytes(ring: Ring, payload: bytes) -> None:
    assert judged(ring, ring.sign(ring.mine), payload) == ("sig.bad", "")


def test_s29_a_key_that_the_policy_does_not_name(ring: Ring) -> None:
    with pytest.raises(Refusal) as refused:
        pgp_signer(ring.people(), {}, ring.sign(ring.strange), PAYLOAD, AT, AT, commit="c" * 40)
    finding = refused.value.finding
    assert finding.rule == "sig.unknown_key"
    assert finding.params == {"commit": "c" * 40, "person": "", "fingerprint": ring.strange[-16:]}


def test_a_key_in_the_policys_ring_that_it_does_not_name(ring: Ring) -> None:
    """Whoever's name stands beside it: one block of keys may hold two of them."""
    people = {"people": [{"id": "su-cai", "pgp": [
        {"fingerprint": ring.mine, "key": ring.public(ring.mine) + ring.public(ring.strange)},
    ]}]}  # fmt: skip
    with pytest.raises(Refusal) as refused:
        pgp_signer(people, {}, ring.sign(ring.strange), PAYLOAD, AT, AT)
    assert refused.value.finding.params == {"commit": "", "person": "", "fingerprint": ring.strange}
    assert pgp_signer(people, {}, ring.sign(ring.mine), PAYLOAD, AT, AT).person == "su-cai"


def test_s28_the_owners_own_limit(ring: Ring) -> None:
    """By gpg the last second counts in."""
    listed = ring.gpg("--with-colons", "--list-keys", ring.mine).decode()
    ends = next(int(line.split(":")[6]) for line in listed.splitlines() if line.startswith("pub"))
    assert judged(ring, ring.sign(ring.mine), observed=ends) == (ring.mine, "su-cai")
    assert judged(ring, ring.sign(ring.mine), observed=ends + 1) == ("key.expired", "su-cai")


def test_a_signature_with_a_limit_of_its_own(ring: Ring) -> None:
    signature = ring.sign(ring.other, "--default-sig-expire", "1d")
    assert judged(ring, signature) == (ring.other, "su-cai")
    assert judged(ring, signature, observed=AT + 86400 * 2)[0] == "key.expired"


def test_s28_a_key_that_its_owner_revoked(ring: Ring) -> None:
    assert judged(ring, ring.sign(ring.lost)) == ("key.revoked", "lin-xiao")


@pytest.mark.parametrize(
    ("field", "second", "rule"),
    [
        ("active_from", AT, ""),
        ("active_from", AT + 1, "key.not_yet_valid"),
        ("retired_at", AT + 1, ""),
        ("retired_at", AT, "key.expired"),
        ("compromised_since", AT + 1, ""),
        ("compromised_since", AT, "key.compromised"),
    ],
)
def test_s28_the_policys_own_limits(ring: Ring, field: str, second: int, rule: str) -> None:
    expected = (rule or ring.mine, "su-cai")
    assert judged(ring, ring.sign(ring.mine), dates={field: instant(second)}) == expected


def test_the_time_that_the_commit_claims_counts_too(ring: Ring) -> None:
    assert judged(ring, ring.sign(ring.mine), at=AT - 1, dates={"active_from": instant(AT)})[0] == "key.not_yet_valid"
    assert judged(ring, ring.sign(ring.mine), at=AT + 60, dates={"retired_at": instant(AT + 60)})[0] == "key.expired"


def test_what_is_no_signature(ring: Ring) -> None:
    """Garbage in armor, no armor, nothing; a whole signed message dressed up as a signature of something else."""
    whole = ring.sign(ring.mine, payload=b"lunch at noon\n", how="--sign")
    dressed = whole.replace(b"PGP MESSAGE", b"PGP SIGNATURE")
    clear = ring.sign(ring.mine, payload=b"lunch at noon\n", how="--clear-sign")
    armor = b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"
    for odd in (armor, b"-----BEGIN PGP SIGNATURE-----", b"", dressed, whole, clear):
        assert judged(ring, odd) == ("sig.unknown_key", "")
        assert judged(ring, odd, b"lunch at noon\n")[0] == "sig.unknown_key"
    with pytest.raises(Refusal) as refused:
        pgp_signer(ring.people(), {}, armor, PAYLOAD, AT, AT)
    assert refused.value.finding.params["fingerprint"] == "-"


def test_two_signatures_in_one(ring: Ring) -> None:
    """A stranger's beside a good one spoils it; nobody is taken for another."""
    import base64

    raw = [b"".join(ring.gpg("--dearmor", stdin=ring.sign(key)) for key in keys) for keys in (
        (ring.mine, ring.strange), (ring.strange, ring.mine), (ring.strange, ring.strange),
    )]  # fmt: skip
    for data in raw:
        text = base64.b64encode(data).decode()
        armor = f"-----BEGIN PGP SIGNATURE-----\n\n{text}\n-----END PGP SIGNATURE-----\n".encode()
        assert judged(ring, armor)[1] in ("", "su-cai")
        assert judged(ring, armor, PAYLOAD + b"x")[0] in ("sig.bad", "sig.unknown_key")


def test_before_1970_is_no_time_for_gpg(ring: Ring) -> None:
    assert judged(ring, ring.sign(ring.mine), observed=-5)[0].startswith(("sig.", "key."))


def test_no_gpg(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none, nothing that it would have to say passes: from the start, or once it is gone."""
    signature = ring.sign(ring.mine)
    assert judged(ring, signature) == (ring.mine, "su-cai")
    monkeypatch.setattr(pgp, "_GPG", "/nonexistent/gpg")
    assert judged(ring, signature) == ("sig.unknown_key", "")
    people = [{"id": "su-cai", "pgp": [{"fingerprint": ring.mine, "key": "met nowhere else"}]}]
    with pytest.raises(Refusal) as refused:
        pgp_signer({"people": people}, {}, signature, PAYLOAD, AT, AT, commit="c" * 40)
    assert refused.value.finding.rule == "sig.backend_disabled"
    assert refused.value.finding.params == {"commit": "c" * 40, "person": "", "backend": "GPG"}


def company(gate: Gate, ring: Ring, setting: bytes, more: str) -> Commit:
    """Return a company with this in its permissions, whose su-cai has a key of OpenPGP; ``more`` is said of either."""
    block = "".join(f"          {line}\n" if line else "\n" for line in ring.blocks[ring.mine].splitlines())
    entry = f"  - id: su-cai\n    pgp:\n      - fingerprint: {ring.mine}\n        key: |\n{block}"
    entry += f"        {more}\n" if more.startswith(("retired_at", "active_from")) else ""
    entry += f"    {more}\n" if more.startswith("left_on") else ""
    lost = f"[{{fingerprint: {ring.mine}, {more}, reason: lost, on: 2024-05-25}}]" if more.startswith("since") else "[]"
    files = {
        **start(),
        "policy/people.yaml": Raw(render(People()).decode().replace("  - id: su-cai\n", entry).encode()),
        "policy/permissions.yaml": Raw(static()["policy/permissions.yaml"] + setting),
        "policy/revoked.yaml": Raw(f"schema: revoked/1\nrevoked: {lost}\n".encode()),
    }
    return gate.store.commit((), files, DAY - 3600, "gao-yuan")


def signed_by(gate: Gate, ring: Ring, key: str, before: Commit) -> Commit:
    """Return a change of a customer's credit, signed with OpenPGP."""
    plain = gate.store.commit((before,), {**before.files, CUSTOMER: Customer(limit=7)}, AT, "")
    raw = gate.store.objects[plain.id][1]
    armor = ring.sign(key, payload=raw).decode().rstrip("\n").replace("\n", "\n ")
    head, _, message = raw.decode().partition("\n\n")
    id = gate.store._add("commit", f"{head}\ngpgsig {armor}\n\n{message}".encode())
    return Commit(id, (before,), plain.files, AT)


@pytest.mark.parametrize(
    ("gpg", "left", "key", "codes"),
    [
        (True, "", "mine", set()),
        (True, "", "strange", {"sig.unknown_key"}),
        (True, "2024-05-24", "mine", {"person.left"}),
        (False, "", "mine", {"sig.backend_disabled"}),
        (None, "", "mine", {"sig.backend_disabled"}),
    ],
)
def test_s17_the_gate_asks_gpg_where_the_policy_says_so(
    gate: Gate, ring: Ring, gpg: bool | None, left: str, key: str, codes: set[str]
) -> None:
    setting = b"" if gpg is None else f"gpg: {str(gpg).lower()}\n".encode()
    base = company(gate, ring, setting, f"left_on: {left}" if left else "")
    assert gate.codes(base, signed_by(gate, ring, getattr(ring, key), base), AT) == codes
    ssh = gate.store.commit((base,), {**base.files, CUSTOMER: Customer(limit=7)}, AT, "su-cai")
    assert gate.codes(base, ssh, AT) == codes & {"person.left"}
    none = gate.store.commit((base,), {**base.files, CUSTOMER: Customer(limit=7)}, AT, "")
    assert gate.codes(base, none, AT) == {"sig.none"}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ("", set()),
        (f"retired_at: {instant(AT)}", {"key.expired"}),
        (f"retired_at: {instant(AT + 1)}", set()),
        (f"active_from: {instant(AT + 1)}", {"key.not_yet_valid"}),
        (f"since: {instant(AT)}", {"key.revoked"}),
        (f"since: {instant(AT + 1)}", set()),
    ],
)
def test_s10_s28_what_the_policy_says_of_a_key_counts_at_the_gate(
    gate: Gate, ring: Ring, change: str, codes: set[str]
) -> None:
    """In people.yaml, or on the list of revoked keys."""
    base = company(gate, ring, b"gpg: true\n", change)
    assert gate.codes(base, signed_by(gate, ring, ring.mine, base), AT) == codes
