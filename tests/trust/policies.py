"""Small policies as text: people, flows, keys; and what the loader says of them."""

from __future__ import annotations

from datetime import datetime

from orderctl.model import Finding
from orderctl.trust.policy import (
    MANIFEST,
    Policy,
    PolicyError,
    load_policy,
    manifest,
)
from tests.schema.helper import kinds
from tests.trust.signing import ed25519_signer

KINDS, _ = kinds()
Files = dict[str, tuple[str, bytes]]
ISSUED = "2024-05-06T17:00:00+08:00"
LATER = "2024-05-06T17:00:01+08:00"
PERSON = "  - {{id: {id}, name: {id}, department: sales, roles: [{roles}]{more}}}\n"
FLOW = "  - {{id: {id}, subject: {subject}, stages: [{stages}]}}\n"
STAGE = "{{id: {id}, role: {role}, zh: 环节, en: Stage{more}}}"


def key(name: str) -> str:
    """Return a public key's line, always the same for a name."""
    return ed25519_signer(name.encode().ljust(32, b".")[:32]).public()


def person(id: str, roles: str, more: str = "", *, keyed: bool = True) -> str:
    keys = f', keys: [{{key: "{key(id)}"}}]' if keyed else ""
    return PERSON.format(id=id, roles=roles, more=keys + (f", {more}" if more else ""))


def stage(id: str, role: str, more: str = "") -> str:
    return STAGE.format(id=id, role=role, more=f", {more}" if more else "")


def flow(id: str, subject: str, *stages: str) -> str:
    return FLOW.format(id=id, subject=subject, stages=", ".join(stages))


ADMIN = flow("policy", "policy", stage("admin", "policy-admin"))
PEOPLE = person("ann", "sales, policy-admin") + person("bob", "finance") + person("cho", "production", keyed=False)
FLOWS = flow("standard", "order", stage("finance", "finance"), stage("production", "production")) + ADMIN


def policy(
    people: str = PEOPLE,
    flows: str = FLOWS,
    *,
    rights: str = "  - {roles: [sales], kinds: [order, evidence], do: [add]}\n",
    revoked: str = "revoked: []\n",
    more_people: str = "",
    more_flows: str = "",
    issued: str = ISSUED,
) -> Files:
    """Return the files of a policy."""
    texts = {
        "orderctl.yaml": "schema: workspace/1\nrepository: 5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a10\ncompany: {name: A}\n"
        "currency: CNY\nlanguages: [zh, en]\ntime_zone: Asia/Shanghai\nworking_hours: [9:00-12:00]\n"
        "numbers: {order: 'OD{yyyy}{mm}{seq:4}'}\n",
        "policy/people.yaml": f"schema: people/1\npeople:\n{people}{more_people}",
        "policy/flows.yaml": f"schema: flows/1\n{more_flows}flows:\n{flows}",
        "policy/permissions.yaml": f"schema: permissions/1\nrights:\n{rights}",
        "policy/revoked.yaml": f"schema: revoked/1\n{revoked}",
    }
    data = {path: text.encode() for path, text in texts.items()}
    data[MANIFEST] = manifest(data, None, "ann", "start", issued)
    return {path: ("100644", content) for path, content in data.items()}


def found(files: Files) -> tuple[Finding, ...]:
    """Return what is wrong with a policy."""
    try:
        load_policy(files.get, KINDS)
    except PolicyError as error:
        for finding in error.findings:
            assert {"commit", "person"} <= set(finding.params)
        return error.findings
    return ()


def places(files: Files) -> list[tuple[str, str]]:
    """Return code and place of everything that is wrong with a policy."""
    return [(f.rule, f"{f.path.rpartition('/')[2]} {f.pointer}".strip()) for f in found(files)]


def loaded(files: Files) -> Policy:
    return load_policy(files.get, KINDS)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


DEPUTY = "deputies:\n  - {{for: {0}, deputy: {1}, roles: [{2}], from: {3}, until: {4}, reason: 年假{5}}}\n"
JUNE, JULY, AUGUST = (f"2024-0{month}-01T00:00:00+08:00" for month in (6, 7, 8))


def deputy(
    away: str, stands_in: str, role: str = "finance", since: str = JUNE, until: str = JULY, more: str = ""
) -> str:
    return DEPUTY.format(away, stands_in, role, since, until, more)


def rows(*deputies: str) -> str:
    """Return these deputies as more rows of a list."""
    return "".join(one.partition("\n")[2] for one in deputies)
