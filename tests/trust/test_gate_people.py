"""Who may decide is what the policy in force says; when, is an instant, in whatever zone it is written."""

from __future__ import annotations

import re

import pytest

from tests.trust.company import Company, draft


def promoted(firm: Company, *persons: str) -> None:
    """Make people policy admins, in people.yaml on disk."""
    people = firm.read("policy/people.yaml")
    for person in persons:
        people = re.sub(rf"(- id: {person}\n(?:    .*\n)*?    roles: \[)", r"\1policy-admin, ", people)
    firm.write("policy/people.yaml", people)
    firm.raise_policy()


@pytest.mark.parametrize(
    ("admins", "codes"),
    [
        (("gao-yuan", "su-cai"), []),
        (("gao-yuan", "lin-xiao"), ["policy.threshold_old", "role.inactive"]),
        (("lin-xiao", "he-cang"), ["policy.threshold_old", "role.inactive"]),
    ],
)
def test_p06_nobody_votes_by_the_role_that_the_change_gives_them(
    firm: Company, admins: tuple[str, ...], codes: list[str]
) -> None:
    """Two colleagues whom the policy knows make themselves admins: their role is that of the state before."""
    promoted(firm, "lin-xiao", "he-cang")
    firm.approve_policy(*admins)
    firm.commit("gao-yuan", "admins")
    assert firm.codes("HEAD~1") == codes


@pytest.mark.parametrize("again", ["2024-05-20T11:00:01+08:00", "2024-05-20T04:00:00Z", "2024-05-20T03:00:00Z"])
def test_a_later_decision_is_later_in_whatever_zone(firm: Company, again: str) -> None:
    """Somebody decides twice: the newer one counts, and both may land."""
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    firm.approve("sales-supervisor", "chen-jie", issued="2024-05-20T11:00:00+08:00")
    firm.approve("sales-supervisor", "chen-jie", issued=again, name="order-1-sales-supervisor.chen-jie.2")
    firm.commit("lin-xiao", "approvals")
    assert firm.codes() == []
