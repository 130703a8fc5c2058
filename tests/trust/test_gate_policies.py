"""Policies, waivers, rights and times, with the exact codes; in process, over objects in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest

from orderctl.digest import digest_without
from orderctl.load import load
from tests.trust.company import REPOSITORY, dump, immaterial
from tests.trust.histories import (
    DAY,
    Commit,
    Customer,
    Doc,
    Flows,
    Manifest,
    Raw,
    Sig,
    render,
    start,
    static,
)
from tests.trust.judging import Gate
from tests.trust.steps import (
    CASE,
    CUSTOMER,
    HANDED,
    NOW,
    ORDER,
    POLICY,
    SUPERVISOR,
    approvals,
    on,
    policy,
    rewritten,
    said,
    signed,
)


@pytest.mark.parametrize(
    ("at", "codes"),
    [(NOW + 600, set()), (NOW + 601, {"time.skew"}), (DAY - 4200, set()), (DAY - 4201, {"time.backwards"})],
)
def test_times_of_commits(gate: Gate, root: Commit, at: int, codes: set[str]) -> None:
    made = gate.store.commit((root,), {**root.files, CUSTOMER: Customer(limit=300000)}, at, "su-cai")
    assert gate.codes(root, made, NOW) == codes


def test_rights_are_of_the_status_that_landed(gate: Gate, root: Commit, approved: Commit) -> None:
    phone = {f"{CASE}/order.yaml": replace(ORDER, phone="13900000009")}
    assert gate.codes(approved, on(gate, approved, phone), NOW) == {"permission.denied"}
    assert gate.codes(approved, on(gate, approved, {f"{CASE}/order.yaml": HANDED}), NOW) == set()
    for key, limit, codes in (("su-cai", 300000, set()), ("lin-xiao", 300000, {"permission.denied"})):
        assert gate.codes(root, on(gate, root, {CUSTOMER: Customer(limit)}, key), NOW) == codes
    mail = {CUSTOMER: Customer(mail="li@yunfan.example")}
    assert gate.codes(root, on(gate, root, mail, "su-cai"), NOW) == {"permission.denied"}
    assert gate.codes(root, on(gate, root, mail, "lin-xiao"), NOW) == set()


POLICIES: dict[str, tuple[Mapping[str, Doc], set[str]]] = {
    "two admins": (policy(3, "gao-yuan", "su-cai"), set()),
    "three admins": (policy(3, "gao-yuan", "su-cai", "jiang-ming"), set()),
    "one admin": (policy(1, "gao-yuan"), {"policy.threshold_old"}),
    "nobody": (policy(1), {"policy.threshold_old"}),
    "an admin and a clerk": (policy(1, "gao-yuan", "lin-xiao"), {"policy.threshold_old", "role.inactive"}),
    "with a document": (
        {**policy(3, "gao-yuan", "su-cai"), CUSTOMER: Customer(limit=300000)},
        {"policy.mixed_change", "permission.denied"},
    ),
    "the same version": (policy(3, "gao-yuan", "su-cai", version=1), {"policy.version", "approval.policy"}),
    "two versions on": (policy(3, "gao-yuan", "su-cai", version=3), {"policy.version"}),
    "more than there are": (policy(4, "gao-yuan", "su-cai"), {"policy.unsatisfiable"}),
    "not in the manifest": (policy(3, "gao-yuan", "su-cai", flows=Flows(2)), {"policy.manifest"}),
    "not raised": ({"policy/flows.yaml": Flows(3)}, {"policy.threshold_old", "policy.version", "policy.manifest"}),
    "statements alone": (
        {p: d for p, d in policy(3, "gao-yuan", "su-cai").items() if "approvals" in p}, {"policy.statement_alone"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_policies(gate: Gate, root: Commit, name: str) -> None:
    files, codes = POLICIES[name]
    got = gate.codes(root, on(gate, root, files, "gao-yuan"), NOW)
    assert (codes & got and got) if name in ("the same version", "two versions on", "not raised") else got == codes


@pytest.mark.parametrize(
    ("path", "key", "codes"),
    [
        (f"{CASE}/evidence/note.txt", "lin-xiao", set()),
        (f"{CASE}/evidence/note.txt", "tang-gong", {"permission.denied"}),
        (f"{CASE}/note.txt", "lin-xiao", {"permission.denied"}),
        ("newsletter/may.html", "lin-xiao", {"path.unclassified"}),
        ("docs/may.txt", "gao-yuan", set()),
        ("docs/may.txt", "lin-xiao", {"permission.denied"}),
        ("README.md", "gao-yuan", set()),
        ("README.md", "lin-xiao", {"permission.denied"}),
        (f"{CASE}/receipts/order-1-finance.su-cai.receipt.yaml", "lin-xiao", {"permission.denied", "document.invalid"}),
        ("orders/2024/05/bad\u200bname.yaml", "lin-xiao", {"path.charset", "path.unclassified"}),
    ],
)
def test_files_in_places(gate: Gate, waiting: Commit, path: str, key: str, codes: set[str]) -> None:
    assert gate.codes(waiting, on(gate, waiting, {path: Raw(b"hello\n")}, key), NOW) == codes


@pytest.mark.parametrize(("since", "codes"), [(1, set()), (2, {"approval.policy", "approval.order"})])
def test_a_flow_says_since_which_policy(gate: Gate, waiting: Commit, since: int, codes: set[str]) -> None:
    """Approvals given under version 1, landing when version 2 is in force."""
    flows = rewritten(Flows(), r"^  - id: standard$", f"  - id: standard\n    since: {since}")
    assert isinstance(POLICY, Manifest)
    new = Manifest(2, POLICY.people, flows, POLICY)  # type: ignore[arg-type]
    votes = policy(2, "gao-yuan", "su-cai", flows=flows)
    raised = on(gate, waiting, {**votes, "policy/flows.yaml": flows, "policy/policy.yaml": new}, "gao-yuan")
    assert gate.codes(waiting, raised, NOW) == set()
    one = {p: d for p, d in approvals().items() if "supervisor" in p}
    assert gate.codes(raised, on(gate, raised, one), NOW) == (codes - {"approval.order"})
    now = signed(SUPERVISOR, replace(said(SUPERVISOR), policy=new), "chen-jie")
    assert gate.codes(raised, on(gate, raised, now), NOW) == set()


WAIVER = "waivers/w1.yaml"


def waived(by: str = "lin-xiao", revision: int = 1, until: str = "2024-05-31") -> Raw:
    lines = f"schema: waiver/1\nrevision: {revision}\nrule: total-wrong\npath: {CASE}/order.yaml\n"
    lines += f"reason: 客户要求抹零\nrequested_by: {by}\nfrom: 2024-05-20\nuntil: {until}\n"
    return Raw(lines.encode())


@pytest.fixture
def lenient(gate: Gate) -> Commit:
    """A company whose finance approves waivers."""
    stage = "{id: finance, role: finance, zh: 财务, en: Finance}"
    flow = f"  - {{id: waiver, subject: waiver, stages: [{stage}]}}\n"
    flows = Raw(render(Flows()) + flow.encode())
    rights = static()["policy/permissions.yaml"].decode()
    rights += "  - {roles: [sales, finance], kinds: [waiver], do: [add, change]}\n"
    files = {**start(), "policy/flows.yaml": flows, "policy/permissions.yaml": Raw(rights.encode())}
    return gate.store.commit((), files, DAY - 3600, "gao-yuan")


def agreed(waiver: Raw, person: str, number: str = "w1") -> dict[str, Doc]:
    data = load(WAIVER, waiver.data)[0]
    assert data is not None and isinstance(POLICY, Manifest)
    left_out = immaterial("waiver")
    fields = {
        "schema": "approval/1", "repository": REPOSITORY, "subject": "waiver", "number": number, "path": WAIVER,
        "revision": data["revision"], "digest": digest_without(data, left_out), "immaterial": left_out,
        "stage": "finance", "decision": "approve", "opinion": "金额差异已核对", "person": person,
        "issued": "2024-05-24T10:00:00+08:00", "context": [], "nonce": "a" * 32,
        "policy": {"version": 1, "digest": sha256(render(POLICY)).hexdigest()},
    }  # fmt: skip
    one = Raw(dump(fields).encode())
    path = f"waivers/approvals/waiver-{data['revision']}-finance.w1.{person}.yaml"
    return {path: one, f"{path}.sig": Sig(one, person)}


@pytest.mark.parametrize(
    ("waiver", "by", "person", "codes"),
    [
        (waived(), "lin-xiao", "su-cai", set()),
        (waived("su-cai"), "su-cai", "su-cai", {"sod.self"}),
        (waived("su-cai"), "su-cai", "bo-wen", set()),
        (waived(), "su-cai", "su-cai", {"waiver.requester"}),
        (waived(), "lin-xiao", "tang-gong", {"role.inactive"}),
    ],
)
def test_waivers(gate: Gate, lenient: Commit, waiver: Raw, by: str, person: str, codes: set[str]) -> None:
    made = on(gate, lenient, {WAIVER: waiver}, by)
    both = on(gate, made, agreed(waiver, person), person)
    assert gate.codes(lenient, made, NOW) == codes & {"waiver.requester"}
    assert gate.codes(made, both, NOW) == codes - {"waiver.requester"}


def test_a_waiver_that_changes_is_a_new_revision(gate: Gate, lenient: Commit) -> None:
    before = on(gate, lenient, {WAIVER: waived()})
    for revision, codes in ((1, {"revision.not_raised"}), (2, set()), (3, {"revision.not_raised"})):
        later = on(gate, before, {WAIVER: waived(revision=revision, until="2024-06-01")})
        assert gate.codes(before, later, NOW) == codes
    assert gate.codes(lenient, on(gate, lenient, agreed(waived(), "su-cai"), "su-cai"), NOW) == {"approval.subject"}


def test_a_policy_statement_goes_with_its_policy(gate: Gate, root: Commit) -> None:
    whole = policy(3, "gao-yuan", "su-cai")
    alone = on(gate, root, {p: d for p, d in whole.items() if "approvals" in p}, "gao-yuan")
    assert gate.codes(root, alone, NOW) == {"policy.statement_alone"}
    late = on(gate, alone, {p: d for p, d in whole.items() if "approvals" not in p}, "gao-yuan")
    assert gate.codes(root, late, NOW) == {"policy.statement_alone"}


def test_a_history_from_elsewhere_is_nobodys(gate: Gate, root: Commit) -> None:
    other = gate.store.commit((), {**root.files, CUSTOMER: Customer(limit=7)}, NOW - 90, "su-cai")
    joined = gate.store.commit((root, other), root.files, NOW - 60, "su-cai")
    assert "ref.unrelated" in gate.codes(root, joined, NOW)
    assert gate.codes(root, other, NOW) == {"ref.unrelated"}
    assert gate.codes(on(gate, root, {}, "lin-xiao"), root, NOW) == {"ref.non_ff"}


@pytest.mark.parametrize(("hours", "codes"), [(1, set()), (0, {"time.old"})])
def test_how_old_a_commit_may_be_is_policy(gate: Gate, hours: int, codes: set[str]) -> None:
    rights = Raw(static()["policy/permissions.yaml"] + f"max_age_hours: {hours or 1}\n".encode())
    root = gate.store.commit((), {**start(), "policy/permissions.yaml": rights}, DAY - 3600, "gao-yuan")
    at = NOW - 3600 - (0 if hours else 1)
    made = gate.store.commit((root,), {**root.files, CUSTOMER: Customer(limit=7)}, at, "su-cai")
    assert gate.codes(root, made, NOW) == codes
