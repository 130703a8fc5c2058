"""The people of a policy: their keys, accounts and deputies, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from orderctl.codes import policy as codes
from orderctl.model import Finding
from orderctl.trust.keys import APPROVALS, COMMITS, Key, parse_public
from orderctl.trust.policy_files import PEOPLE, wrong
from orderctl.trust.refusal import Refusal

SERVICE = "service"


def moment(text: str) -> int:
    """Return an instant (RFC 3339) as seconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp())


def instant(text: str | None) -> int | None:
    """Return an instant that may be left out; None: it is."""
    return None if text is None else moment(text)


def revoked_since(data: Mapping[str, Any]) -> dict[str, int]:
    """Return since when each revoked fingerprint counts no more; 0: it never did."""
    found: dict[str, int] = {}
    for entry in data["revoked"]:
        since = instant(entry.get("since")) or 0
        found[entry["fingerprint"]] = min(since, found.get(entry["fingerprint"], since))
    return found


def keys_of(people: Sequence[Mapping[str, Any]], revoked: Mapping[str, int]) -> tuple[list[Key], list[Finding]]:
    """Return everybody's SSH keys, and what is wrong with those that can't be used."""
    keys: list[Key] = []
    findings: list[Finding] = []
    owners: dict[bytes, str] = {}
    for n, person in enumerate(people):
        for m, entry in enumerate(person.get("keys", ())):
            at = f"/people/{n}/keys/{m}"
            try:
                algorithm, blob, fingerprint = parse_public(entry["key"])
            except Refusal as refusal:
                params = {**refusal.finding.params, "commit": "", "person": person["id"]}
                findings.append(replace(refusal.finding, path=PEOPLE, pointer=f"{at}/key", params=params))
                continue
            if blob in owners:
                findings.append(_duplicate(f"{at}/key", owners[blob], person["id"]))
                continue
            owners[blob] = person["id"]
            keys.append(
                Key(
                    person["id"],
                    blob,
                    algorithm,
                    fingerprint,
                    frozenset(entry.get("namespaces", (COMMITS, APPROVALS))),
                    instant(entry.get("active_from")),
                    instant(entry.get("retired_at")),
                    instant(entry.get("compromised_since")),
                    revoked.get(fingerprint),
                )
            )
    return keys, findings + list(_pgp_twice(people))


def people_faults(data: Mapping[str, Any], flows: Sequence[str]) -> Iterator[Finding]:
    """Yield what is wrong with persons, accounts and deputies. ``flows``: the ids of the flows."""
    people = data["people"]
    ids: set[str] = set()
    accounts: dict[tuple[str, int], str] = {}
    for n, person in enumerate(people):
        at, id = f"/people/{n}", person["id"]
        if id in ids:
            yield wrong(
                PEOPLE,
                f"{at}/id",
                f"人员编号 {id} 写了两次",
                f"the id {id} is there twice",
                "换一个未用过的编号；离职者的编号也不能再用",
                "choose an id that nobody had before, leavers included",
            )
        ids.add(id)
        if SERVICE in person["roles"] and len(person["roles"]) > 1:
            yield wrong(
                PEOPLE,
                f"{at}/roles",
                f"{id} 是系统服务，却另有其他角色",
                f"{id} is a service and has other roles beside it",
                "系统服务只写 roles: [service]；人另列一行",
                "write roles: [service] alone, and people as persons of their own",
            )
        for m, entry in enumerate([*person.get("keys", ()), *person.get("pgp", ())]):
            start, end = instant(entry.get("active_from")), instant(entry.get("retired_at"))
            if start is not None and end is not None and end <= start:
                place = f"keys/{m}" if m < len(person.get("keys", ())) else f"pgp/{m - len(person.get('keys', ()))}"
                yield wrong(
                    PEOPLE,
                    f"{at}/{place}/retired_at",
                    "密钥的停用时间不晚于启用时间",
                    "a key is retired before it is active",
                    "改正时间，或删去这把从未用过的密钥",
                    "set the times right, or take out a key that was never in use",
                )
        for m, account in enumerate(person.get("forge", ())):
            known = (account["host"].casefold(), account["id"])
            if known in accounts:
                yield wrong(
                    PEOPLE,
                    f"{at}/forge/{m}/id",
                    f"{account['host']} 的用户 {account['id']} 已登记在 {accounts[known]} 名下",
                    f"user {account['id']} of {account['host']} is {accounts[known]} already",
                    "一个账号只登记给一个人",
                    "enter an account for one person only",
                )
            accounts[known] = id
    yield from _deputies(data.get("deputies", ()), {p["id"]: p for p in people}, flows)


def _deputies(
    entries: Sequence[Mapping[str, Any]], people: Mapping[str, Mapping[str, Any]], flows: Sequence[str]
) -> Iterator[Finding]:
    for n, entry in enumerate(entries):
        at = f"/deputies/{n}"
        for word in ("for", "deputy"):
            if entry[word] not in people:
                yield wrong(
                    PEOPLE,
                    f"{at}/{word}",
                    f"没有 {entry[word]} 这个人",
                    f"nobody is called {entry[word]}",
                    "写人员名单中的编号",
                    "write an id of the list of people",
                )
        if entry["for"] == entry["deputy"]:
            yield wrong(
                PEOPLE,
                f"{at}/deputy",
                f"{entry['for']} 代理自己",
                f"{entry['for']} stands in for themselves",
                "写另一个人的编号",
                "name somebody else",
            )
        if _span(entry)[0] >= _span(entry)[1]:
            yield wrong(
                PEOPLE,
                f"{at}/until",
                "代理的结束时间不晚于开始时间",
                "a deputy's time ends before it starts",
                "改正时间",
                "set the times right",
            )
        away = people.get(entry["for"], {}).get("roles", entry["roles"])
        if lacking := [role for role in entry["roles"] if role not in away or role == SERVICE]:
            yield wrong(
                PEOPLE,
                f"{at}/roles",
                f"{entry['for']} 没有可代理的角色 {lacking[0]}",
                f"{entry['for']} has no role {lacking[0]} to hand over",
                "只写被代理人自己的角色",
                "name roles that the person who is away has",
            )
        if unknown := [flow for flow in entry.get("flows", ()) if flow not in flows]:
            yield wrong(
                PEOPLE,
                f"{at}/flows",
                f"没有流程 {unknown[0]}",
                f"there is no flow {unknown[0]}",
                "写 policy/flows.yaml 中的流程编号",
                "write ids of policy/flows.yaml",
            )
    yield from _circles(entries)


def _circles(entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield where somebody, over others and at one time, stands in for themselves; each circle of persons once.

    Spans that share any time share the instant at which the last of them begins. Standing in for oneself outright has
    a finding of its own.
    """
    spans = [(*_span(entry), n) for n, entry in enumerate(entries) if entry["for"] != entry["deputy"]]
    told: set[frozenset[str]] = set()
    for start in sorted({begin for begin, _, _ in spans}):
        there = [n for begin, end, n in spans if begin <= start < end]
        deputies: dict[str, list[str]] = {}
        for n in there:
            deputies.setdefault(entries[n]["for"], []).append(entries[n]["deputy"])
        try:
            TopologicalSorter(deputies).prepare()
        except CycleError as error:
            names: list[str] = list(reversed(error.args[1]))
            if frozenset(names) not in told:
                told.add(frozenset(names))
                steps = set(pairwise(names))
                first = next(n for n in there if (entries[n]["for"], entries[n]["deputy"]) in steps)
                yield codes.POLICY_CYCLIC.at(
                    PEOPLE,
                    f"/deputies/{first}/deputy",
                    what_zh="代理人",
                    what_en="deputies",
                    names=" → ".join(names),
                    commit="",
                    person="",
                )


def _span(entry: Mapping[str, Any]) -> tuple[int, int]:
    return moment(entry["from"]), moment(entry["until"])


def _pgp_twice(people: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for n, person in enumerate(people):
        for m, entry in enumerate(person.get("pgp", ())):
            if entry["fingerprint"] in owners:
                yield _duplicate(f"/people/{n}/pgp/{m}/fingerprint", owners[entry["fingerprint"]], person["id"])
            owners.setdefault(entry["fingerprint"], person["id"])


def _duplicate(pointer: str, other: str, person: str) -> Finding:
    return codes.KEY_DUPLICATE.at(PEOPLE, pointer, other=other, commit="", person=person)
