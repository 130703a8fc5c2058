"""The policy of one tree: read, checked, and asked who somebody is and what they may. Deny by default.

``load_policy`` is all or nothing: a policy that is wrong anywhere raises, so that nobody is judged by half of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderctl.model import Finding, freeze
from orderctl.schema import Kind, load_kinds
from orderctl.trust.keys import Key, Ring
from orderctl.trust.manifest import file_faults, manifest, version_faults
from orderctl.trust.people import keys_of, moment, people_faults, revoked_since
from orderctl.trust.policy_files import (
    CONFIG,
    FILES,
    FLOWS,
    MANIFEST,
    PEOPLE,
    PERMISSIONS,
    REVOKED,
    Read,
    is_trusted,
    read_documents,
    wrong,
)
from orderctl.trust.soundness import flow_faults, permission_faults, seat_faults
from orderctl.validate import Validator

__all__ = [
    "FILES",
    "MANIFEST",
    "Person",
    "Policy",
    "PolicyError",
    "Read",
    "is_trusted",
    "load_policy",
    "manifest",
    "policy_change",
    "policy_faults",
]


_ANY_VERSION = 10**9


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the policy knows. ``left_on``: the last working day, "" while employed."""

    id: str
    name: str
    name_en: str
    roles: frozenset[str]
    keys: tuple[Key, ...]
    forge: frozenset[tuple[str, int]]
    left_on: str


class PolicyError(Exception):
    """A policy that can't be used; ``findings`` say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=Finding.sort_key))
        super().__init__(", ".join(sorted({f.rule for f in self.findings})))


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that loads. ``digest``: SHA-256 of the manifest's bytes; ``zone``: the company's time zone."""

    version: int
    digest: str
    zone: str
    people: Mapping[str, Person]
    ring: Ring
    flows: Mapping[str, Any]
    """The document ``policy/flows.yaml``; so the other two."""
    people_data: Mapping[str, Any]
    permissions: Mapping[str, Any]
    repository: str
    revoked: Mapping[str, int] = field(default_factory=dict)
    """Fingerprint → since when it counts no more, seconds since 1970; 0: it never did."""
    issued: int = 0
    """When, in seconds since 1970."""

    def active(self, person: str, at: int) -> bool:
        """Tell whether somebody is known and hasn't left at ``at``: the last day counts to its end, company time."""
        found = self.people.get(person)
        if found is None:
            return False
        if not found.left_on:
            return True
        following = date.fromisoformat(found.left_on) + timedelta(days=1)
        return at < int(datetime.combine(following, time.min, ZoneInfo(self.zone)).timestamp())

    def roles(self, person: str, at: int) -> frozenset[str]:
        """Return the roles that somebody has at ``at``: none after they left."""
        return self.people[person].roles if self.active(person, at) else frozenset()

    def by_forge(self, host: str, user: int) -> str | None:
        """Return the person behind a numeric user id of a forge, whether or not they have left."""
        account = (host.casefold(), user)
        return next((p.id for p in self.people.values() if account in p.forge), None)


def load_policy(read: Read, kinds: Mapping[str, Kind], validator: Validator | None = None) -> Policy:
    """Return the policy whose files ``read`` gives (path → mode and bytes). Raises PolicyError, and nothing else."""
    return _load(read, kinds, validator)[0]


def _load(
    read: Read, kinds: Mapping[str, Kind], validator: Validator | None = None
) -> tuple[Policy, Mapping[str, Any]]:
    """Return a policy and its documents by path."""
    documents, findings = read_documents(read, validator or Validator(kinds))
    if findings:
        raise PolicyError(findings)
    config, people, flows, listed = (documents[path] for path in (CONFIG, PEOPLE, FLOWS, MANIFEST))
    zone = str(config.get("time_zone", "Asia/Shanghai"))
    revoked = revoked_since(documents[REVOKED])
    keys, _ = keys_of(people["people"], revoked)
    if findings := [*_config_faults(zone), *policy_faults(documents, kinds)]:
        raise PolicyError(findings)
    got = read(MANIFEST)
    policy = Policy(
        version=listed["version"],
        digest=sha256(got[1] if got else b"").hexdigest(),
        zone=zone,
        people={p["id"]: _person(p, keys) for p in people["people"]},
        ring=Ring(keys),
        flows=freeze(flows),
        people_data=freeze(people),
        permissions=freeze(documents[PERMISSIONS]),
        repository=str(config["repository"]),
        revoked=revoked,
        issued=moment(listed["issued"]),
    )
    return policy, documents


def policy_faults(documents: Mapping[str, Any], kinds: Mapping[str, Kind]) -> list[Finding]:
    """Return what is wrong with the sound documents of a policy taken together, as far as they are there.

    ``documents``: path → value. Whether every seat can be filled is asked only of a policy that has its manifest:
    without one nobody approves by signature yet.
    """
    people, flows, listed = (documents.get(path) for path in (PEOPLE, FLOWS, MANIFEST))
    keys: list[Key] = []
    findings: list[Finding] = []
    if people is not None:
        keys, findings = keys_of(people["people"], revoked_since(documents.get(REVOKED, {"revoked": ()})))
    if flows is not None:
        findings += flow_faults(flows, kinds, listed["version"] if listed else _ANY_VERSION)
    if people is not None and flows is not None:
        findings += people_faults(people, [flow["id"] for flow in flows["flows"]])
    if PERMISSIONS in documents:
        findings += permission_faults(documents[PERMISSIONS], kinds)
    if people is not None and flows is not None and listed is not None and not findings:
        zone = _zone(str(documents.get(CONFIG, {}).get("time_zone", "Asia/Shanghai"))) or UTC
        issued = moment(listed["issued"])
        findings += seat_faults(flows, people, keys, issued, datetime.fromtimestamp(issued, zone).date().isoformat())
    return findings


def policy_change(
    old: Policy, read_old: Read, read_new: Read, paths: Iterable[str], kinds: Mapping[str, Kind]
) -> tuple[Policy | None, list[Finding]]:
    """Return the policy that a change leads to, None if it can't be used, and what is wrong with the change.

    ``paths``: every trusted file of the new tree. The new policy has to load with the schemas that the change brings,
    since those are what it will be read with.
    """
    trusted = {path for path in paths if is_trusted(path)}
    new_kinds, findings = _new_kinds(read_new, trusted, kinds)
    before = read_old(MANIFEST)
    try:
        new, documents = _load(read_new, new_kinds)
    except PolicyError as error:
        return None, [*findings, *error.findings]
    listed = documents[MANIFEST]
    findings += version_faults(listed, old.version, before[1] if before else b"", old.issued)
    findings += file_faults(listed, {path: got[1] if (got := read_new(path)) else None for path in trusted})
    if new.repository != old.repository:
        findings.append(
            wrong(
                CONFIG,
                "/repository",
                "仓库标识变了，所有审批意见都会失效",
                "the repository has another id, which voids every statement",
                f"改回 {old.repository}",
                f"write {old.repository} again",
            )
        )
    if documents[CONFIG].get("sample") is True:
        findings.append(
            wrong(
                CONFIG,
                "/sample",
                "改为示例工作区后，门禁会拒绝一切改动",
                "a sample workspace is refused by the gate, so that nothing could change it back",
                "删去 sample 这一行",
                "take the line sample out",
            )
        )
    return new, findings


def _new_kinds(read: Read, paths: Iterable[str], kinds: Mapping[str, Kind]) -> tuple[Mapping[str, Kind], list[Finding]]:
    """Return the kinds as a new tree's own schemas make them, and what is wrong with those schemas."""
    from orderctl.resources import builtin

    own = {p: got[1] for p in paths if p.startswith("schemas/") and p.endswith(".json") and (got := read(p))}
    if not own and not any(kind.own for kind in kinds.values()):
        return kinds, []
    shipped = {p.name: p.read_bytes() for p in sorted(builtin("schemas").glob("*.schema.json"))}
    found, problems = load_kinds(shipped, {p.partition("/")[2]: data for p, data in own.items()})
    return found, list(problems)


def _config_faults(zone: str) -> list[Finding]:
    if _zone(zone) is not None:
        return []
    return [
        wrong(
            CONFIG,
            "/time_zone",
            f"没有时区 {zone}",
            f"there is no time zone {zone}",
            "写成 Asia/Shanghai 这样",
            "write it like Asia/Shanghai",
        )
    ]


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _person(entry: Mapping[str, Any], keys: Iterable[Key]) -> Person:
    return Person(
        entry["id"],
        entry["name"],
        entry.get("name_en", entry["name"]),
        frozenset(entry["roles"]),
        tuple(key for key in keys if key.person == entry["id"]),
        frozenset((account["host"].casefold(), account["id"]) for account in entry.get("forge", ())),
        entry.get("left_on", ""),
    )
