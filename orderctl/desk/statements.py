"""What is decided, by whom and on what: values in; the bytes of the statement that gets signed out."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from orderctl.compose import document
from orderctl.digest import immaterial_pointers, value_digest

if TYPE_CHECKING:
    from orderctl.schema import Kind
    from orderctl.trust.policy import Policy
    from orderctl.trust.subject import Subject

DAYS = 30
"""An approval counts for so many days; a rejection and a withdrawal stand."""
Looked = tuple[str, str, Any]
"""What a stage looks at: path of the document, pointer in it, the value there."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's decision at one stage. ``for_`` is whom they stand in for; ``withdraws`` names a statement."""

    decision: str
    stage: str
    opinion: str
    person: str
    for_: str = ""
    reason: str = ""
    withdraws: str = ""


def instant(seconds: int, zone: str) -> str:
    """Return seconds since 1970 as RFC 3339 with the company's offset."""
    return datetime.fromtimestamp(seconds, ZoneInfo(zone)).isoformat(timespec="seconds")


def statement(
    subject: Subject, said: Decision, looked: Iterable[Looked], policy: Policy, kinds: Mapping[str, Kind], now: int
) -> bytes:
    """Return the statement as it is written, its keys in the schema's order. ``now`` is in seconds since 1970."""
    immaterial = [] if subject.bytes_digest else immaterial_pointers(kinds[subject.document.kind].schema)
    data: dict[str, Any] = {
        "schema": "approval/1",
        "repository": policy.repository,
        "subject": subject.document.kind,
        "number": subject.number,
        "path": subject.path,
        "revision": subject.revision,
        "digest": subject.digest(immaterial),
        "immaterial": immaterial,
        "stage": said.stage,
        "decision": said.decision,
        "opinion": said.opinion,
        "person": said.person,
        "for": said.for_,
        "reason": said.reason,
        "withdraws": said.withdraws,
        "issued": instant(now, policy.zone),
        "expires": instant(now + DAYS * 86400, policy.zone) if said.decision == "approve" else "",
        "policy": {"version": policy.version, "digest": policy.digest},
        "context": [{"path": path, "pointer": at, "digest": value_digest(value)} for path, at, value in looked],
        "nonce": secrets.token_hex(16),
    }
    return written(data, kinds["approval"], keep=("immaterial",))


def written(data: Mapping[str, Any], kind: Kind, keep: Collection[str] = ()) -> bytes:
    """Return a document's bytes: keys in the order of the schema, of what is empty only the keys to ``keep``."""
    full = {name for name, value in data.items() if value not in (None, "", [], {}) or name in keep}
    kept = {name: data[name] for name in kind.schema["properties"] if name in full}
    return document(kept).encode(errors="surrogateescape")  # what is no text is refused when it is read


def free_path(folder: str, stem: str, person: str, taken: Collection[str]) -> str:
    """Return where a person's next statement goes: ``<stem>.<person>.yaml``, then ``<stem>.<person>.2.yaml`` …"""
    count = 1
    while True:
        number = f".{count}" if count > 1 else ""
        path = f"{folder}/{stem}.{person}{number}.yaml"
        if path not in taken:
            return path
        count += 1


def digest_of(data: bytes) -> str:
    """Return what a withdrawal names a statement by: the SHA-256 of its bytes."""
    return sha256(data).hexdigest()
