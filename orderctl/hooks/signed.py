"""What a push signs beside its commits: tags and the push certificate. Bytes in, the signer or a refusal out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderctl.codes.approval import PERSON_LEFT
from orderctl.codes.server import PUSH_CERTIFICATE, PUSH_NONCE, PUSH_UNSIGNED, TAG_NAME, TAG_UNSIGNED
from orderctl.hooks.push import Update
from orderctl.model import Finding
from orderctl.trust.refusal import Refusal

if TYPE_CHECKING:
    from orderctl.git import Git
    from orderctl.trust.keys import Key
    from orderctl.trust.policy import Policy

NAMESPACE = "git"
_BEGINS = re.compile(rb"^-----BEGIN (?:SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE)-----", re.MULTILINE)
_TAG = re.compile(
    rb"object [0-9a-f]{40}\ntype (?:commit|tree|blob|tag)\ntag ([^\n\0]+)\n"
    rb"tagger [^\n\0]* <[^<>\n\0]*> ([1-9][0-9]{0,11}) [+-][0-9]{4}\n\n"
)
_CERTIFICATE = re.compile(
    rb"certificate version 0\.1\npusher [^\n]* ([1-9][0-9]{0,11}) [+-][0-9]{4}\n(?:pushee [^\n]*\n)?"
    rb"nonce ([^\n]+)\n(?:push-option [^\n]*\n)*\n((?:[0-9a-f]{40,64} [0-9a-f]{40,64} [^\n]+\n)+)"
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, with which key."""

    person: str
    fingerprint: str


def judge_tag(git: Git, update: Update, policy: Policy, observed: int) -> Signer:
    """Return who signed a new tag. Raises Refusal for one that isn't annotated, signed and named as its ref."""
    raw = git.try_run("cat-file", "tag", update.new)
    head = _TAG.match(raw.stdout) if raw.returncode == 0 else None
    if head is None:
        raise Refusal(TAG_UNSIGNED.at("", commit="", person="", ref=update.ref))
    name = head[1].decode(errors="backslashreplace")
    if f"refs/tags/{name}" != update.ref:
        raise Refusal(TAG_NAME.at("", commit="", person="", ref=update.ref, name=name))
    payload, armor = split(raw.stdout)
    if armor is None:
        raise Refusal(TAG_UNSIGNED.at("", commit="", person="", ref=update.ref))
    return _signer(policy, armor, payload, int(head[2]), observed)


def judge_certificate(
    git: Git, variables: Mapping[str, str], updates: Sequence[Update], policy: Policy, observed: int
) -> Signer:
    """Return who signed the push. ``variables``: what git told the hook (GIT_PUSH_CERT…). Raises Refusal."""
    blob = variables.get("GIT_PUSH_CERT", "")
    if not re.fullmatch(r"[0-9a-f]{40}", blob) or not blob.strip("0"):
        raise Refusal(PUSH_UNSIGNED.at("", commit="", person=""))
    raw = git.try_run("cat-file", "blob", blob)
    payload, armor = split(raw.stdout)
    text = _CERTIFICATE.fullmatch(payload)
    if raw.returncode or text is None:
        raise _unfit("certificate")
    status = variables.get("GIT_PUSH_CERT_NONCE_STATUS", "MISSING")
    if status != "OK" or text[2].decode(errors="replace") != variables.get("GIT_PUSH_CERT_NONCE"):
        raise Refusal(PUSH_NONCE.at("", commit="", person="", status=status))
    rows = (line.split(" ", 2) for line in text[3].decode("utf-8", "surrogateescape").splitlines())
    if {Update(ref, old, new) for old, new, ref in rows} != set(updates):
        raise _unfit("refs")
    return _signer(policy, armor, payload, int(text[1]), observed)


def split(raw: bytes) -> tuple[bytes, bytes | None]:
    """Return what was signed and the signature (None: there is none): the last one in ``raw``, as git reads it."""
    starts = [found.start() for found in _BEGINS.finditer(raw)]
    return (raw[: starts[-1]], raw[starts[-1] :]) if starts else (raw, None)


def _signer(policy: Policy, armor: bytes | None, payload: bytes, at: int, observed: int) -> Signer:
    from orderctl.trust.keys import signer

    key: Key = signer(policy.ring, armor, payload, NAMESPACE, at, observed)
    if not policy.active(key.person, observed):
        raise Refusal(PERSON_LEFT.at("", commit="", person=key.person, who=key.person))
    return Signer(key.person, key.fingerprint)


def _unfit(what: str) -> Refusal:
    finding: Finding = PUSH_CERTIFICATE.at("", commit="", person="", what=what)
    return Refusal(finding)
