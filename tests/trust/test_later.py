"""What became known later: keys that were stolen put into older policies, the ledger beside its branch; in process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from orderctl.model import Finding, Severity
from orderctl.trust.journey import disagreements, seen, within
from orderctl.trust.later import Void, informed, knowledge, voided
from orderctl.trust.ledger import Entry, Ledger
from tests.trust.histories import DAY, Commit, Doc
from tests.trust.judging import Gate
from tests.trust.policies import ISSUED, LATER, PEOPLE, at, key, loaded, person, policy
from tests.trust.steps import CASE, ORDER, approval, begin, on, submitted

KEY = 'keys: [{{key: "{0}"{1}}}]'
LISTED = "revoked:\n  - {{fingerprint: {0}, since: {1}, reason: lost, on: 2024-05-06}}\n"
GONE = "revoked:\n  - {{fingerprint: {0}, reason: lost, on: 2024-05-06}}\n"
REF = "refs/heads/main"
PGP, PRINTS = "pgp: [{{fingerprint: {0}, key: x}}]", ("0123456789ABCDEF0123456789ABCDEF01234567",)


def dan(more: str = "", pgp: str = "") -> str:
    return person("dan", "finance", KEY.format(key("dan"), more) + pgp, keyed=False)


PRINT = loaded(policy(PEOPLE + dan())).people["dan"].keys[0].fingerprint
COMPROMISED, COMPROMISED_LATER = f", compromised_since: {ISSUED}", f", compromised_since: {LATER}"
OPENPGP = ", " + PGP.format(PRINTS[0])


def test_what_a_policy_knows_of_keys() -> None:
    assert knowledge(loaded(policy(PEOPLE + dan()))) == {}
    assert knowledge(loaded(policy(PEOPLE + dan(COMPROMISED)))) == {PRINT: (at(ISSUED), None)}
    listed = LISTED.format(f'"{PRINT}"', LATER)
    assert knowledge(loaded(policy(PEOPLE + dan(COMPROMISED), revoked=listed))) == {PRINT: (at(ISSUED), at(LATER))}
    assert knowledge(loaded(policy(revoked=listed))) == {PRINT: (None, at(LATER))}, "of somebody who is no longer there"
    assert knowledge(loaded(policy(revoked=GONE.format(f'"{PRINT}"')))) == {PRINT: (None, 0)}
    pgp = OPENPGP.replace("key: x", f"key: x{COMPROMISED}")
    assert knowledge(loaded(policy(PEOPLE + dan(pgp=OPENPGP)))) == {}
    assert knowledge(loaded(policy(PEOPLE + dan(pgp=pgp)))) == {PRINTS[0]: (at(ISSUED), None)}
    both = LISTED.format(PRINTS[0], LATER)
    assert knowledge(loaded(policy(PEOPLE + dan(pgp=pgp), revoked=both))) == {PRINTS[0]: (at(ISSUED), at(LATER))}


@pytest.mark.parametrize(
    ("before", "known", "after"),
    [
        ("", (None, None), (None, None)),
        ("", (5, None), (5, None)),
        ("", (None, 5), (None, 5)),
        (COMPROMISED, (5, None), (5, None)),
        (COMPROMISED, (at(LATER), 7), (at(ISSUED), 7)),
        (COMPROMISED_LATER, (at(ISSUED), None), (at(ISSUED), None)),
    ],
)
def test_the_earlier_time_counts(
    before: str, known: tuple[int | None, int | None], after: tuple[int | None, int | None]
) -> None:
    old = loaded(policy(PEOPLE + dan(before, pgp=OPENPGP.replace("key: x", f"key: x{before}"))))
    told = informed(old, {PRINT: known, PRINTS[0]: known, "SHA256:elsewhere": (1, 1)})

    found = told.ring.get(PRINT)
    assert found is not None
    assert (found.compromised_since, found.revoked_since) == after
    others = told.ring.get(old.people["ann"].keys[0].fingerprint)
    assert others == old.people["ann"].keys[0]
    [entry] = next(p for p in told.people_data["people"] if p["id"] == "dan")["pgp"]
    assert (at(entry["compromised_since"]) if "compromised_since" in entry else None) == after[0]
    assert told.revoked.get(PRINTS[0]) == after[1]
    assert informed(old, {}) == old


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
def steps(gate: Gate) -> list[Commit]:
    """The start, an order that lands, and its approvals: one signed, one proved by the commit that brings both."""
    start = begin(gate)
    order = on(gate, start, {f"{CASE}/order.yaml": ORDER, **submitted()})
    bare = {p: d for p, d in approval("finance", "su-cai", DAY + 7200).items() if not p.endswith(".sig")}
    votes: dict[str, Doc] = {**approval("sales-supervisor", "chen-jie", DAY + 3600), **bare}
    return [start, order, on(gate, order, votes, "su-cai")]


SUPERVISOR, FINANCE = (
    f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml",
    f"{CASE}/approvals/order-1-finance.su-cai.yaml",
)


@pytest.mark.parametrize(
    ("rule", "path", "who", "voids"),
    [
        ("key.compromised", f"{SUPERVISOR}.sig", "chen-jie", [SUPERVISOR]),
        ("key.revoked", SUPERVISOR, "chen-jie", [SUPERVISOR]),
        ("key.revoked", SUPERVISOR, "su-cai", []),
        ("key.revoked", "", "su-cai", [FINANCE]),
        ("key.revoked", "", "chen-jie", []),
        ("key.expired", "", "su-cai", []),
        ("key.revoked", f"{CASE}/approvals/none.yaml", "su-cai", []),
        ("key.revoked", f"{CASE}/approvals/order-1-finance.yaml", "su-cai", []),
    ],
)
def test_which_statements_lose_their_proof(
    gate: Gate, steps: list[Commit], rule: str, path: str, who: str, voids: list[str]
) -> None:
    finding = Finding(rule, Severity.ERROR, path, "", {"commit": steps[2].id, "person": who})
    found = list(voided(gate.world, gate.graph, [finding]))
    assert [v.path for v in found] == voids
    if voids:
        stage, by = ("finance", "su-cai") if voids == [FINANCE] else ("sales-supervisor", "chen-jie")
        number = CASE.rpartition("/")[2]
        assert found == [Void(voids[0], steps[2].id, "order", number, 1, stage, by)]


def test_a_statement_that_is_named_itself_is_not_saved_by_its_signature(gate: Gate, steps: list[Commit]) -> None:
    """Both the commit's key and the signature's are one that was stolen."""
    params = {"commit": steps[2].id, "person": "chen-jie"}
    named = [Finding("key.revoked", Severity.ERROR, p, "", params) for p in ("", f"{SUPERVISOR}.sig")]
    assert [v.path for v in voided(gate.world, gate.graph, named)] == [SUPERVISOR, SUPERVISOR]
    first = Finding("key.revoked", Severity.ERROR, "", "", {"commit": steps[0].id, "person": "gao-yuan"})
    assert list(voided(gate.world, gate.graph, [first])) == []


def ledger(gate: Gate, *pushes: tuple[Commit | str, Commit], ref: str = REF) -> Ledger:
    """Return a ledger of these pushes (old, new), observed at 1, 2, …"""
    entries = []
    for n, (old, new) in enumerate(pushes, 1):
        before, tree = old if isinstance(old, str) else old.id, gate.graph.commit(new.id).tree
        by: dict[str, Any] = {"policy_version": 1, "policy_sha256": "", "pusher": {}, "verdict": ""}
        entries.append(Entry(observed=n, ref=ref, old=before, new=new.id, tree=tree, seq=n, prev="", **by))
    return Ledger(tuple(entries))


def test_when_each_state_was_seen(gate: Gate, steps: list[Commit]) -> None:
    line = [one.id for one in steps]
    zero = "0" * 40
    assert seen(Ledger(), line) == [None, None, None]
    assert seen(ledger(gate, (zero, steps[0]), (steps[0], steps[2])), line) == [1, 2, 2]
    assert seen(ledger(gate, (steps[0], steps[1])), line) == [None, 1, None]
    assert seen(ledger(gate, (zero, steps[1]), (zero, steps[2])), line) == [1, 1, 2], "on another branch before"
    assert seen(ledger(gate, (steps[2], steps[1])), line) == [None, None, None]


def told(gate: Gate, book: Ledger, tip: Commit, line: Sequence[Commit], root: Commit) -> list[str]:
    found = disagreements(book, REF, gate.graph, tip.id, [one.id for one in line], root.id)
    return [f.rule for f in found]


def test_where_ledger_and_branch_do_not_agree(gate: Gate, steps: list[Commit]) -> None:
    start, order, votes = steps
    other = on(gate, start, {}, "su-cai")
    line = [order, votes]
    whole = ledger(gate, (start, order), (order, votes))
    assert told(gate, whole, votes, line, start) == []
    assert told(gate, Ledger(), votes, line, start) == []
    assert told(gate, ledger(gate, (start, other), ref="refs/heads/other"), votes, line, start) == []
    assert told(gate, ledger(gate, (start, order)), votes, line, start) == ["ledger.gap"]
    assert told(gate, ledger(gate, (start, order), (other, votes)), votes, line, start) == ["ledger.gap"]
    assert told(gate, ledger(gate, (start, other), (other, votes)), votes, line, start) == ["ref.non_ff"]
    assert told(gate, whole, votes, [votes], order) == [], "before the root"
    forged = Ledger((replace(whole.entries[0], tree="f" * 40), whole.entries[1]))
    assert told(gate, forged, votes, line, start) == ["ledger.broken"]
    assert within(gate.graph, start.id, votes.id)
    assert not within(gate.graph, votes.id, start.id)
    assert not within(gate.graph, "f" * 40, start.id)


def test_a_ledger_of_a_commit_that_is_gone(gate: Gate, steps: list[Commit]) -> None:
    start, order, votes = steps
    whole = ledger(gate, (start, order), (order, votes))
    gone = Ledger((replace(whole.entries[0], new="f" * 40), replace(whole.entries[1], old="f" * 40)))
    assert told(gate, gone, votes, [order, votes], start) == ["ref.non_ff"]
    line = [order.id, "e" * 40]
    lost = Ledger((replace(whole.entries[0], new="e" * 40),))
    found = list(disagreements(lost, REF, gate.graph, "e" * 40, line, start.id))
    assert [(f.rule, f.params["what"]) for f in found] == [("ledger.broken", "tree ")]
