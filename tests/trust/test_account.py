"""How a history is found and told, in process: what a name means, which fields differ, what proves a decision."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderctl.git import Git
from orderctl.objects import Objects
from orderctl.trust.account import instant, teller
from orderctl.trust.differences import Difference, differences
from orderctl.trust.find import Place, find, removed
from orderctl.trust.history import Landing, Touch, landings, owners
from tests.trust.histories import DAY, Commit, Customer, Doc, Raw, Sig, render, start, static
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, NUMBER, ORDER, approval, begin, on, submitted

CONFIG = Raw(static()["orderctl.yaml"])
FINANCE = f"{CASE}/approvals/order-1-finance.su-cai"
ARCHIVED = CASE.replace("orders/", "archive/")


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


class Told:
    """A repository on disk with the commits of a gate's memory."""

    def __init__(self, gate: Gate, tip: Commit, folder: Path) -> None:
        subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
        subprocess.run(["git", "-C", str(folder), "unpack-objects", "-q"], input=gate.store.pack(), check=True)
        self.git, self.tip, self.kinds = Git(folder, None), tip.id, gate.parser.kinds

    def find(self, name: str) -> Place | None:
        return find(self.git, self.tip, "", self.kinds, name)

    def states(self, place: Place, prefix: str = "") -> list[dict[str, Any]]:
        with Objects(self.git) as objects:
            made = teller(objects, self.kinds, prefix, self.tip)
            return made.tell(landings(self.git, self.tip, [prefix + path for path in place.paths]), place)


def moved(files: dict[str, Doc]) -> dict[str, Doc]:
    return {path.replace("orders/", "archive/"): doc for path, doc in files.items()}


@pytest.fixture(scope="module")
def company(gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """An order that is approved on a branch and changed on it, merged, and archived."""
    order: dict[str, Doc] = {f"{CASE}/order.yaml": ORDER, **submitted()}
    root = begin(gate)
    landed = on(gate, root, order)
    seal = approval("sales-supervisor", "chen-jie", DAY + 3600)
    by_commit = {p: d for p, d in approval("finance", "su-cai", DAY + 7200).items() if not p.endswith(".sig")}
    by_nobody = {p: d for p, d in approval("production", "tang-gong", DAY + 9000).items() if not p.endswith(".sig")}
    wrong = {f"{p}.sig": Sig(d, "bo-wen") for p, d in by_nobody.items()}  # type: ignore[arg-type]
    side = on(gate, landed, {**seal, **by_nobody, **wrong}, "bo-wen")
    side = on(gate, side, by_commit, "su-cai")
    side = on(gate, side, {f"{CASE}/order.yaml": replace(ORDER, handler="bo-wen")}, "")
    merged = gate.store.commit((landed, side), side.files, NOW - 60, "lin-xiao")
    receipt = f"{CASE}/receipts/order-1-production.tang-gong.receipt.yaml"
    noted = on(gate, merged, {receipt: Raw(b"person: tang-gong\n"), f"{CASE}/evidence/a.txt": Raw(b"a\n")}, "he-cang")
    case = {p: d for p, d in noted.files.items() if p.startswith(CASE)}
    rest = {p: d for p, d in noted.files.items() if not p.startswith(CASE)}
    archived = gate.store.commit((noted,), {**rest, **moved(case)}, NOW - 30, "he-cang")
    return Told(gate, archived, tmp_path_factory.mktemp("told") / "repository")


@pytest.mark.parametrize(
    ("name", "id", "paths"),
    [
        (NUMBER, NUMBER, (ARCHIVED, CASE)),
        (f" {NUMBER.lower()} ", NUMBER, (ARCHIVED, CASE)),
        (f"./{CASE}/", NUMBER, (CASE, ARCHIVED)),
        (f"{ARCHIVED}/order.yaml", f"{ARCHIVED}/order.yaml", (f"{ARCHIVED}/order.yaml", f"{CASE}/order.yaml")),
        ("orders/2024/05", "orders/2024/05", ("orders/2024/05",)),
        ("customers/C0001.yaml", "customers/C0001.yaml", ("customers/C0001.yaml",)),
        ("c0001", "customers/C0001.yaml", ("customers/C0001.yaml",)),
        ("People", "policy/people.yaml", ("policy/people.yaml",)),
        ("OD2024050099", None, ()),
        ("nothing", None, ()),
        ("customers/../policy", None, ()),
        ("customers//C0001.yaml", None, ()),
        ("", None, ()),
    ],
)
def test_what_a_name_means(company: Told, name: str, id: str | None, paths: tuple[str, ...]) -> None:
    found = company.find(name)
    assert (found and (found.id, found.paths)) == (id and (id, paths))


def test_where_a_case_that_is_gone_lay() -> None:
    assert [p.paths for p in removed(NUMBER)] == [(CASE, ARCHIVED)]
    assert list(removed("C0001")) == []
    place = next(removed(NUMBER))
    assert [place.relative(p) for p in (f"{CASE}/order.yaml", f"{ARCHIVED}/a/b", "orders/x")] == [
        "order.yaml",
        "a/b",
        "orders/x",
    ]
    document = Place(f"{CASE}/order.yaml", (f"{CASE}/order.yaml",), False)
    assert document.relative(f"{CASE}/order.yaml/x") == f"{CASE}/order.yaml/x"


def test_each_state_is_told_with_who_brought_what(company: Told) -> None:
    place = company.find(NUMBER)
    assert place is not None
    first, merge, note, last = company.states(place)

    assert (first["person"], first["signature"], first["merge"], first["commits"]) == (
        "lin-xiao",
        "verified",
        False,
        [],
    )
    assert {c["change"] for c in first["changes"]} == {"added"}
    assert [c["signature"] for c in merge["commits"]] == ["verified", "verified", "sig.none"]
    assert merge["merge"]
    assert [(s["stage"], s["evidence"]) for s in merge["statements"]] == [
        ("sales-supervisor", ["signature"]),
        ("finance", ["commit"]),
        ("production", []),
    ]
    order = next(c for c in merge["changes"] if c["document"] == "order.yaml")
    assert (order["change"], order["kind"], order["commit"], order["person"]) == (
        "changed", "order", merge["commits"][2]["commit"], "",
    )  # fmt: skip
    [handler] = order["fields"]
    assert (handler["pointer"], handler["old"], handler["new"], handler["commit"]) == (
        "/handler", "lin-xiao", "bo-wen", order["commit"],
    )  # fmt: skip
    assert {c["document"]: (c["kind"], c["fields"]) for c in note["changes"]}["evidence/a.txt"] == ("", [])
    assert {c["change"] for c in last["changes"]} == {"moved"}
    assert last["statements"] == []


def test_a_review_proves_where_its_receipt_lies(gate: Gate, tmp_path: Path) -> None:
    one = approval("finance", "su-cai", DAY + 3600)
    receipts = {f"{FINANCE.replace('approvals', 'receipts')}.receipt.yaml": Raw(b"person: su-cai\n")}
    bare = {p: d for p, d in one.items() if not p.endswith(".sig")}
    for more, evidence in (({}, []), (receipts, ["review"])):
        tip = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted(), **bare, **more})
        told = Told(gate, tip, tmp_path / f"{len(more)}")
        place = told.find(CASE)
        assert place is not None
        [state] = told.states(place)
        assert [s["evidence"] for s in state["statements"]] == [evidence]


def test_who_has_left_by_then_proves_nothing(gate: Gate, tmp_path: Path) -> None:
    people = render(start()["policy/people.yaml"])
    people = people.replace(b"  - id: su-cai\n", b"  - id: su-cai\n    left_on: 2024-05-24\n")
    root = gate.store.commit((), {**start(), "policy/people.yaml": Raw(people)}, DAY - 3600, "gao-yuan")
    told = Told(gate, on(gate, root, {"customers/C0001.yaml": Customer(limit=5)}, "su-cai"), tmp_path / "told")
    states = told.states(Place("customers/C0001.yaml", ("customers/C0001.yaml",), False))
    assert [(s["person"], s["signature"]) for s in states] == [("gao-yuan", "verified"), ("", "person.left")]


@pytest.mark.parametrize("broken", ["policy/people.yaml", "orderctl.yaml"])
def test_where_there_is_no_sound_policy_nothing_is_proved(gate: Gate, tmp_path: Path, broken: str) -> None:
    """Whatever the next state says: each is judged by the policy before it."""
    tip = begin(gate)
    for n in range(3):
        files: dict[str, Doc] = {broken: Raw(b"nothing\n")} if n == 1 else {broken: start().get(broken, CONFIG)}
        tip = on(gate, tip, {**files, "customers/C0001.yaml": Customer(limit=n)}, "su-cai")
    told = Told(gate, tip, tmp_path / "told")
    states = told.states(Place("customers/C0001.yaml", ("customers/C0001.yaml",), False))
    assert [s["signature"] for s in states] == ["verified", "verified", "verified", "policy.missing"]


def test_a_time_that_no_calendar_has() -> None:
    assert (instant(0), instant(10**14)) == ("1970-01-01T00:00:00Z", "")


A, B, C = ({"line": n, "quantity": n} for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": Decimal("1.0")}, []),
        ({"a": 1}, {"a": True}, [("/a", 1, True)]),
        ({"a": 1, "b": 2}, {"c": 3, "a": 1}, [("/c", None, 3), ("/b", 2, None)]),
        ({"a": {"b": 1}}, {}, [("/a/b", 1, None)]),
        ({}, {"a": {"b": 1}}, [("/a/b", None, 1)]),
        ({}, {"a": {}}, [("/a", None, {})]),
        ({"a": {}}, {}, [("/a", {}, None)]),
        ({}, {"a": [1, 2]}, [("/a", None, [1, 2])]),
        ({"a": [1]}, {"a": [1, 2]}, [("/a", [1], [1, 2])]),
        ({}, {"a": [A]}, [("/a/0/line", None, 1), ("/a/0/quantity", None, 1)]),
        ({"a": [A]}, {}, [("/a/0/line", 1, None), ("/a/0/quantity", 1, None)]),
        ({"a": [A, B]}, {"a": [B, A]}, []),
        ({"a": [A, B]}, {"a": [{**B, "quantity": 7}]}, [
            ("/a/0/quantity", 2, 7), ("/a/0/line", 1, None), ("/a/0/quantity", 1, None),
        ]),
        ({"a": [A]}, {"a": [C, A]}, [("/a/0/line", None, 3), ("/a/0/quantity", None, 3)]),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}, {"x": 1}]}, [("/a/0/x", 1, 2), ("/a/1/x", None, 1)]),
        ({"a": [{"id": 1}, {"id": 1}]}, {"a": [{"id": 1}]}, [("/a/1/id", 1, None)]),
        ({"a": [{"id": [1]}]}, {"a": [{"id": [2]}]}, [("/a/0/id", [1], [2])]),
    ],
)  # fmt: skip
def test_which_fields_differ(old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert list(differences(old, new)) == [Difference(*one) for one in expected]


def test_a_history_that_is_cut_off_has_owners_as_far_as_it_goes() -> None:
    assert owners({"d": ("c", "s"), "s": ("r", "gone"), "c": ("b",), "r": ("b",)}, "d") == {
        "c": "c", "d": "d", "s": "d", "r": "d",
    }  # fmt: skip
    assert owners({}, "d") == {}


def test_what_may_have_brought_a_file() -> None:
    def touch(id: str, *parents: str, paths: Sequence[str] = ("a",)) -> Touch:
        return Touch(id, parents, dict.fromkeys(paths, ("", "x")))

    behind = (touch("one", "p"), touch("merge", "p", "q"), touch("other", "p", paths=["b"]), touch("two", "p"))
    assert [t.commit for t in Landing(touch("own", "p", "q"), behind).source("a")] == ["two", "one", "own", "merge"]
    assert [t.commit for t in Landing(touch("own", "p"), behind).source("b")] == ["other"]


def test_a_file_without_history(company: Told) -> None:
    assert landings(company.git, company.tip, ["customers/C9999.yaml"]) == []


def test_commits_that_nobody_here_would_make(gate: Gate, tmp_path: Path) -> None:
    """A header that Git reads and the gate refuses; OpenPGP where the policy knows no such key."""
    rights = Raw(static()["policy/permissions.yaml"] + b"gpg: true\n")
    root = gate.store.commit((), {**start(), "policy/permissions.yaml": rights}, DAY - 3600, "gao-yuan")
    limit = on(gate, root, {"customers/C0001.yaml": Customer(limit=5)}, "")
    armor = "-----BEGIN PGP SIGNATURE-----\n\n iHUEABYKAB0=\n -----END PGP SIGNATURE-----"
    _, data = gate.store.objects[limit.id]
    pgp = gate.store._add("commit", data.replace(b"\n\n", f"\ngpgsig {armor}\n\n".encode(), 1))
    votes = approval("finance", "su-cai", DAY + 3600)
    last = on(gate, replace(limit, id=pgp), {f"{CASE}/order.yaml": ORDER, **submitted(), **votes}, "")
    _, data = gate.store.objects[last.id]
    odd = gate.store._add("commit", data.replace(b"\n\n", b"\nencoding utf-8\n\n", 1))
    told = Told(gate, replace(last, id=odd), tmp_path / "told")

    customer = told.states(Place("customers/C0001.yaml", ("customers/C0001.yaml",), False))
    assert [(s["person"], s["signature"]) for s in customer] == [("gao-yuan", "verified"), ("", "sig.unknown_key")]
    [order] = told.states(Place(NUMBER, (CASE, ARCHIVED), True))
    assert [order[name] for name in ("at", "name", "message", "signature")] == ["", "", "", "commit.malformed"]
    assert [s["evidence"] for s in order["statements"]] == [["signature"]]
