"""A colleague's computer: a git that can sign, commits signed by themselves, and a key that the policy knows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from orderctl.codes.doctor import DOCTOR_GIT_VERSION, DOCTOR_KEY_MISSING, DOCTOR_KEY_UNKNOWN, DOCTOR_SIGNING
from orderctl.doctor import Context
from orderctl.load import load
from orderctl.model import Finding
from orderctl.trust.server import MANIFEST, user_setting

OLDEST = (2, 34)
_PEOPLE = "policy/people.yaml"


def check(context: Context) -> Iterator[Finding]:
    """Yield what would make the gate refuse this person's commits."""
    if context.server or context.workspace.root is None:
        return
    yield from too_old(context.git.run("version").decode(errors="replace"))
    if context.tree.read(MANIFEST) is None:
        return  # nothing is signed in this workspace
    root = context.workspace.root
    for name, type, wanted in (("commit.gpgSign", "bool", "true"), ("gpg.format", "", "ssh")):
        value = user_setting(root, name, type)
        if value != wanted:
            yield DOCTOR_SIGNING.at("", commit="", person="", name=name, value=value or "—", wanted=wanted)
    yield from _key(context, root)


def too_old(told: str) -> Iterator[Finding]:
    """Yield if ``git version`` tells of a git that can't sign with SSH keys."""
    version = tuple(int(n) for n in re.findall(r"\d+", told)[:2])
    if version < OLDEST:
        yield DOCTOR_GIT_VERSION.at("", commit="", person="", version=told.strip(), wanted="2.34")


def _key(context: Context, root: Path) -> Iterator[Finding]:
    setting = user_setting(root, "user.signingKey")
    blob = _public(setting)
    if not blob:
        yield DOCTOR_KEY_MISSING.at("", commit="", person="", key=setting or "—")
        return
    data = load(_PEOPLE, context.tree.read(_PEOPLE) or b"")[0] or {}
    people = data.get("people")
    rows = [p for p in people if isinstance(p, dict)] if isinstance(people, list) else []
    known = [str(k.get("key", "")) for p in rows for k in (p.get("keys") or ()) if isinstance(k, dict)]
    if not any(blob in text.split() for text in known):
        yield DOCTOR_KEY_UNKNOWN.at("", commit="", person="", fingerprint=fingerprint(blob))


def _public(setting: str) -> str:
    """Return the Base64 part of the public key that git signs with, or ""."""
    text = setting.removeprefix("key::")
    if not text.startswith(("ssh-", "ecdsa-", "sk-")):
        path = Path(os.path.expanduser(setting)) if setting else None
        named = [p for p in (path and path.with_name(path.name + ".pub"), path) if p and p.is_file()]
        text = named[0].read_text(encoding="utf-8", errors="replace") if named else ""
    found = re.search(r"\b(?:ssh-|ecdsa-|sk-)\S+ (AAAA[A-Za-z0-9+/=]+)", text)
    return found[1] if found else ""


def fingerprint(blob: str) -> str:
    """Return a key's fingerprint as ``ssh-keygen -l`` prints it."""
    import base64
    from hashlib import sha256

    digest = sha256(base64.b64decode(blob + "=" * (-len(blob) % 4))).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
