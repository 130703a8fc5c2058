"""What a branch changes and takes back is in no state of the main branch, but in its history: trusted files may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.trust.histories import DAY, Commit, Customer, Doc, Files, Flows, Manifest, People, Raw, Statement, start
from tests.trust.judging import Gate
from tests.trust.steps import CUSTOMER, NOW, on, policy, signed

MAIL = {CUSTOMER: Customer(mail="li@yunfan.example")}
UNDONE = {"policy.undone"}


def landed(gate: Gate, main: Commit, branch: Sequence[tuple[Files, str]]) -> Commit:
    """Return the merge of a branch into ``main``; each of its commits has exactly these files beside the first ones."""
    tip = main
    for files, key in branch:
        tip = gate.store.commit((tip,), {**main.files, **files}, NOW - 60, key)
    return landed_by(gate, main, tip)


def landed_by(gate: Gate, main: Commit, tip: Commit) -> Commit:
    return gate.store.commit((main, tip), tip.files, NOW - 30, "")


SMUGGLED: dict[str, Files] = {
    "policy": {"policy/flows.yaml": Flows(1)},
    "people": {"policy/people.yaml": Raw(b"nobody\n")},
    "plugin": {"plugins/rules/own.py": Raw(b"import os\n")},
    "schema": {"schemas/order.schema.json": Raw(b"{}\n")},
    "workflow": {".github/workflows/own.yml": Raw(b"on: push\n")},
    "attributes": {"docs/.gitattributes": Raw(b"* merge=union\n")},
    "settings": {"orderctl.yaml": Raw(b"schema: workspace/1\n")},
}


@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("name", SMUGGLED)
def test_m04_a_trusted_file_of_one_commit_only(gate: Gate, root: Commit, name: str, admin: bool) -> None:
    key = "gao-yuan" if admin else "lin-xiao"
    made = landed(gate, root, [({**MAIL, **SMUGGLED[name]}, key), (MAIL, "lin-xiao")])
    assert gate.codes(root, made, NOW) >= UNDONE
    if not admin:
        assert gate.codes(root, made, NOW) == UNDONE
    assert gate.codes(root, landed(gate, root, [(MAIL, "lin-xiao"), (MAIL, "lin-xiao")]), NOW) == set()


def test_the_commit_that_brought_it_is_named(gate: Gate, root: Commit) -> None:
    from orderctl.gate import judge_range

    tip = gate.store.commit((root,), {**root.files, "plugins/rules/own.py": Raw(b"import os\n")}, NOW - 60, "lin-xiao")
    last = gate.store.commit((tip,), root.files, NOW - 50, "lin-xiao")
    (step,), _ = judge_range(gate.world, gate.graph, root.id, landed_by(gate, root, last).id, NOW, ())
    (found,) = step.findings
    assert (found.path, found.params["commit"], found.params["person"], found.params["commit_short"]) == (
        "plugins/rules/own.py", tip.id, "lin-xiao", tip.id[:10],
    )  # fmt: skip


def test_a_policy_branch_may_try_things_in_what_it_changes(gate: Gate, root: Commit) -> None:
    """Several commits, other bytes on the way: what the admins approved is what it ends in."""
    whole = policy(3, "gao-yuan", "su-cai")
    parts = [({"policy/flows.yaml": Flows(1)}, "lin-xiao"), ({"policy/flows.yaml": Flows(3)}, "gao-yuan")]
    assert gate.codes(root, landed(gate, root, [*parts, (whole, "gao-yuan")]), NOW) == set()
    beside = {"schemas/own.schema.json": Raw(b"{}\n")}
    assert gate.codes(root, landed(gate, root, [*parts, (beside, "gao-yuan"), (whole, "gao-yuan")]), NOW) == UNDONE
    assert gate.codes(root, landed(gate, root, [*parts, (whole, "gao-yuan"), ({}, "gao-yuan")]), NOW) >= UNDONE


def test_what_the_branch_says_already_may_come_again(gate: Gate, root: Commit) -> None:
    """Work that began on a policy branch before that was squashed onto main."""
    whole = policy(3, "gao-yuan", "su-cai")
    main = on(gate, root, whole, "gao-yuan")
    stacked = on(gate, on(gate, root, whole, "gao-yuan"), MAIL)
    assert gate.codes(main, landed_by(gate, main, stacked), NOW) == set()
    tried = on(gate, on(gate, root, {"policy/flows.yaml": Flows(1)}, "gao-yuan"), whole, "gao-yuan")
    assert gate.codes(main, landed_by(gate, main, on(gate, tried, MAIL)), NOW) == UNDONE


def test_what_a_side_line_merged_from_main_is_mains(gate: Gate, root: Commit) -> None:
    """Criss-cross merges, and a policy that goes on twice meanwhile: nobody on the side line changed it."""
    side = on(gate, root, MAIL)
    second = on(gate, root, policy(3, "gao-yuan", "su-cai"), "gao-yuan")
    main = gate.store.commit((second, side), {**second.files, **MAIL}, NOW - 55, "")
    assert gate.codes(second, main, NOW) == set()
    crossed = gate.store.commit((side, second), main.files, NOW - 54, "lin-xiao")
    again = gate.store.commit((crossed, main), main.files, NOW - 53, "lin-xiao")
    third = on(gate, main, raised(main), "gao-yuan")
    assert gate.codes(main, third, NOW) == set()
    tip = on(gate, again, {CUSTOMER: Customer(mail="q@yunfan.example")})
    merged = gate.store.commit((third, tip), {**third.files, CUSTOMER: tip.files[CUSTOMER]}, NOW - 40, "")
    assert gate.codes(third, merged, NOW) == set()


def raised(before: Commit) -> dict[str, Doc]:
    old = before.files["policy/policy.yaml"]
    people = start()["policy/people.yaml"]
    assert isinstance(old, Manifest) and isinstance(people, People)
    new = replace(old, version=old.version + 1, flows=Flows(2), previous=old)
    found: dict[str, Doc] = {"policy/flows.yaml": Flows(2), "policy/policy.yaml": new}
    for person in ("gao-yuan", "su-cai", "jiang-ming"):
        one = Statement(new, "policy-admin", person, old, DAY + 60, f"{person} again")
        found |= signed(f"policy/approvals/policy-{new.version}-policy-admin.{person}.yaml", one, person)
    return found
