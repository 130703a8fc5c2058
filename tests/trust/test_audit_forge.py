"""What the audit says of merges, squashes and reviews that a forge made."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.trust.audits import audit, change_policy, hand_over, public, said
from tests.trust.company import Company, draft, dump


@pytest.fixture
def firm(audited: Company, tmp_path: Path) -> Company:
    return audited.copy(tmp_path / "work")


WEB_FLOW = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAABCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----"


def test_m01_merge_that_changes_an_order_by_itself(firm: Company) -> None:
    firm.git("checkout", "-q", "-b", "side")
    firm.write("README.md", "about")
    firm.commit("gao-yuan")
    firm.git("checkout", "-q", "main")
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao")
    merge = firm.merge("chen-jie", "side")
    assert said(audit(firm)) == []
    hand_over(firm, "chen-jie")
    evil = firm.commit("lin-xiao", amend=True)
    assert firm.git("rev-parse", f"{evil}^1") == firm.git("rev-parse", f"{merge}^1")
    assert said(audit(firm)) == [("merge.unclean", evil)]


def web_flow(firm: Company, text: str, *, tree: str = "") -> str:
    """Write a commit as a forge's web page makes it, signed by the forge; let main be it."""
    tree = tree or firm.git("rev-parse", "HEAD^{tree}")
    ident = "GitHub <noreply@github.com> 1716609600 +0000"  # AS_OF
    armor = WEB_FLOW.replace("\n", "\n ")
    body = f"tree {tree}\n{text}author {ident}\ncommitter {ident}\ngpgsig {armor}\n\nmerge\n"
    id = firm.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=body)
    firm.git("update-ref", "refs/heads/main", id)
    return id


def test_h12_clean_merge_by_a_forge(firm: Company) -> None:
    base = firm.head()
    hand_over(firm, "gu-nan")
    side = firm.commit("lin-xiao")
    web_flow(firm, f"parent {base}\nparent {side}\n")
    assert said(audit(firm)) == []


def test_h12_merge_by_a_forge_with_another_tree(firm: Company) -> None:
    base = firm.head()
    hand_over(firm, "gu-nan")
    side = firm.commit("lin-xiao")
    hand_over(firm, "chen-jie")
    firm.git("add", "-A")
    bad = web_flow(firm, f"parent {base}\nparent {side}\n", tree=firm.git("write-tree"))
    assert said(audit(firm)) == [("merge.unclean", bad)]


def test_h13_squash_by_a_forge_with_what_nobody_signed(firm: Company) -> None:
    base = firm.head()
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao")
    bad = web_flow(firm, f"parent {base}\n")
    assert said(audit(firm)) == [("sig.backend_disabled", bad)]


def squashed(firm: Company, *, signed: bool) -> str:
    """Land a second order as a forge's squash does: one commit, no person's signature."""
    base = firm.head()
    case = draft(firm, number="OD2024050015")
    firm.submit(case=case)
    firm.approve_all(case=case, signed=signed)
    firm.commit("lin-xiao", at="2024-05-21T10:00:00+08:00")
    return web_flow(firm, f"parent {base}\n")


def test_a24_squash_with_detached_signatures(firm: Company) -> None:
    squashed(firm, signed=True)
    assert said(audit(firm)) == []


def test_a24_squash_of_approvals_that_only_commits_proved(firm: Company) -> None:
    bad = squashed(firm, signed=False)
    assert {commit for _, commit in said(audit(firm))} == {bad}
    assert "sig.backend_disabled" in {code for code, _ in said(audit(firm))}


def reviewed(firm: Company) -> str:
    """Land an order whose supervisor approved it by a forge's review only; return the statement's path."""
    people = firm.read("policy/people.yaml").rstrip("\n")
    robot = f'roles: [service], department: management, keys: [{{key: "{public(firm, "robot")}"}}]'
    firm.write("policy/people.yaml", f"{people}\n  - {{id: robot, name: 门禁, name_en: Gate, {robot}}}\n")
    change_policy(firm, "2024-05-21T09:00:00+08:00")
    case = draft(firm, number="OD2024050015")
    firm.submit(case=case, policy=firm.policy())
    firm.commit("lin-xiao", at="2024-05-21T10:00:00+08:00")
    path = firm.approve("sales-supervisor", "chen-jie", case=case, signed=False, issued="2024-05-21T11:00:00+08:00")
    firm.commit("lin-xiao", at="2024-05-21T12:00:00+08:00")
    firm.git("checkout", "-q", "main")
    firm.merge("gao-yuan", "new-OD2024050015", at="2024-05-21T13:00:00+08:00")
    return path


def receipt(firm: Company, statement: str, person: str, *, of: str = "") -> str:
    """Write the receipt of a review as the gate's job does, and commit it as ``person``."""
    fields = {
        "schema": "receipt/1",
        "statement": sha256((of or firm.read(statement)).encode()).hexdigest(),
        "forge": "github.com",
        "pull": 12,
        "review": 7,
        "user": 1001,
        "person": "chen-jie",
        "state": "approved",
        "commit": firm.head(),
        "submitted_at": "2024-05-21T12:30:00+08:00",
        "author": 1002,
        "recorded_at": "2024-05-21T13:10:00+08:00",
    }
    firm.write(statement.replace("/approvals/", "/receipts/").replace(".yaml", ".receipt.yaml"), dump(fields))
    return firm.commit(person, at="2024-05-21T13:10:00+08:00")


def test_review_counts_by_the_receipt_that_came_later(firm: Company) -> None:
    path = reviewed(firm)
    merge = firm.head()
    assert said(audit(firm, as_of=None)) == [("approval.evidence", merge)]
    receipt(firm, path, "robot")
    after = audit(firm, as_of=None)
    assert said(after) == []
    assert after["audited"]["judged"] == 2  # the receipt's own step, and the one that lacked it


@pytest.mark.parametrize("of", ["", "another statement"])
def test_receipt_by_somebody_else_or_of_something_else_proves_nothing(firm: Company, of: str) -> None:
    path = reviewed(firm)
    merge = firm.head()
    bad = receipt(firm, path, "robot" if of else "lin-xiao", of=of)
    expected = [("approval.evidence", merge)] if of else [("permission.denied", bad)]
    assert said(audit(firm)) == expected
