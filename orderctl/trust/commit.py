"""A commit object's bytes in, its parts out, by a grammar so strict that no two tools can read it differently."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orderctl.codes.commit import COMMIT_MALFORMED, LIMIT_COMMIT
from orderctl.trust.refusal import Refusal

HEADER_LIMIT = 64 * 1024
"""Bytes of the headers, signature included."""
MESSAGE_LIMIT = 64 * 1024
"""Bytes of the message."""
PARENTS_LIMIT = 2

_LINE = re.compile(rb"(tree|parent|author|committer|gpgsig) ([^\n]*)\n")
_ID = re.compile(rb"[0-9a-f]{40}")
_IDENT = re.compile(rb"([^<>\x00-\x1f\x7f]*) <([^<>\x00-\x1f\x7f ]*)> ([1-9][0-9]{0,11}) ([+-])([0-9]{2})([0-9]{2})")
_LATEST = 10**11
_ORDER = re.compile(r"tree (?:parent )*author committer (?:gpgsig )?")


@dataclass(frozen=True, slots=True)
class Ident:
    """Who, as the commit claims (for display only), and when: seconds since 1970."""

    name: str
    email: str
    at: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. ``armor`` is its signature (None: unsigned), ``payload`` the bytes that were signed."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Ident
    committer: Ident
    message: str
    armor: bytes | None
    payload: bytes


def parse_commit(id: str, raw: bytes) -> Commit:
    """Return the commit; raise Refusal ``commit.malformed`` or ``limit.commit``.

    A ``gpgsig`` that is no signature at all is kept: whoever verifies it refuses it.
    """
    end = raw.find(b"\n\n") + 1
    if not 0 < end <= HEADER_LIMIT:
        if end or len(raw) > HEADER_LIMIT:
            raise _too_large(id, "header", end or len(raw), HEADER_LIMIT)
        raise _malformed(id, "no message")
    if len(raw) - end - 1 > MESSAGE_LIMIT:
        raise _too_large(id, "message", len(raw) - end - 1, MESSAGE_LIMIT)
    if b"\0" in raw or b"\r" in raw[:end]:
        raise _malformed(id, "NUL" if b"\0" in raw else "CR")
    names, values, armor, payload = _headers(id, raw, end)
    if not _ORDER.fullmatch("".join(name + " " for name in names)):
        raise _malformed(id, "headers")
    ids = [value for name, value in zip(names, values, strict=True) if name in {"tree", "parent"}]
    if not all(_ID.fullmatch(value) for value in ids):
        raise _malformed(id, "object id")
    tree, *parents = (value.decode() for value in ids)
    if len(parents) > PARENTS_LIMIT or len(set(parents)) < len(parents):
        raise _malformed(id, "parents")
    idents = [value for name, value in zip(names, values, strict=True) if name in {"author", "committer"}]
    return Commit(
        id=id,
        tree=tree,
        parents=tuple(parents),
        author=_ident(id, "author", idents[0]),
        committer=_ident(id, "committer", idents[1]),
        message=_text(id, "message", raw[end + 1 :]),
        armor=armor,
        payload=payload,
    )


def _headers(id: str, raw: bytes, end: int) -> tuple[list[str], list[bytes], bytes | None, bytes]:
    """Return the headers' names and values, the unfolded signature and the bytes without it."""
    names: list[str] = []
    values: list[bytes] = []
    armor: bytes | None = None
    payload = raw
    at = 0
    while at < end:
        line = _LINE.match(raw, at, end)
        if line is None:
            raise _malformed(id, "headers")
        names.append(line[1].decode())
        values.append(line[2])
        stop = line.end()
        if line[1] == b"gpgsig":
            while raw[stop : stop + 1] == b" ":  # continuation lines
                stop = raw.index(b"\n", stop) + 1
            armor = raw[at + len(b"gpgsig ") : stop].replace(b"\n ", b"\n")
            payload = raw[:at] + raw[stop:]
        at = stop
    return names, values, armor, payload


def _ident(id: str, role: str, value: bytes) -> Ident:
    found = _IDENT.fullmatch(value)
    if found is None:
        raise _malformed(id, role)
    name, email, at, _, hours, minutes = found.groups()
    if int(at) > _LATEST or int(hours) * 60 + int(minutes) > 14 * 60 or int(minutes) > 59:
        raise _malformed(id, f"{role} date")
    return Ident(_text(id, role, name), _text(id, role, email), int(at))


def _text(id: str, what: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise _malformed(id, f"{what}: UTF-8") from None


def _malformed(id: str, what: str) -> Refusal:
    return Refusal(COMMIT_MALFORMED.at("", commit=id, person="", what=what))


def _too_large(id: str, what: str, size: int, limit: int) -> Refusal:
    return Refusal(LIMIT_COMMIT.at("", commit=id, person="", what=what, size=size, limit=limit))
