"""With the server's ledger the audit knows when each change was seen, and that the branch only moved forward."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from orderctl.trust.ledger import Record, append, ledger_path
from tests.trust.audits import audit, rotate, said
from tests.trust.company import Company
from tests.trust.test_audit_memory import ticket

ZERO = "0" * 40
MAIN = "refs/heads/main"


@pytest.fixture
def firm(original: Company, tmp_path: Path) -> Company:
    firm = original.copy(tmp_path / "work")
    firm.git("config", "orderctl.root", firm.head())
    return firm


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def record(firm: Company, old: str, new: str, at: str, *, ref: str = MAIN) -> None:
    """Write the entry that a server writes when it has taken a push."""
    path = ledger_path(firm.root / ".git")
    path.parent.mkdir(exist_ok=True)
    tree = firm.git("rev-parse", f"{new}^{{tree}}")
    append(
        path,
        [
            Record(
                observed=seconds(at),
                ref=ref,
                old=old,
                new=new,
                tree=tree,
                policy_version=1,
                policy_sha256="0" * 64,
                pusher={},
                verdict="0" * 64,
            )
        ],
    )


def test_ledger_that_agrees(firm: Company) -> None:
    states = [firm.head(), *(ticket(firm, f"{n}") for n in range(3))]
    record(firm, ZERO, states[0], "2024-05-20T09:00:00+08:00")
    record(firm, states[0], states[2], "2024-05-25T12:00:00+08:00")
    record(firm, states[2], states[3], "2024-05-25T12:00:01+08:00")
    assert said(audit(firm)) == []


def test_backdated_commit_is_judged_when_it_was_seen(firm: Company) -> None:
    """An old key's owner sets the clock back; only the ledger knows that the push came after the key's end."""
    rotate(firm)
    before = firm.head()
    firm.write("customers/C0001.yaml", firm.read("customers/C0001.yaml") + "# late\n")
    late = firm.commit("lin-xiao", at="2024-05-22T11:30:00+08:00")
    assert said(audit(firm)) == []
    record(firm, before, late, "2024-05-23T09:00:00+08:00")
    assert said(audit(firm)) == [("key.expired", late)]


def test_backdated_twin_seen_in_time(firm: Company) -> None:
    rotate(firm)
    before = firm.head()
    firm.write("customers/C0001.yaml", firm.read("customers/C0001.yaml") + "# in time\n")
    new = firm.commit("lin-xiao", at="2024-05-22T11:30:00+08:00")
    record(firm, before, new, "2024-05-22T11:59:59+08:00")
    assert said(audit(firm)) == []


def test_m06_force_push_seen_by_the_ledger(firm: Company) -> None:
    base, lost = firm.head(), ticket(firm, "one")
    record(firm, base, lost, "2024-05-25T12:00:00+08:00")
    firm.git("reset", "-q", "--hard", base)
    new = ticket(firm, "another")
    record(firm, lost, new, "2024-05-25T12:00:00+08:00")
    assert said(audit(firm)) == [("ref.non_ff", new)]


def test_p16_change_that_no_hook_saw(firm: Company) -> None:
    base, seen = firm.head(), ticket(firm, "one")
    record(firm, base, seen, "2024-05-25T12:00:00+08:00")
    past = ticket(firm, "two", sign=False)
    assert said(audit(firm)) == [("ledger.gap", past), ("sig.none", past)]


def test_p16_gap_in_the_middle(firm: Company) -> None:
    one, two, three = (ticket(firm, f"{n}") for n in range(3))
    record(firm, firm.git("config", "orderctl.root"), one, "2024-05-25T12:00:00+08:00")
    record(firm, two, three, "2024-05-25T12:00:00+08:00")
    assert said(audit(firm)) == [("ledger.gap", two)]


def test_other_branches_entries_are_theirs(firm: Company) -> None:
    base, new = firm.head(), ticket(firm, "one")
    record(firm, base, new, "2024-05-25T12:00:00+08:00")
    record(firm, ZERO, base, "2024-05-25T12:00:00+08:00", ref="refs/heads/release")
    assert said(audit(firm)) == []


def test_altered_ledger(firm: Company) -> None:
    base, one, two = firm.head(), ticket(firm, "1"), ticket(firm, "2")
    record(firm, base, one, "2024-05-25T12:00:00+08:00")
    record(firm, one, two, "2024-05-25T12:00:00+08:00")
    path = ledger_path(firm.root / ".git")
    first, *rest = path.read_text().splitlines(keepends=True)
    moved = json.loads(first) | {"observed": 1}
    path.write_text(json.dumps(moved, sort_keys=True, separators=(",", ":")) + "\n" + "".join(rest))
    assert [code for code, _ in said(audit(firm))] == ["ledger.broken"]


def test_revision_and_branch_named(firm: Company) -> None:
    """The ledger gives its times to any revision; only for the branch itself must it end at the tip."""
    base, one, two = firm.head(), ticket(firm, "1"), ticket(firm, "2", sign=False)
    record(firm, base, one, "2024-05-25T12:00:00+08:00")
    for name in (MAIN, "main"):
        assert [code for code, _ in said(audit(firm, "--rev", name))] == ["ledger.gap", "sig.none"]
    assert said(audit(firm, "--rev", one)) == []
    assert said(audit(firm, "--rev", two)) == [("sig.none", two)]


def test_copy_of_the_ledger_is_named(firm: Company, tmp_path: Path) -> None:
    base, lost = firm.head(), ticket(firm, "one")
    record(firm, base, lost, "2024-05-25T12:00:00+08:00")
    ledger_path(firm.root / ".git").rename(tmp_path / "ledger.jsonl")
    assert said(audit(firm)) == []
    firm.git("reset", "-q", "--hard", base)
    assert "ledger.gap" in [code for code, _ in said(audit(firm, "--ledger", str(tmp_path / "ledger.jsonl")))]
