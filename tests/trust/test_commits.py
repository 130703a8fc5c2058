"""What one commit may bring: whole closed cases to the archive, files in their places, by whose right; in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from orderctl.trust.change import Step, judge_step
from tests.trust.histories import (
    DAY,
    ROLES,
    Commit,
    Customer,
    Doc,
    Files,
    Gone,
    People,
    Raw,
    render,
    start,
    static,
)
from tests.trust.judging import Gate
from tests.trust.steps import CASE, CUSTOMER, HANDED, NOW, ORDER, on, submitted

CLOSED = "orders/2024/05/OD2024050012/"
OPEN = "orders/2024/05/OD2024050013/"
PEOPLE = People((*ROLES.items(), ("qin-fu", ("data-clerk",)), ("robot", ("service",))))


@pytest.fixture
def company(gate: Gate) -> Commit:
    """A company with somebody who archives, and a machine that records reviews."""
    return gate.store.commit((), {**start(), "policy/people.yaml": PEOPLE}, DAY - 3600, "gao-yuan")


def moved(case: str = CLOSED, to: str = "archive/") -> dict[str, Doc]:
    """Return what moves a whole case as it is."""
    files = {p.removeprefix("orders/"): data for p, data in static().items() if p.startswith(case)}
    assert len(files) > 6
    found: dict[str, Doc] = {f"orders/{p}": Gone() for p in files}
    return found | {f"{to}{p}": Raw(data) for p, data in files.items()}


def without(files: dict[str, Doc], *paths: str) -> dict[str, Doc]:
    assert set(paths) <= set(files)
    return {p: doc for p, doc in files.items() if p not in paths}


ARCHIVED, AWAY = (case.replace("orders/", "archive/") for case in (CLOSED, OPEN))
NOTE = f"{OPEN}evidence/requirement-message.txt"
EVIDENCE = "evidence/slip.txt"
STAYS = "approval.immutable"
"""A statement that isn't moved with its whole case isn't moved at all."""
MOVES: dict[str, tuple[Mapping[str, Doc], str, str]] = {
    "whole and closed": (moved(), "qin-fu", ""),
    "by somebody who may not": (moved(), "lin-xiao", STAYS),
    "unsigned": (moved(), "", "sig.none"),
    "open": (moved(OPEN), "qin-fu", STAYS),
    "one closed, one open": (moved() | moved(OPEN), "qin-fu", STAYS),
    "elsewhere": (moved(to="docs/"), "qin-fu", STAYS),
    "one file stays": (without(moved(), CLOSED + EVIDENCE, ARCHIVED + EVIDENCE), "qin-fu", STAYS),
    "one file stays and comes": (without(moved(), CLOSED + EVIDENCE), "qin-fu", STAYS),
    "one file is lost": (without(moved(), ARCHIVED + EVIDENCE), "qin-fu", STAYS),
    "one file more": ({**moved(), f"{ARCHIVED}evidence/more.txt": Raw(b"x\n")}, "qin-fu", STAYS),
    "one file under another name": (
        {**without(moved(), ARCHIVED + EVIDENCE), f"{ARCHIVED}evidence/other.txt": Raw(static()[CLOSED + EVIDENCE])},
        "qin-fu",
        STAYS,
    ),
    "one file changed": ({**moved(), ARCHIVED + EVIDENCE: Raw(b"x\n")}, "qin-fu", STAYS),
    "something beside it": ({**moved(), CUSTOMER: Customer(mail="x@yunfan.example")}, "qin-fu", STAYS),
    "another case changed beside it": ({**moved(), NOTE: Raw(b"x\n")}, "qin-fu", STAYS),
    "something else goes too": ({**moved(), "customers/C0001.yaml": Gone()}, "qin-fu", STAYS),
    "added to the archive only": (
        {p: doc for p, doc in moved().items() if p.startswith("archive/")}, "qin-fu", "permission.denied",
    ),
    "taken away only": ({p: doc for p, doc in moved().items() if p.startswith("orders/")}, "qin-fu", STAYS),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_the_archive_takes_whole_closed_cases_as_they_are(gate: Gate, company: Commit, name: str) -> None:
    files, key, code = MOVES[name]
    got = gate.codes(company, on(gate, company, files, key), NOW)
    assert code in got if code else not got


def test_two_cases_at_once(gate: Gate) -> None:
    """One closed, one cancelled."""
    lines = "reason: 客户取消\nasked_by: shao-qing\nby: lin-xiao\non: 2024-05-23\nsupervisor: chen-jie\n"
    note = Raw(f"schema: cancellation/1\n{lines}".encode())
    files = {**start(), "policy/people.yaml": PEOPLE, f"{OPEN}cancellation.yaml": note}
    before = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    second = {**moved(OPEN), f"{OPEN}cancellation.yaml": Gone(), f"{AWAY}cancellation.yaml": note}
    for move, fine in (
        (second, True),
        (second | moved(), True),
        (moved(OPEN), False),
        (second | {CUSTOMER: Gone()}, False),
    ):
        assert (gate.codes(before, on(gate, before, move, "qin-fu"), NOW) == set()) is fine


def said(gate: Gate, before: Commit, after: Commit) -> Step:
    return judge_step(gate.world, gate.graph, before.id, after.id, NOW)


@pytest.mark.parametrize(
    ("path", "key", "codes"),
    [
        (f"{CASE}/order.yaml.sig", "lin-xiao", set()),
        (f"{CASE}/order.yaml.sig", "tang-gong", {"permission.denied"}),
        (f"{CASE}/nothing.sig", "lin-xiao", {"permission.denied"}),
        ("nothing.sig", "lin-xiao", {"path.unclassified"}),
        ("docs/nothing.sig", "gao-yuan", set()),
        ("docs", "gao-yuan", {"path.unclassified"}),
        ("README.md", "gao-yuan", set()),
        ("README.mdx", "gao-yuan", {"path.unclassified"}),
        ("LICENSE", "gao-yuan", {"permission.denied"}),
        (".gitignore", "gao-yuan", set()),
        ("NOTICE", "gao-yuan", {"path.unclassified"}),
        ("catalog/note.txt", "gao-yuan", {"permission.denied"}),
        ("note.txt", "gao-yuan", {"path.unclassified"}),
        ("evidence/note.txt", "gao-yuan", {"path.unclassified"}),
    ],
)
def test_places(gate: Gate, company: Commit, path: str, key: str, codes: set[str]) -> None:
    waiting = on(gate, company, {f"{CASE}/order.yaml": ORDER, **submitted()})
    assert gate.codes(waiting, on(gate, waiting, {path: Raw(b"x\n")}, key), NOW) == codes


def test_who_did_what_is_named(gate: Gate, company: Commit) -> None:
    tip = on(gate, company, {CUSTOMER: Customer(limit=7)}, "lin-xiao")
    (found,) = said(gate, company, tip).findings
    assert (found.rule, found.path, found.pointer) == ("permission.denied", CUSTOMER, "/credit/limit")
    assert (found.params["commit"], found.params["person"], found.params["action"]) == (tip.id, "lin-xiao", "change")
    odd = on(gate, company, {"docs/bad\u200bname.md": Raw(b"x\n")}, "gao-yuan")
    (found,) = said(gate, company, odd).findings
    assert (found.rule, found.params["commit"], found.params["person"]) == ("path.charset", odd.id, "gao-yuan")
    lost = on(gate, company, {"newsletter/may.html": Raw(b"x\n")}, "gao-yuan")
    (found,) = said(gate, company, lost).findings
    assert (found.rule, found.line, found.column, found.params["person"]) == ("path.unclassified", 1, 1, "gao-yuan")
    gone = on(gate, company, {CUSTOMER: Gone()}, "lin-xiao")
    (found,) = said(gate, company, gone).findings
    assert (found.rule, found.params["action"]) == ("permission.denied", "remove")
    new = on(gate, company, {"customers/C0009.yaml": Raw(render(Customer()).replace(b"C0001", b"C0009"))}, "tang-gong")
    (found,) = said(gate, company, new).findings
    assert (found.rule, found.params["action"]) == ("permission.denied", "add")


def test_a_change_that_cannot_be_read_is_one_of_every_field(gate: Gate, company: Commit) -> None:
    """Finance may change the credit and nothing else."""
    broken = on(gate, company, {CUSTOMER: Raw(b"[")}, "su-cai")
    assert gate.codes(company, broken, NOW) == {"permission.denied"}
    assert gate.codes(broken, on(gate, broken, {CUSTOMER: Customer(limit=7)}, "su-cai"), NOW) == {"permission.denied"}
    assert gate.codes(company, on(gate, company, {CUSTOMER: Customer(limit=7)}, "su-cai"), NOW) == set()


def test_an_order_that_has_landed_is_not_taken_away(gate: Gate, company: Commit) -> None:
    """One that only a branch had is a matter of rights."""
    order = {f"{CASE}/order.yaml": ORDER, **submitted()}
    waiting = on(gate, company, order)
    gone = {path: Gone() for path in order}
    after = on(gate, waiting, gone)
    assert gate.codes(waiting, after, NOW) == {"document.deleted"}
    back = on(gate, after, order)  # not even on the way
    assert gate.codes(waiting, gate.store.commit((waiting, back), back.files, NOW, ""), NOW) >= {"document.deleted"}
    branch = on(gate, after, {CUSTOMER: Customer(mail="x@yunfan.example")})
    assert gate.codes(company, gate.store.commit((company, branch), branch.files, NOW, ""), NOW) == {
        "permission.denied"
    }


def test_a_receipt_is_the_machines(gate: Gate, company: Commit) -> None:
    waiting = on(gate, company, {f"{CASE}/order.yaml": ORDER, **submitted()})
    for folder in (f"{CASE}/receipts", "policy/receipts"):
        path = f"{folder}/order-1-finance.su-cai.receipt.yaml"
        for key, codes in (("robot", {"document.invalid"}), ("gao-yuan", {"document.invalid", "permission.denied"})):
            assert gate.codes(waiting, on(gate, waiting, {path: Raw(b"x: 1\n")}, key), NOW) == codes


@pytest.mark.parametrize("key", ["", "mallory"])
def test_whoever_nobody_knows_changes_nothing(gate: Gate, company: Commit, key: str) -> None:
    """One finding says so: the rights of nobody aren't asked."""
    problem = {"sig.unknown_key" if key else "sig.none"}
    files: Files = {CUSTOMER: Customer(limit=7), "newsletter/may.html": Raw(b"x\n")}
    assert gate.codes(company, on(gate, company, files, key), NOW) == problem
    assert gate.codes(company, on(gate, company, {}, key), NOW) == problem
    later = on(gate, on(gate, company, files, key), {CUSTOMER: Customer(limit=8)}, "he-cang")
    merge = gate.store.commit((company, later), later.files, NOW, "")
    assert gate.codes(company, merge, NOW) == problem | {"permission.denied"}  # one spoils no other's verdict


@pytest.mark.parametrize("ahead", [0, 1])
def test_an_unsigned_merge_that_merges_nothing(gate: Gate, company: Commit, ahead: int) -> None:
    """Of what is there already: nobody says who made it. With something to merge it needs nobody."""
    side = on(gate, company, {CUSTOMER: Customer(limit=7)}, "su-cai")
    main = on(gate, company, {"docs/note.md": Raw(b"x\n")}, "gao-yuan")
    files = {**main.files, CUSTOMER: Customer(limit=7)} if ahead else main.files
    merge = gate.store.commit((main, side if ahead else company), files, NOW, "")
    assert gate.codes(main, merge, NOW) == (set() if ahead else {"sig.none"})
    signed = gate.store.commit((main, side if ahead else company), files, NOW, "lin-xiao")
    assert gate.codes(main, signed, NOW) == set()


def test_the_rights_behind_a_vouched_file_are_its_own_persons(gate: Gate, company: Commit) -> None:
    """A squash that somebody else made: each file is by whoever its signature proves."""
    whole = {f"{CASE}/order.yaml": ORDER, **submitted(by="tang-gong")}
    step = said(gate, company, on(gate, company, whole, ""))
    assert {(f.rule, f.params["person"]) for f in step.findings} == {("permission.denied", "tang-gong")}
    assert said(gate, company, on(gate, company, {f"{CASE}/order.yaml": ORDER, **submitted()}, "")).findings == ()


def test_a_hand_made_merge_is_judged_like_a_change(gate: Gate, company: Commit) -> None:
    waiting = on(gate, company, {f"{CASE}/order.yaml": ORDER, **submitted()})
    one = on(gate, waiting, {f"{CASE}/order.yaml": replace(ORDER, phone="13900000008")})
    two = on(gate, waiting, {f"{CASE}/order.yaml": replace(ORDER, phone="13900000009")})
    for key, codes in (("lin-xiao", set()), ("tang-gong", {"permission.denied"}), ("", {"sig.none"})):
        solved = gate.store.commit((one, two), two.files, NOW, key)
        assert gate.codes(one, solved, NOW) == codes
    smuggled = gate.store.commit((one, two), {**two.files, f"{CASE}/note.txt": Raw(b"x\n")}, NOW, "lin-xiao")
    assert gate.codes(one, smuggled, NOW) == {"merge.unclean"}


def test_both_sides_of_a_document_merge_by_field(gate: Gate, company: Commit) -> None:
    """Nobody need answer for that; for a line that neither side has, somebody must. What can't be read conflicts."""
    path = f"{CASE}/order.yaml"
    waiting = on(gate, company, {path: ORDER, **submitted()})
    one = on(gate, waiting, {path: replace(ORDER, phone="13900000008")})
    two = on(gate, waiting, {path: HANDED})
    both = replace(HANDED, phone="13900000008")

    def merged(result: Doc, key: str = "", ours: Commit = one, theirs: Commit = two) -> set[str]:
        return gate.codes(ours, gate.store.commit((ours, theirs), {**ours.files, path: result}, NOW, key), NOW)

    retold = Raw(render(both) + "# 已电话确认\n".encode())
    assert merged(both) == set()
    assert merged(retold) == {"sig.none"}
    assert merged(retold, "lin-xiao") == set()
    assert merged(replace(both, phone="13900000009")) == {"sig.none"}
    broken = on(gate, waiting, {path: Raw(b"[")})
    assert "document.invalid" in gate.codes(waiting, broken, NOW)
    mended = on(gate, broken, {path: HANDED})
    assert merged(HANDED, "lin-xiao", ours=one, theirs=mended) == set()
    assert merged(both, "lin-xiao", ours=one, theirs=broken) == set()
    assert merged(both, "tang-gong", ours=one, theirs=broken) == {"permission.denied"}
    assert merged(both, "", ours=one, theirs=broken) == {"sig.none"}


def test_what_one_side_takes_away_and_the_other_changes(gate: Gate, company: Commit) -> None:
    note = "docs/note.md"
    start = on(gate, company, {note: Raw(b"x\n")}, "gao-yuan")
    one = on(gate, start, {note: Raw(b"y\n")}, "gao-yuan")
    two = on(gate, start, {note: Gone()}, "gao-yuan")
    for result in (Gone(), Raw(b"y\n"), Raw(b"z\n")):
        for key, codes in (("gao-yuan", set()), ("lin-xiao", {"permission.denied"}), ("", {"sig.none"})):
            made = gate.store.commit((one, two), {**one.files, note: result}, NOW, key)
            assert gate.codes(one, made, NOW) == codes, (result, key)
