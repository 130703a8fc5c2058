"""Signatures in, the person's key out: whose it is, and whether it held. Keys live: active, retired, revoked."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from orderctl.codes.signature import (
    KEY_COMPROMISED,
    KEY_EXPIRED,
    KEY_MALFORMED,
    KEY_NAMESPACE,
    KEY_NOT_YET_VALID,
    KEY_REVOKED,
    SIG_BACKEND_DISABLED,
    SIG_MALFORMED,
    SIG_NONE,
    SIG_UNKNOWN_KEY,
)
from orderctl.rule import Code
from orderctl.trust.publickey import fingerprint, read_key
from orderctl.trust.refusal import Refusal
from orderctl.trust.sshsig import BEGIN, verify

COMMITS = "git"
"""The namespace of commit signatures."""
APPROVALS = "orderctl-approval@v1"
"""The namespace of statements and submissions."""
_LINE = re.compile(r"([a-z0-9@.-]{1,60}) ([A-Za-z0-9+/]{1,8000}={0,2})(?: [^\x00-\x1f\x7f]*)?")
_OTHERS = {
    b"-----BEGIN PGP SIGNATURE-----": "GPG",
    b"-----BEGIN PGP MESSAGE-----": "GPG",
    b"-----BEGIN SIGNED MESSAGE-----": "X.509",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key. Times are seconds since 1970; ``revoked_since`` 0 is from the beginning."""

    person: str
    blob: bytes
    algorithm: str
    fingerprint: str
    namespaces: frozenset[str]
    active_from: int | None
    retired_at: int | None
    compromised_since: int | None
    revoked_since: int | None


class Ring:
    """The keys of everybody, by fingerprint. A key that is listed twice belongs to nobody."""

    def __init__(self, keys: Iterable[Key]) -> None:
        listed = list(keys)
        counts = Counter(key.fingerprint for key in listed)
        self._keys = {key.fingerprint: key for key in listed if counts[key.fingerprint] == 1}

    def get(self, fingerprint: str) -> Key | None:
        """Return the key of this fingerprint, or None."""
        return self._keys.get(fingerprint)


def parse_public(text: str) -> tuple[str, bytes, str]:
    """Return algorithm, blob and fingerprint of one line of a ``.pub`` file. Raises ``key.weak``, ``key.malformed``."""
    found = _LINE.fullmatch(text.strip(" \n"))
    try:
        blob = binascii.a2b_base64(found[2], strict_mode=True) if found else b""
    except binascii.Error:
        blob = b""
    if found is None or base64.b64encode(blob).decode() != found[2]:
        raise Refusal(KEY_MALFORMED.at("", commit="", person="", what="line"))
    key = read_key(blob)
    if key.algorithm != found[1]:
        raise Refusal(KEY_MALFORMED.at("", commit="", person="", what="label"))
    return key.algorithm, blob, fingerprint(blob)


def signer(
    ring: Ring,
    armor: bytes | None,
    payload: bytes,
    namespace: str,
    at: int,
    observed: int,
    *,
    path: str = "",
    commit: str = "",
) -> Key:
    """Return the key that signed ``payload``, if it held both ``at`` the time claimed and when it was ``observed``.

    Raises Refusal ``sig.…`` or ``key.…``, of the file ``path`` or the ``commit``.
    """
    try:
        key = _known(ring, _verified(armor, payload, namespace))
        judge_life(key, namespace, at, observed)
    except Refusal as refusal:
        finding = refusal.finding
        raise Refusal(replace(finding, path=path, params={**finding.params, "commit": commit})) from None
    return key


def judge_life(key: Key, namespace: str, at: int, observed: int) -> None:
    """Refuse a key that wasn't meant for this, or didn't hold at one of the two times. Raises ``key.…``."""
    first, last = min(at, observed), max(at, observed)
    if namespace not in key.namespaces:
        raise _unfit(KEY_NAMESPACE, key, namespace=namespace)
    if key.revoked_since is not None and last >= key.revoked_since:
        raise _unfit(KEY_REVOKED, key, since=_instant(key.revoked_since))
    if key.compromised_since is not None and last >= key.compromised_since:
        raise _unfit(KEY_COMPROMISED, key, since=_instant(key.compromised_since))
    if key.active_from is not None and first < key.active_from:
        raise _unfit(KEY_NOT_YET_VALID, key, since=_instant(key.active_from))
    if key.retired_at is not None and last >= key.retired_at:
        raise _unfit(KEY_EXPIRED, key, since=_instant(key.retired_at))


def _verified(armor: bytes | None, payload: bytes, namespace: str) -> str:
    """Return the fingerprint of the key that signed ``payload``. Raises ``sig.…``, ``key.weak``."""
    if armor is None:
        raise Refusal(SIG_NONE.at("", commit="", person=""))
    backend = next((name for begin, name in _OTHERS.items() if armor.startswith(begin)), "")
    if backend:
        raise Refusal(SIG_BACKEND_DISABLED.at("", commit="", person="", backend=backend))
    if not armor.startswith(BEGIN):
        raise Refusal(SIG_MALFORMED.at("", commit="", person=""))
    return verify(armor, payload, namespace)


def _known(ring: Ring, fingerprint: str) -> Key:
    key = ring.get(fingerprint)
    if key is None:
        raise Refusal(SIG_UNKNOWN_KEY.at("", commit="", person="", fingerprint=fingerprint))
    return key


def _unfit(code: Code, key: Key, **params: str) -> Refusal:
    finding = code.at("")
    return Refusal(
        replace(finding, params={"commit": "", "person": key.person, "fingerprint": key.fingerprint, **params})
    )


def _instant(seconds: int) -> str:
    """Return seconds since 1970 as RFC 3339 text in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
