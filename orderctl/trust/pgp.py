"""OpenPGP signatures of commits, where the policy switches them on: gpg says what is signed, the policy says by whom.

gpg runs in a folder of its own that holds the policy's keys and nothing else, at the trusted time. Only a good
signature by a key whose primary fingerprint the policy names passes; then the key's life is judged like any other's.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from orderctl.codes.signature import KEY_EXPIRED, KEY_REVOKED, SIG_BACKEND_DISABLED, SIG_BAD, SIG_UNKNOWN_KEY
from orderctl.places import private_folder
from orderctl.trust.keys import COMMITS, Key, judge_life
from orderctl.trust.people import instant
from orderctl.trust.refusal import Refusal

BEGIN = b"-----BEGIN PGP SIGNATURE-----"
_GPG = "/usr/bin/gpg"
_SECONDS = 20


def pgp_signer(
    people: Mapping[str, Any],
    revoked: Mapping[str, int],
    armor: bytes,
    payload: bytes,
    at: int,
    observed: int,
    *,
    commit: str = "",
) -> Key:
    """Return the key of the person who signed ``payload``. ``people``: policy/people.yaml; ``revoked``: fingerprint, of
    a key or a subkey → since when; times in seconds since 1970.

    Raises Refusal ``sig.bad``, ``sig.unknown_key``, ``sig.backend_disabled`` (there is no gpg) or ``key.…``.
    """
    entries = dict(_entries(people))
    home = _home(tuple(sorted(str(entry["key"]) for _, entry in entries.values())))
    if home is None:
        raise Refusal(SIG_BACKEND_DISABLED.at("", commit=commit, person="", backend="GPG"))
    status = _status(home, armor, payload, observed)
    subkey, primary = next(((words[1], words[-1]) for words in status if words[0] == "VALIDSIG"), ("", ""))
    found = entries.get(primary)
    said = {words[0] for words in status}
    person = found[0] if found else ""
    if said & {"REVKEYSIG", "KEYREVOKED"}:
        raise Refusal(KEY_REVOKED.at("", commit=commit, person=person, fingerprint=primary, who=person, since="-"))
    if said & {"EXPKEYSIG", "EXPSIG", "KEYEXPIRED"}:
        raise Refusal(KEY_EXPIRED.at("", commit=commit, person=person, fingerprint=primary, who=person, since="-"))
    if "BADSIG" in said:
        raise Refusal(SIG_BAD.at("", commit=commit, person=""))
    if found is None or "GOODSIG" not in said:
        unknown = primary or next((words[1] for words in status if words[0] in ("ERRSIG", "NO_PUBKEY")), "-")
        raise Refusal(SIG_UNKNOWN_KEY.at("", commit=commit, person="", fingerprint=unknown))
    ended = min((revoked[print] for print in (subkey, primary) if print in revoked), default=None)
    key = _key(primary, *found, ended)
    try:
        judge_life(key, COMMITS, at, observed)
    except Refusal as refusal:
        raise Refusal(replace(refusal.finding, params={**refusal.finding.params, "commit": commit})) from None
    return key


def _entries(people: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    for person in people["people"]:
        for entry in person.get("pgp", ()):
            yield str(entry["fingerprint"]), (str(person["id"]), entry)


def _key(fingerprint: str, person: str, entry: Mapping[str, Any], revoked: int | None) -> Key:
    return Key(
        person,
        b"",
        "pgp",
        fingerprint,
        frozenset({COMMITS}),
        instant(entry.get("active_from")),
        instant(entry.get("retired_at")),
        instant(entry.get("compromised_since")),
        revoked,
    )


@lru_cache(maxsize=4)
def _home(keys: tuple[str, ...]) -> Path | None:
    """Return a folder for gpg with exactly these public keys, or None if there is no gpg."""
    home = private_folder()
    try:
        _gpg(home, ["--import"], "\n".join(keys).encode())
    except (OSError, subprocess.TimeoutExpired):
        return None
    return home


def _status(home: Path, armor: bytes, payload: bytes, observed: int) -> list[list[str]]:
    """Return gpg's status lines, each as words; none if it couldn't tell."""
    signature = home / "signature"
    signature.write_bytes(armor)
    when = f"--faked-system-time={max(observed, 0)}!"
    try:
        done = _gpg(home, [when, "--status-fd=1", "--verify", str(signature), "-"], payload)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = done.stdout.decode(errors="replace").splitlines()
    return [line.split(" ")[1:] for line in lines if line.startswith("[GNUPG:] ")]


def _gpg(home: Path, args: list[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    fixed = [
        "--homedir",
        str(home),
        "--batch",
        "--no-tty",
        "--no-options",
        "--no-auto-key-locate",
        "--trust-model=always",
    ]
    return subprocess.run(
        [_GPG, *fixed, *args],
        input=stdin,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"},
        timeout=_SECONDS,
        check=False,
    )
