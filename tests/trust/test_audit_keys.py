"""What the audit says of history when keys are replaced, lost or revoked later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.audits import audit, change_policy, hand_over, public, rotate, said, set_keys
from tests.trust.company import CASE, NUMBER, Company


@pytest.fixture
def firm(audited: Company, tmp_path: Path) -> Company:
    return audited.copy(tmp_path / "work")


def test_s32_rotation_leaves_history_valid(firm: Company) -> None:
    rotate(firm)
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao", at="2024-05-23T09:00:00+08:00", key=firm.key("lin-xiao-2"))
    assert said(audit(firm)) == []


def test_s32_twin_old_key_after_rotation(firm: Company) -> None:
    rotate(firm)
    hand_over(firm, "gu-nan")
    bad = firm.commit("lin-xiao", at="2024-05-23T09:00:00+08:00")
    assert said(audit(firm)) == [("key.expired", bad)]


def compromise(firm: Company, person: str, since: str) -> None:
    new = public(firm, f"{person}-2")
    set_keys(firm, person, f'{{key: "{public(firm, person)}", compromised_since: {since}}}, {{key: "{new}"}}')
    change_policy(firm, "2024-05-24T11:00:00+08:00")


def test_s33_commits_before_the_compromise_pass_and_later_ones_do_not(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao", at="2024-05-21T09:00:00+08:00")
    hand_over(firm, "chen-jie")
    bad = firm.commit("lin-xiao", at="2024-05-22T09:00:00+08:00")
    assert said(audit(firm)) == []
    compromise(firm, "lin-xiao", "2024-05-22T00:00:00+08:00")
    assert said(audit(firm)) == [("key.compromised", bad)]


def test_s33_approvals_that_rest_on_a_compromised_key_are_open_again(firm: Company) -> None:
    compromise(firm, "chen-jie", "2024-05-20T10:30:00+08:00")
    verdict = audit(firm)
    path = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
    reopened = [f for f in verdict["findings"] if f["code"] == "audit.reopened"]
    assert [(f["path"], f["person"]) for f in reopened] == [(path, "chen-jie")]
    assert NUMBER in reopened[0]["message"] and "sales-supervisor" in reopened[0]["message"]
    assert {f["code"] for f in verdict["findings"]} == {"audit.reopened", "key.compromised"}
    assert [(m["subject"], m["stage"], m["who"]) for m in verdict["missing"]] == [
        (NUMBER, "sales-supervisor", ["chen-jie"]),
        (NUMBER, "finance", []),  # they decide after the supervisor, so theirs wait again
        (NUMBER, "production", []),
    ]


def test_s33_approval_given_anew_with_a_sound_key(firm: Company) -> None:
    compromise(firm, "tang-gong", "2024-05-20T10:30:00+08:00")
    assert audit(firm)["verdict"] == "deny"
    at = "2024-05-25T09:00:00+08:00"
    firm.approve(
        "production", "tang-gong", key=firm.key("tang-gong-2"), name="order-1-production.tang-gong.2", issued=at
    )
    firm.commit("lin-xiao")
    verdict = audit(firm)
    assert (verdict["verdict"], verdict["missing"]) == ("allow", [])
    assert sorted({code for code, _ in said(verdict)}) == ["audit.reopened", "key.compromised"]  # warnings now


def test_s33_twin_compromised_only_after_all_was_seen(firm: Company) -> None:
    compromise(firm, "chen-jie", "2024-05-21T00:00:00+08:00")
    assert said(audit(firm)) == []


def revoke(firm: Company, person: str, since: str) -> None:
    """Revoke a key whose owner is no longer among the people."""
    from orderctl.trust.keys import parse_public

    lines = firm.read("policy/people.yaml").split("\n")
    start = next(n for n, line in enumerate(lines) if line == f"  - id: {person}")
    end = next((n for n, line in enumerate(lines) if n > start and line.startswith("  - ")), len(lines))
    firm.write("policy/people.yaml", "\n".join([*lines[:start], *lines[end:]]).rstrip("\n") + "\n")
    fingerprint = parse_public(public(firm, person))[2]
    entry = f'{{fingerprint: "{fingerprint}"{since}, reason: 电脑被盗, on: 2024-05-24}}'
    firm.write("policy/revoked.yaml", f"schema: revoked/1\nrevoked:\n  - {entry}\n")
    change_policy(firm, "2024-05-24T11:00:00+08:00")


@pytest.mark.parametrize(
    ("since", "codes"), [("", {"key.revoked"}), (", since: 2024-05-22T00:00:00+08:00", set())], ids=["always", "later"]
)
def test_s10_key_revoked_later(firm: Company, since: str, codes: set[str]) -> None:
    assert said(audit(firm)) == []
    revoke(firm, "lin-xiao", since)
    assert {code for code, _ in said(audit(firm))} == codes
