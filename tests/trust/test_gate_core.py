"""What a step is judged on: one state's documents, what speaks for itself, cases that move; in process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from orderctl.digest import digest_without
from orderctl.load import load
from orderctl.model import freeze
from orderctl.trust.change import judge_step
from orderctl.trust.state import State, seconds
from orderctl.trust.statement import looked_at
from orderctl.trust.subject import subject_of
from orderctl.trust.vouch import submitted as bound
from tests.trust.company import immaterial
from tests.trust.histories import (
    DAY,
    Commit,
    Doc,
    Flows,
    Manifest,
    People,
    Raw,
    Sig,
    Submission,
    instant,
    render,
    start,
    static,
)
from tests.trust.judging import Gate
from tests.trust.steps import (
    CASE,
    FINANCE,
    NOW,
    NUMBER,
    ORDER,
    SUBMISSION,
    SUPERVISOR,
    approvals,
    on,
    policy,
    rewritten,
    said,
    signed,
    submitted,
)

CLOSED = "orders/2024/05/OD2024050012"


def state(gate: Gate, commit: Commit, now: int = NOW) -> State:
    return State(gate.world, gate.graph.commit(commit.id).tree, now)


def step(gate: Gate, before: str, after: str) -> set[str]:
    """Return the codes of a step that no review speaks for."""
    return {f.rule for f in judge_step(gate.world, gate.graph, before, after, NOW).findings}


# one state


def test_a_state_is_a_book_of_what_it_can_look_up(gate: Gate, approved: Commit) -> None:
    here = state(gate, approved)
    customer = here.doc("customer", "C0001")
    assert customer is not None
    assert customer.path == "customers/C0001.yaml"
    for kind, id in (
        ("customer", "C9999"), ("customer", "../C0001"), ("customer", ""), ("nonsense", "C0001"), ("order", NUMBER),
    ):  # fmt: skip
        assert here.doc(kind, id) is None
    assert here.status(CASE) == "approved"
    order = here.doc("order", NUMBER)  # of a case that was looked at
    assert order is not None and order.path == f"{CASE}/order.yaml"
    assert [d.path for d in here.case(order, "approval")] == sorted(p for p in approvals() if p.endswith(".yaml"))
    assert here.case(customer, "approval") == ()
    assert here.status("orders/2024/05/OD2024059999") == "none"
    assert here.file("customers/C9999.yaml") is None
    found = here.file("customers/C0001.yaml")
    assert found is not None and found["size"] == len(here.read("customers/C0001.yaml") or b"")
    for ask in (here.all, here.where):
        with pytest.raises(LookupError, match="orders can't be"):
            ask("orders")
    assert here.fact("status", "OD2024059999") is None


def test_a_states_clock(gate: Gate, approved: Commit) -> None:
    assert [state(gate, approved, NOW + n).passed(instant(NOW)) for n in (-1, 0, 1)] == [False, True, True]
    end = seconds("2024-05-25", "Asia/Shanghai")
    assert end == seconds("2024-05-26T00:00:00+08:00", "UTC")
    assert [state(gate, approved, end + n).passed("2024-05-25") for n in (-1, 0)] == [False, True]


def test_without_a_workspace_the_zone_is_chinas(gate: Gate, root: Commit) -> None:
    assert state(gate, root).zone() == "Asia/Shanghai"
    empty = State(gate.world, gate.store._add("tree", b""), NOW)
    assert (empty.zone(), empty.passed("2024-05-25")) == ("Asia/Shanghai", False)


def test_what_a_statement_is_about(gate: Gate, approved: Commit) -> None:
    vote = policy(3, "su-cai")
    waiver = Raw(f"schema: waiver/1\nrevision: 3\nrule: total-wrong\npath: {CASE}/order.yaml\nreason: 抹零\n"
                 "requested_by: lin-xiao\nfrom: 2024-05-20\nuntil: 2024-05-31\n".encode())  # fmt: skip
    about = rewritten(said(), r"^number: .*$", "number: w1")
    path = "waivers/approvals/waiver-3-finance.w1.su-cai.yaml"
    here = state(gate, on(gate, approved, {**vote, "waivers/w1.yaml": waiver, path: about}))
    for place, expected in (
        (FINANCE, ("order", NUMBER, "order.yaml", 1, CASE)),
        ("policy/approvals/policy-2-policy-admin.su-cai.yaml", ("policy", "policy", "policy/policy.yaml", 2, "policy")),
        (path, ("waiver", "w1", "waivers/w1.yaml", 3, "waivers")),
    ):
        found = subject_of(here, place)
        assert found is not None
        assert (found.document.kind, found.number, found.path, found.revision, found.folder) == expected
    assert subject_of(here, f"{CASE}/approvals/nothing.yaml") is None
    other = rewritten(said(), r"^path: .*$", "path: order-2.yaml")
    assert subject_of(state(gate, on(gate, approved, {FINANCE: other})), FINANCE) is None
    nobody = rewritten(said(), r"^number: .*$", "number: w2")
    assert subject_of(state(gate, on(gate, approved, {path: nobody})), path) is None


def test_what_a_stage_looks_at(gate: Gate, approved: Commit) -> None:
    here = state(gate, approved)
    one = here.document(FINANCE)
    assert one is not None
    looks = [
        {"kind": "customer", "pointer": "/credit/limit"}, {"kind": "customer"}, {"kind": "price-book"},
        {"kind": "product"}, {"kind": "order"}, {"kind": "nonsense"},
    ]  # fmt: skip
    assert list(looked_at(here, one, looks)) == [
        ("customers/C0001.yaml", "/credit/limit"), ("customers/C0001.yaml", ""),
        ("catalog/prices/PB2024.yaml", ""),
    ]  # fmt: skip
    assert list(looked_at(here, replace(one, data=freeze({})), looks)) == []
    assert list(looked_at(here, replace(one, case=""), looks)) == []


# a step


def test_a_step_whose_objects_are_missing_is_refused_by_name(gate: Gate, root: Commit) -> None:
    nowhere = "0" * 40
    assert step(gate, nowhere, root.id) == step(gate, root.id, nowhere) == {"commit.missing"}
    after = on(gate, root, {})
    tree = gate.graph.commit(after.id).tree
    text = f"tree {tree}\nparent {root.id}\nparent {nowhere}\n".encode()
    text += b"author a <a@b.example> 1716600000 +0800\ncommitter a <a@b.example> 1716600000 +0800\n\nx\n"
    assert step(gate, root.id, gate.store._add("commit", text)) == {"commit.missing"}


def test_without_reviews_none_proves_anything(gate: Gate, waiting: Commit) -> None:
    one: dict[str, Doc] = {SUPERVISOR: said(SUPERVISOR)}
    assert step(gate, waiting.id, on(gate, waiting, one).id) == {"approval.evidence"}
    assert step(gate, waiting.id, on(gate, waiting, one, "chen-jie").id) == set()


def test_a_policy_without_its_manifest_is_none(gate: Gate, root: Commit) -> None:
    less = {p: d for p, d in root.files.items() if p != "policy/policy.yaml"}
    assert "policy.missing" in gate.codes(root, gate.store.commit((root,), less, NOW - 60, "gao-yuan"), NOW)


# what speaks for itself


ELSEWHERE = (r"^repository: .*$", "repository: 00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (("^schema: .*$", "schema: submission/1"), set()),
        (ELSEWHERE, {"submission.context"}),
        ((r"^repository: .*\n", ""), {"submission.context"}),
        ((r"^number: .*$", "number: OD2024050015"), {"submission.context"}),
        ((r"^submitted_at: .*$", f"submitted_at: {instant(NOW + 600)}"), set()),
        ((r"^submitted_at: .*$", f"submitted_at: {instant(NOW + 601)}"), {"submission.ahead"}),
    ],
)
def test_a_submission_is_of_here_and_now(gate: Gate, root: Commit, change: tuple[str, str], codes: set[str]) -> None:
    made = rewritten(Submission(ORDER, "lin-xiao", ("lin-xiao",)), *change)
    files: dict[str, Doc] = {f"{CASE}/order.yaml": ORDER, SUBMISSION: made, f"{SUBMISSION}.sig": Sig(made, "lin-xiao")}
    assert gate.codes(root, on(gate, root, files), NOW) == codes


def test_only_statements_speak_for_themselves(gate: Gate, waiting: Commit) -> None:
    """What lies where statements lie and isn't one needs somebody's signed commit like everything else."""
    for text in (b"nonsense\n", render(ORDER)):
        odd = Raw(text)
        files: dict[str, Doc] = {SUPERVISOR: odd, f"{SUPERVISOR}.sig": Sig(odd, "chen-jie")}
        assert {"sig.none", "document.invalid"} <= gate.codes(waiting, on(gate, waiting, files, ""), NOW)


def test_a_submission_is_bound_to_the_bytes(gate: Gate, root: Commit) -> None:
    for files, whole in (
        ({f"{CASE}/order.yaml": ORDER, **submitted()}, True),
        ({f"{CASE}/order.yaml": replace(ORDER, phone="13900000009"), **submitted()}, False),
        (submitted(), False),
        ({f"{CASE}/order.yaml": ORDER}, False),
    ):
        assert bound(state(gate, on(gate, root, files)), CASE) is whole


# the order and its submission


def test_a_submission_leaves_out_what_may_be_left_out(gate: Gate, root: Commit) -> None:
    """Its digest fits; but it would let the total change."""
    data = load("order.yaml", render(ORDER))[0]
    assert data is not None
    for more, codes in (([], set()), (["/total"], {"submission.digest"})):
        left_out = [*immaterial("order"), *more]
        made = rewritten(
            Submission(ORDER, "lin-xiao", ("lin-xiao",)), r"^immaterial: .*$", f"immaterial: {json.dumps(left_out)}"
        )
        made = rewritten(made, r"^digest: .*$", f"digest: {digest_without(data, left_out)}")
        files: dict[str, Doc] = {SUBMISSION: made, f"{SUBMISSION}.sig": Sig(made, "lin-xiao")}
        assert gate.codes(root, on(gate, root, {f"{CASE}/order.yaml": ORDER, **files}), NOW) == codes


def test_a_date_that_chooses_the_flow_is_todays(gate: Gate) -> None:
    """From 25 May on, the day it is, the general manager looks at every order."""
    strict = "  - id: strict\n    subject: order\n    when: {dated_from: 2024-05-25}\n    stages:\n"
    strict += "      - {id: general-manager, role: general-manager, zh: 总经理, en: General manager}\n"
    flows = rewritten(Flows(), r"^flows:\n", f"flows:\n{strict}")
    root = gate.store.commit((), {**start(), "policy/flows.yaml": flows}, DAY - 3600, "gao-yuan")
    before = on(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()})
    assert gate.codes(root, before, NOW) == {"order.backdated"}
    late = gate.codes(before, on(gate, before, {f"{CASE}/order.yaml": replace(ORDER, handler="bo-wen")}), NOW)
    assert late == set()  # it landed with its date
    assert gate.codes(root, gate.store.commit((root,), before.files, DAY, "lin-xiao"), DAY) == set()  # five days before


@pytest.mark.parametrize(("by", "codes"), [("bo-wen", set()), ("chen-jie", {"sod.author_added"})])
def test_who_entered_it_is_one_of_its_authors(gate: Gate, root: Commit, by: str, codes: set[str]) -> None:
    made = signed(SUBMISSION, Submission(ORDER, "lin-xiao", ("bo-wen", "lin-xiao")), "lin-xiao")
    before = on(gate, root, {f"{CASE}/order.yaml": ORDER, **made})
    after = on(gate, before, {f"{CASE}/order.yaml": replace(ORDER, entered_by=by)})
    assert gate.codes(before, after, NOW) == codes


def test_a_statement_on_the_revision_before(gate: Gate, waiting: Commit) -> None:
    """It comes with the next revision, and is held against the content that revision 1 had."""
    four = replace(ORDER, quantity=4, revision=2)
    files = {f"{CASE}/order.yaml": four, **submitted(four)}
    one = replace(said(SUPERVISOR), nonce="late")
    for about, codes in ((ORDER, set()), (replace(ORDER, quantity=5), {"approval.revision"})):
        late = signed(SUPERVISOR, replace(one, about=about), "chen-jie")
        assert gate.codes(waiting, on(gate, waiting, {**files, **late}), NOW) == codes


# the archive


@pytest.fixture
def filed(gate: Gate) -> Commit:
    """A company with a data clerk, and a closed case of its own."""
    people = People((*People().roles, ("qin-fu", ("data-clerk",))))
    case = {p: d for p, d in static().items() if p.startswith(f"{CLOSED}/")}
    closed = {p.replace("50012", "50016"): Raw(d.replace(b"50012", b"50016")) for p, d in case.items()}
    manifest = Manifest(1, people, Flows())
    files = {**start(), "policy/people.yaml": people, "policy/policy.yaml": manifest, **closed}
    return gate.store.commit((), files, DAY - 3600, "gao-yuan")


def moved(commit: Commit, changes: Mapping[str, Doc | None] | None = None, keep: bool = False) -> dict[str, Doc]:
    own = {p: d for p, d in commit.files.items() if p.startswith(CLOSED.replace("50012", "50016"))}
    files = {p: d for p, d in commit.files.items() if keep or p not in own}
    files |= {p.replace("orders/", "archive/"): d for p, d in own.items()}
    for path, doc in (changes or {}).items():
        files = {p: d for p, d in files.items() if p != path} | ({path: doc} if doc is not None else {})
    return files


HELD = "archive/2024/05/OD2024050016"


@pytest.mark.parametrize(
    ("changes", "key", "keep", "codes"),
    [
        ({}, "qin-fu", False, set()),
        ({}, "lin-xiao", False, {"document.deleted", "permission.denied"}),
        ({}, "qin-fu", True, {"permission.denied"}),
        ({f"{HELD}/shipment-1.yaml": None}, "qin-fu", False, {"document.deleted", "permission.denied"}),
        ({"customers/C0001.yaml": start()["customers/C0001.yaml"], "docs/x.txt": Raw(b"x\n")}, "qin-fu", False,
         {"document.deleted", "permission.denied"}),
    ],
)  # fmt: skip
def test_a_closed_case_moves_whole(
    gate: Gate, filed: Commit, changes: Mapping[str, Doc | None], key: str, keep: bool, codes: set[str]
) -> None:
    made = gate.store.commit((filed,), moved(filed, changes, keep), NOW - 60, key)
    got = gate.codes(filed, made, NOW)
    assert got == codes if not codes else codes <= got
    held = gate.store.commit((filed,), moved(filed), NOW - 120, "qin-fu")
    gone = {p: d for p, d in held.files.items() if not p.startswith(HELD)}
    assert "document.deleted" in gate.codes(held, gate.store.commit((held,), gone, NOW - 60, "qin-fu"), NOW)
    back = {p.replace("archive/", "orders/"): d for p, d in held.files.items()}
    assert gate.codes(held, gate.store.commit((held,), back, NOW - 60, "qin-fu"), NOW)
    order = held.files[f"{HELD}/order.yaml"]
    assert isinstance(order, Raw)
    new = {**held.files, f"{HELD}/order.yaml": Raw(order.data.replace(b"revision: 1", b"revision: 2"))}
    assert "revision.without_change" in gate.codes(held, gate.store.commit((held,), new, NOW - 60, "qin-fu"), NOW)
