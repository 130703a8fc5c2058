"""Small steps of one case: an order, its submission, its approvals, a commit that brings them."""

from __future__ import annotations

from tests.trust.histories import DAY, Commit, Doc, Files, Manifest, Order, Sig, Statement, Submission, start
from tests.trust.judging import Gate

NUMBER = "OD2024050014"
CASE = f"orders/2024/05/{NUMBER}"
NOW = DAY + 5 * 86400
ORDER = Order(NUMBER, 3, 350)
STAGES = (("sales-supervisor", "chen-jie"), ("finance", "su-cai"), ("production", "tang-gong"))


def begin(gate: Gate) -> Commit:
    return gate.store.commit((), start(), DAY - 3600, "gao-yuan")


def on(gate: Gate, before: Commit, files: Files, key: str = "lin-xiao") -> Commit:
    return gate.store.commit((before,), {**before.files, **files}, NOW - 60, key)


def signed(path: str, doc: Submission | Statement, key: str) -> dict[str, Doc]:
    return {path: doc, f"{path}.sig": Sig(doc, key)}


def submitted(order: Order = ORDER, by: str = "lin-xiao", key: str = "") -> dict[str, Doc]:
    return signed(f"{CASE}/submission.yaml", Submission(order, by, (by,)), key or by)


def approval(stage: str, person: str, at: int, *, key: str = "", name: str = "", zulu: bool = False) -> dict[str, Doc]:
    policy = start()["policy/policy.yaml"]
    assert isinstance(policy, Manifest)
    seen = 200000 if stage == "finance" else 0
    one = Statement(ORDER, stage, person, policy, at, f"{stage} {person} {name}", seen=seen, zulu=zulu)
    return signed(f"{CASE}/approvals/order-1-{stage}.{person}{name}.yaml", one, key or person)


def approvals(key: str = "") -> dict[str, Doc]:
    found: dict[str, Doc] = {}
    for n, (stage, person) in enumerate(STAGES, 1):
        found |= approval(stage, person, DAY + n * 3600, key=key)
    return found
