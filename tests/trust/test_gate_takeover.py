"""Ways to land what nobody proved, or to vote by a change's own policy; each beside its honest twin. In process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.trust.histories import (
    DAY,
    Doc,
    Manifest,
    People,
    Shipment,
    Statement,
    Submission,
    start,
)
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, ORDER, approval, approvals, begin, on, signed, submitted


def promotion(*admins: str) -> dict[str, Doc]:
    """Return a policy by which two colleagues become admins, and who approves it."""
    files = start()
    people, old = files["policy/people.yaml"], files["policy/policy.yaml"]
    assert isinstance(people, People) and isinstance(old, Manifest)
    roles = tuple((p, (*r, "policy-admin") if p in ("lin-xiao", "he-cang") else r) for p, r in people.roles)
    new = Manifest(2, replace(people, roles=roles), old.flows, old)
    found: dict[str, Doc] = {"policy/people.yaml": new.people, "policy/policy.yaml": new}
    for person in admins:
        one = Statement(new, "policy-admin", person, old, DAY, person)
        found |= signed(f"policy/approvals/policy-2-policy-admin.{person}.yaml", one, person)
    return found


@pytest.mark.parametrize(
    ("admins", "codes"),
    [
        (("gao-yuan", "su-cai"), set()),
        (("gao-yuan", "lin-xiao"), {"policy.threshold_old", "role.inactive"}),
        (("lin-xiao", "he-cang"), {"policy.threshold_old", "role.inactive"}),
    ],
)
def test_p06_nobody_votes_by_the_role_that_the_change_gives_them(
    gate: Gate, admins: tuple[str, ...], codes: set[str]
) -> None:
    """Two colleagues whom the policy knows make themselves admins: their role is that of the state before."""
    before = begin(gate)
    assert gate.codes(before, on(gate, before, promotion(*admins)), NOW) == codes


@pytest.mark.parametrize(("hours", "zulu"), [(1, False), (2, False), (2, True), (1, True)])
def test_a_later_decision_is_later_in_whatever_zone(gate: Gate, hours: int, zulu: bool) -> None:
    """Somebody decides twice: the newer one counts, and both may land. 04:00Z is after 11:00+08:00."""
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted()})
    twice = approval("sales-supervisor", "chen-jie", DAY + 3600)
    twice |= approval("sales-supervisor", "chen-jie", DAY + hours * 3600, name=".2", zulu=zulu)
    assert gate.codes(before, on(gate, before, twice), NOW) == set()


def test_statements_do_not_wait_for_their_order(gate: Gate) -> None:
    """Landed before the order they were never judged, and counted once it came."""
    before = begin(gate)
    forged = on(gate, before, approvals(key="mallory"))
    assert "approval.subject" in gate.codes(before, forged, NOW)
    whole = on(gate, before, {f"{CASE}/order.yaml": ORDER, **submitted(), **approvals()})
    assert gate.codes(before, whole, NOW) == set()
    made_up = on(gate, before, {f"{CASE}/order.yaml": ORDER, **submitted(), **approvals(key="mallory")})
    assert "sig.unknown_key" in gate.codes(before, made_up, NOW)


def test_a_submission_does_not_wait_for_its_order(gate: Gate) -> None:
    """Landed before the order, nobody would ask later whether the submitter signed it."""
    before = begin(gate)
    forged = on(gate, before, submitted(by="bo-wen", key="mallory"))
    assert gate.codes(before, forged, NOW) == {"submission.digest"}
    assert gate.codes(before, on(gate, before, submitted()), NOW) == {"submission.digest"}
    whole = on(gate, before, {f"{CASE}/order.yaml": ORDER, **submitted()})
    assert gate.codes(before, whole, NOW) == set()


def test_goods_do_not_leave_for_no_order(gate: Gate) -> None:
    before = begin(gate)
    shipped = on(gate, before, {f"{CASE}/shipment-1.yaml": Shipment()}, "he-cang")
    assert gate.codes(before, shipped, NOW) == {"approval.missing", "permission.denied"}
    ready = on(gate, before, {f"{CASE}/order.yaml": ORDER, **submitted(), **approvals()})
    assert gate.codes(ready, on(gate, ready, {f"{CASE}/shipment-1.yaml": Shipment()}, "he-cang"), NOW) == set()


def test_an_older_submission_is_not_put_back(gate: Gate) -> None:
    """It would forget who changed the order since."""
    second = replace(ORDER, quantity=4, revision=2)
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted()})
    both = Submission(second, "bo-wen", ("bo-wen", "lin-xiao"))
    later = on(
        gate, before, {f"{CASE}/order.yaml": second, **signed(f"{CASE}/submission.yaml", both, "bo-wen")}, "bo-wen"
    )
    assert gate.codes(before, later, NOW) == set()
    assert gate.codes(later, on(gate, later, submitted()), NOW) == {"submission.revision"}


def test_what_expired_before_all_had_approved_is_not_used_later(gate: Gate) -> None:
    """Approvals that are dated back don't bring an expired one to life: what counts is when they are seen."""
    end = NOW + 3600
    one = approval("sales-supervisor", "chen-jie", DAY + 3600)
    path = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
    first = one[path]
    assert isinstance(first, Statement)
    one = signed(path, replace(first, expires=end), "chen-jie")
    before = on(gate, begin(gate), {f"{CASE}/order.yaml": ORDER, **submitted(), **one})
    rest = on(gate, before, {p: d for p, d in approvals().items() if "supervisor" not in p})
    assert gate.codes(before, rest, end - 1) == set()
    assert gate.codes(before, rest, end) == {"approval.expired"}
    assert gate.codes(rest, on(gate, rest, {f"{CASE}/shipment-1.yaml": Shipment()}, "he-cang"), end) == set()
