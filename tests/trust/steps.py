"""Small steps of one case: an order, its submission, its approvals, a commit that brings them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

from tests.trust.histories import (
    DAY,
    Commit,
    Doc,
    Files,
    Flows,
    Manifest,
    Order,
    People,
    Raw,
    Sig,
    Statement,
    Submission,
    render,
    start,
)
from tests.trust.judging import Gate

NUMBER = "OD2024050014"
CASE = f"orders/2024/05/{NUMBER}"
NOW = DAY + 5 * 86400
ORDER = Order(NUMBER, 3, 350)
STAGES = (("sales-supervisor", "chen-jie"), ("finance", "su-cai"), ("production", "tang-gong"))
CUSTOMER = "customers/C0001.yaml"
FINANCE = f"{CASE}/approvals/order-1-finance.su-cai.yaml"
SUPERVISOR = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
PRODUCTION = f"{CASE}/approvals/order-1-production.tang-gong.yaml"
SUBMISSION = f"{CASE}/submission.yaml"
HANDED = replace(ORDER, handler="bo-wen")
POLICY = cast(Manifest, start()["policy/policy.yaml"])


def begin(gate: Gate) -> Commit:
    return gate.store.commit((), start(), DAY - 3600, "gao-yuan")


def on(gate: Gate, before: Commit, files: Files, key: str = "lin-xiao") -> Commit:
    return gate.store.commit((before,), {**before.files, **files}, NOW - 60, key)


def signed(path: str, doc: Submission | Statement, key: str) -> dict[str, Doc]:
    return {path: doc, f"{path}.sig": Sig(doc, key)}


def submitted(order: Order = ORDER, by: str = "lin-xiao", key: str = "") -> dict[str, Doc]:
    return signed(f"{CASE}/submission.yaml", Submission(order, by, (by,)), key or by)


def approval(stage: str, person: str, at: int, *, key: str = "", name: str = "", zulu: bool = False) -> dict[str, Doc]:
    seen = 200000 if stage == "finance" else 0
    one = Statement(ORDER, stage, person, POLICY, at, f"{stage} {person} {name}", seen=seen, zulu=zulu)
    return signed(f"{CASE}/approvals/order-1-{stage}.{person}{name}.yaml", one, key or person)


def approvals(key: str = "") -> dict[str, Doc]:
    found: dict[str, Doc] = {}
    for n, (stage, person) in enumerate(STAGES, 1):
        found |= approval(stage, person, DAY + n * 3600, key=key)
    return found


def said(path: str = FINANCE) -> Statement:
    one = approvals()[path]
    assert isinstance(one, Statement)
    return one


def policy(needs: int, *admins: str, **changes: Any) -> dict[str, Doc]:
    """Return a policy with another threshold, raised, and the statements of admins."""
    flows = Flows(needs)
    people = start()["policy/people.yaml"]
    assert isinstance(people, People) and isinstance(POLICY, Manifest)
    new = replace(Manifest(2, people, flows, POLICY), **changes)
    found: dict[str, Doc] = {"policy/flows.yaml": flows, "policy/policy.yaml": new}
    for person in admins:
        one = Statement(new, "policy-admin", person, POLICY, DAY, person)
        found |= signed(f"policy/approvals/policy-2-policy-admin.{person}.yaml", one, person)
    return found


def rewritten(doc: Doc, pattern: str, text: str) -> Raw:
    """Return a document with the lines of this pattern replaced."""
    found, count = re.subn(pattern, text, render(doc).decode(), flags=re.MULTILINE)
    assert count
    return Raw(found.encode())
