"""What counts as an approval, at every boundary: flows chosen, seats, order of stages, deadlines, deputies, expiry."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from orderctl.approvals import (
    StageState,
    asks_for_change,
    choose,
    complete,
    is_bare,
    judged_earlier,
    may_decide,
    stand,
    stands_in_for,
    subject_of,
)
from orderctl.digest import digest_without
from orderctl.model import Document
from tests.fake_book import FakeBook, base_documents

CASE = "orders/2024/05/OD2024050012"
ORDER = f"{CASE}/order.yaml"
BASE = {p: d for p, d in base_documents().items() if "/approvals/" not in p and "OD2024050013" not in p}
SUBMITTED = "2024-05-06T09:00:00+08:00"  # a Monday
PEOPLE = {
    "ann": ["finance"],
    "bob": ["finance", "production"],
    "cid": ["production"],
    "dan": ["sales-director"],
    "eve": ["warehouse"],
    "lin-xiao": ["sales", "finance"],
}
STAGE = {"zh": "环节", "en": "Stage"}


def at(clock: str, day: int = 6) -> str:
    return f"2024-05-{day:02}T{clock}+08:00"


def stage(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "role": id, **STAGE, **more}


def flow(*stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "f", "subject": "order", "stages": list(stages), **more}


def said(stage: str, person: str, issued: str, decision: str = "approve", **more: Any) -> dict[str, Any]:
    data = {"schema": "approval/1", "subject": "order", "revision": 1, "digest": "0" * 64, "stage": stage}
    return {**data, "decision": decision, "opinion": "看过", "person": person, "issued": issued, **more}


def world(
    *flows: dict[str, Any],
    statements: Sequence[dict[str, Any]] = (),
    order: dict[str, Any] | None = None,
    people: dict[str, Any] | None = None,
    now: str = at("10:00:00"),
) -> tuple[Document, FakeBook]:
    """Return the order and a book that holds it, with these flows and these statements."""
    documents = deepcopy(BASE)
    documents[ORDER] |= order or {}
    documents[f"{CASE}/submission.yaml"] |= {"submitted_at": SUBMITTED}
    documents["policy/flows.yaml"] = {"schema": "flows/1", "flows": list(flows)}
    entries = [{"id": id, "name": id, "department": "sales", "roles": roles} for id, roles in PEOPLE.items()]
    documents["policy/people.yaml"] = {"schema": "people/1", "people": entries, **(people or {})}
    for n, statement in enumerate(statements):
        documents[f"{CASE}/approvals/order-1-{n}.yaml"] = statement
    book = FakeBook(documents, now)
    found = book.doc("order", "OD2024050012")
    assert found is not None
    return found, book


def states(*flows: dict[str, Any], **more: Any) -> tuple[StageState, ...]:
    order, book = world(*flows, **more)
    return stand(order, book.case(order, "approval"), book.case(order, "submission")[0], book)


def shown(found: Sequence[StageState]) -> dict[str, str]:
    return {s.id: s.state for s in found}


# the flow


TIERS = (
    flow(id="small", when={"total_below": Decimal(100000)}),
    flow(id="large", when={"total_from": Decimal(100000)}),
)


def chosen(*flows: dict[str, Any], order: dict[str, Any], drop: Sequence[str] = ()) -> str:
    subject, book = world(*flows, order=order)
    data = {k: v for k, v in subject.data.items() if k not in drop}
    found = choose(Document(subject.kind, subject.id, subject.path, subject.case, subject.unit, data), book)
    return found["id"] if found else ""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"total": Decimal("99999.99")}, "small"),
        ({"total": Decimal("100000.00")}, "large"),
        ({"total": Decimal("100000.01")}, "large"),
        ({"total": Decimal("99999.99"), "currency": "USD"}, "large"),
        ({"total": Decimal("99999.99"), "currency": "CNY"}, "small"),
    ],
)
def test_the_tier_is_exact(order: dict[str, Any], expected: str) -> None:
    assert chosen(*TIERS, order=order) == expected


def test_without_a_currency_the_total_is_in_the_companys() -> None:
    assert chosen(*TIERS, order={"total": Decimal("99999.99")}, drop=["currency"]) == "small"
    assert chosen(*TIERS, order={"total": Decimal(100000)}, drop=["currency"]) == "large"


def test_without_a_total_and_lines_the_tier_is_the_upper_one() -> None:
    assert chosen(*TIERS, order={}, drop=["total", "lines"]) == "large"
    assert chosen(*TIERS, order={}, drop=["total"]) == "small"


@pytest.mark.parametrize(
    ("when", "order", "holds"),
    [
        ({"kinds": ["custom"]}, {"kind": "custom"}, True),
        ({"kinds": ["custom"]}, {"kind": "new"}, False),
        ({"urgent": True}, {"urgent": True}, True),
        ({"urgent": True}, {"urgent": False}, False),
        ({"urgent": False}, {"urgent": False}, True),
        ({"terms": ["monthly"]}, {"payment": {"terms": "monthly"}}, True),
        ({"terms": ["monthly"]}, {"payment": {"terms": "prepaid"}}, False),
        ({"currencies": ["USD"]}, {"currency": "USD"}, True),
        ({"currencies": ["USD"]}, {"currency": "CNY"}, False),
        ({"grades": ["B"]}, {}, True),
        ({"grades": ["A"]}, {}, False),
        ({"grades": ["B"]}, {"customer": "C9999"}, False),
        ({"customer_kinds": ["private"]}, {}, True),
        ({"customer_kinds": ["foreign"]}, {}, False),
        ({"dated_from": "2024-05-20"}, {"date": "2024-05-19"}, False),
        ({"dated_from": "2024-05-20"}, {"date": "2024-05-20"}, True),
        ({"dated_from": "2024-05-20"}, {"date": "2024-05-21"}, True),
        ({"weather": "fine"}, {}, False),
    ],
)
def test_each_condition(when: dict[str, Any], order: dict[str, Any], holds: bool) -> None:
    assert chosen(flow(when=when), order=order) == ("f" if holds else "")


@pytest.mark.parametrize(("discount", "holds"), [("82.00", False), ("82.01", True)])
def test_the_largest_discount_of_a_line(discount: str, holds: bool) -> None:
    lines = [{"line": 1, "quantity": 2, "unit_price": Decimal(410), "discount": Decimal(discount)}]
    assert chosen(flow(when={"discount_above": 10}), order={"lines": lines}) == ("f" if holds else "")


def test_a_discount_on_nothing_is_all_of_it() -> None:
    line = {"line": 1, "quantity": 2, "unit_price": Decimal(0), "discount": Decimal("0.01")}
    assert chosen(flow(when={"discount_above": 99}), order={"lines": [line]}) == "f"
    assert chosen(flow(when={"discount_above": 0}), order={"lines": [line | {"discount": Decimal(0)}]}) == ""


def test_all_conditions_must_hold_and_the_first_flow_wins() -> None:
    both = flow(id="both", when={"kinds": ["custom"], "urgent": True})
    assert chosen(both, flow(id="rest"), order={"kind": "custom", "urgent": False}) == "rest"
    assert chosen(both, flow(id="rest"), order={"kind": "custom", "urgent": True}) == "both"
    assert chosen(flow(id="other", subject="change"), flow(id="rest"), order={}) == "rest"


def test_without_a_flow_nothing_is_ever_approved() -> None:
    assert states(flow(subject="change")) == ()
    assert complete(()) is False
    assert complete(states(flow(stage("finance", ratify=True)))) is False


# seats


@pytest.mark.parametrize(
    ("who", "state"),
    [
        (["ann"], "open"),
        (["ann", "bob"], "approved"),
        (["ann", "ann"], "open"),
        (["ann", "ann", "bob"], "approved"),
        (["ann", "bob", "cid"], "approved"),
        (["lin-xiao", "ann"], "open"),  # the author
    ],
)
def test_two_of_several(who: list[str], state: str) -> None:
    statements = [said("finance", person, at(f"09:0{n}:00")) for n, person in enumerate(who, 1)]
    assert shown(states(flow(stage("finance", needs=2)), statements=statements)) == {"finance": state}


def test_one_person_counts_once_in_a_flow() -> None:
    serial = flow(stage("finance"), stage("production"))
    twice = [said("finance", "bob", at("09:01:00")), said("production", "bob", at("09:02:00"))]
    found = states(serial, statements=twice)
    assert shown(found) == {"finance": "approved", "production": "open"}
    assert found[1].who == ("cid",)
    assert shown(states(serial, statements=[*twice, said("production", "cid", at("09:03:00"))])) == {
        "finance": "approved",
        "production": "approved",
    }


def test_a_deputy_takes_up_the_seat_of_whom_they_stand_in_for() -> None:
    both = [said("finance", "eve", at("09:01:00"), **{"for": "ann"}), said("finance", "ann", at("09:02:00"))]
    assert shown(states(flow(stage("finance", needs=2)), statements=both)) == {"finance": "open"}
    other = [both[0], said("finance", "bob", at("09:02:00"))]
    assert shown(states(flow(stage("finance", needs=2)), statements=other)) == {"finance": "approved"}
    authors = [said("finance", "eve", at("09:01:00"), **{"for": "lin-xiao"})]
    assert shown(states(flow(stage("finance")), statements=authors)) == {"finance": "open"}


# which statement counts


@pytest.mark.parametrize(
    ("statements", "state"),
    [
        ([("approve", "09:01:00"), ("reject", "09:02:00")], "rejected"),
        ([("reject", "09:01:00"), ("approve", "09:02:00")], "approved"),
        ([("approve", "09:01:00"), ("reject", "09:01:00")], "rejected"),
        ([("approve", "09:01:00"), ("withdraw", "09:02:00")], "open"),
        ([("approve", "09:02:00"), ("withdraw", "09:02:00")], "open"),
        ([("withdraw", "09:01:00"), ("approve", "09:02:00")], "approved"),
        ([("reject", "09:01:00"), ("withdraw", "09:02:00")], "open"),
        ([("approve", "09:01:00"), ("approve", "09:02:00"), ("withdraw", "09:03:00")], "open"),
        ([("approve", "09:01:00"), ("withdraw", "09:02:00"), ("approve", "09:01:00")], "open"),  # replayed
    ],
)
def test_the_newest_of_a_person_counts(statements: list[tuple[str, str]], state: str) -> None:
    given = [said("finance", "ann", at(clock), decision) for decision, clock in statements]
    assert shown(states(flow(stage("finance")), statements=given)) == {"finance": state}


def test_nobody_withdraws_for_another() -> None:
    given = [said("finance", "ann", at("09:01:00")), said("finance", "bob", at("09:02:00"), "withdraw")]
    assert shown(states(flow(stage("finance")), statements=given)) == {"finance": "approved"}


def test_one_rejection_rejects_and_stops_the_others() -> None:
    given = [said("finance", "ann", at("09:01:00"), "reject"), said("finance", "bob", at("09:02:00"))]
    found = states(flow(stage("finance"), stage("production"), parallel=True), statements=given)
    assert shown(found) == {"finance": "rejected", "production": "waiting"}
    assert [s.who for s in found] == [(), ()]
    assert complete(found) is False


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "approved"),
        ({"revision": 2}, "open"),
        ({"subject": "change"}, "open"),
        ({"number": "OD2024050012"}, "approved"),
        ({"number": "OD2024050099"}, "open"),
        ({"path": "order.yaml"}, "approved"),
        ({"path": "Order.yaml"}, "open"),
        ({"repository": BASE["orderctl.yaml"]["repository"]}, "approved"),
        ({"repository": "00000000-0000-4000-8000-000000000000"}, "open"),
        ({"issued": "yesterday"}, "open"),
        ({"issued": "2024-05-06T09:01:00"}, "open"),
        ({"decision": "maybe"}, "open"),
        ({"person": 7}, "open"),
        ({"expires": at("09:01:01")}, "approved"),
        ({"expires": at("09:01:00")}, "open"),
        ({"expires": at("09:00:59")}, "open"),
    ],
)
def test_a_statement_counts_for_exactly_one_thing(more: dict[str, Any], state: str) -> None:
    given = [said("finance", "ann", at("09:01:00")) | more]
    assert shown(states(flow(stage("finance")), statements=given)) == {"finance": state}


@pytest.mark.parametrize(("expires", "state"), [("10:00:01", "approved"), ("10:00:00", "open"), ("09:59:59", "open")])
def test_an_approval_expires_while_others_are_missing(expires: str, state: str) -> None:
    given = [said("finance", "ann", at("09:01:00"), expires=at(expires))]
    found = states(flow(stage("finance"), stage("production"), parallel=True), statements=given)
    assert shown(found) == {"finance": state, "production": "open"}


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("09:29:59", {"finance": "approved", "production": "approved"}),
        ("09:30:00", {"finance": "open", "production": "approved"}),
        ("09:30:01", {"finance": "open", "production": "approved"}),
    ],
)
def test_what_was_approved_in_time_stays_approved(second: str, expected: dict[str, str]) -> None:
    who = {"people": [{"id": "ann", "roles": ["finance"]}, {"id": "tom", "roles": ["production"]}]}
    given = [said("finance", "ann", at("09:01:00"), expires=at("09:30:00")), said("production", "tom", at(second))]
    found = states(flow(stage("finance"), stage("production"), parallel=True), statements=given, people=who)
    assert shown(found) == expected


@pytest.mark.parametrize(
    ("clock", "state"), [("08:59:59", "waiting"), ("09:00:00", "rejected"), ("09:30:00", "rejected")]
)
def test_who_says_no_need_not_wait_for_their_turn(clock: str, state: str) -> None:
    """From when it was submitted; nor does it help to name them an author, or to approve anew before them."""
    serial = flow(stage("finance"), stage("production"))
    no = said("production", "cid", at(clock), "reject")
    for given, more in (
        ([no], {}),
        ([no], {"order": {"entered_by": "cid"}}),
        ([no, said("finance", "ann", at("09:40:00"))], {}),
    ):
        found = states(serial, statements=given, **more)
        assert (found[1].state, found[1].due, complete(found)) == (
            "open" if len(given) == 2 and state == "waiting" else state, "", False,
        )  # fmt: skip


def test_a_rejection_does_not_expire() -> None:
    given = [said("finance", "ann", at("09:01:00"), "reject", expires=at("09:30:00"))]
    assert shown(states(flow(stage("finance")), statements=given)) == {"finance": "rejected"}


def test_what_was_approved_is_what_lies_there() -> None:
    left_out = ["/remarks", "/lines/*/name"]
    order, _ = world(flow())
    given = said("finance", "ann", at("09:01:00"), immaterial=left_out, digest=digest_without(order.data, left_out))
    one = flow(stage("finance"))
    assert shown(states(one, statements=[given])) == {"finance": "approved"}
    assert shown(states(one, statements=[given], order={"remarks": "另有说明"})) == {"finance": "approved"}
    assert shown(states(one, statements=[given], order={"date": "2024-05-05"})) == {"finance": "open"}
    assert shown(states(one, statements=[given | {"immaterial": []}])) == {"finance": "open"}


@pytest.mark.parametrize(("version", "state"), [(2, "open"), (3, "approved"), (4, "approved"), (None, "open")])
def test_a_flow_may_refuse_statements_of_older_policies(version: int | None, state: str) -> None:
    given = said("finance", "ann", at("09:01:00")) | ({"policy": {"version": version}} if version else {})
    assert shown(states(flow(stage("finance"), since=3), statements=[given])) == {"finance": state}


@pytest.mark.parametrize("more", [{"revision": 2}, {"immaterial": [], "digest": "0" * 64}])
def test_nothing_opens_before_this_very_content_was_submitted(more: dict[str, Any]) -> None:
    order, book = world(flow(stage("finance")), statements=[said("finance", "ann", at("09:01:00"))])
    was = book.case(order, "submission")[0]
    wrong = Document(was.kind, was.id, was.path, was.case, was.unit, {**was.data, **more})
    for submission in (wrong, None):
        found = stand(order, book.case(order, "approval"), submission, book)
        assert [(s.state, s.since, s.due, s.who) for s in found] == [("waiting", "", "", ())]


@pytest.mark.parametrize(
    ("version", "earlier"), [({}, True), ({"policy": {"version": 2}}, True), ({"policy": {"version": 3}}, False)]
)
def test_what_an_earlier_policy_let_land_was_judged_then(version: dict[str, Any], earlier: bool) -> None:
    order, book = world(flow(stage("finance")), statements=[said("finance", "ann", at("09:01:00"), **version)])
    (one,) = book.case(order, "approval")
    assert judged_earlier(one, book) is False  # nothing here ever had a policy of its own
    manifest = Document("policy", "policy", "policy/policy.yaml", "", "policy/policy.yaml", {"version": 3})
    book.documents.append(manifest)
    assert judged_earlier(one, book) is earlier


def test_what_a_statement_is_about() -> None:
    given = [said("finance", "ann", at("09:01:00")), said("finance", "ann", at("09:02:00"), number="OD2024050099")]
    order, book = world(flow(stage("finance")), statements=given)
    mine, elsewhere = book.case(order, "approval")
    assert (subject_of(mine, book), subject_of(elsewhere, book)) == (order, None)
    about = Document(
        "approval", "a", "policy/approvals/a.yaml", "", "a", {"subject": "workspace", "number": "workspace"}
    )
    assert subject_of(about, book) == book.doc("workspace", "workspace")


def test_only_orders_are_submitted() -> None:
    """Of anything else the first stage is open from the beginning."""
    order, book = world(flow(stage("finance"), stage("production"), subject="change"))
    change = Document("change", "c", f"{CASE}/change-1.yaml", order.case, order.unit, {"revision": 1})
    assert [(s.state, s.since, s.due) for s in stand(change, [], None, book)] == [("open", "", ""), ("waiting", "", "")]


# order of stages


def test_in_series_a_stage_opens_with_the_one_before() -> None:
    serial = flow(stage("finance"), stage("production"))
    for second, state in (("09:00:59", "open"), ("09:01:00", "approved"), ("09:01:01", "approved")):
        given = [said("finance", "ann", at("09:01:00")), said("production", "cid", at(second))]
        assert shown(states(serial, statements=given))["production"] == state
    assert shown(states(serial, statements=[said("production", "cid", at("09:01:00"))])) == {
        "finance": "open",
        "production": "waiting",
    }
    early = [said("finance", "ann", "2024-05-06T08:59:59+08:00")]
    assert shown(states(serial, statements=early))["finance"] == "open"


def test_in_parallel_all_are_open_at_once() -> None:
    found = states(flow(stage("finance", hours=1), stage("production", hours=2), parallel=True))
    assert [(s.state, s.since, s.due) for s in found] == [
        ("open", SUBMITTED, at("10:00:00")),
        ("open", SUBMITTED, at("11:00:00")),
    ]


def test_a_mixture_waits_for_all_that_it_names() -> None:
    mixed = flow(
        stage("finance"),
        stage("production", after=[]),
        stage("sales-director", after=["finance", "production"], hours=1),
    )
    given = [said("finance", "ann", at("09:05:00")), said("production", "cid", at("09:10:00"))]
    assert shown(states(mixed, statements=given[:1])) == {
        "finance": "approved",
        "production": "open",
        "sales-director": "waiting",
    }
    last = states(mixed, statements=given)[2]
    assert (last.state, last.since, last.due, last.who) == ("open", at("09:10:00"), at("10:10:00"), ("dan",))


def test_with_two_of_several_the_second_opens_the_next() -> None:
    serial = flow(stage("finance", needs=2), stage("production"))
    given = [said("finance", "ann", at("09:05:00")), said("finance", "bob", at("09:07:00"))]
    assert states(serial, statements=given)[1].since == at("09:07:00")


@pytest.mark.parametrize("after", [["production"], ["nowhere"], ["finance"]])
def test_stages_that_wait_for_ever_never_open(after: list[str]) -> None:
    circle = flow(stage("finance", after=after), stage("production"))
    assert set(shown(states(circle)).values()) == {"waiting"}


URGENT = flow(
    stage("sales-director"), stage("finance", ratify=True, hours=4), stage("production", ratify=True, hours=4)
)


def test_urgent_read_as_approve_first_and_ratify_later() -> None:
    found = states(URGENT)
    assert shown(found) == {"sales-director": "open", "finance": "waiting", "production": "waiting"}
    given = [said("sales-director", "dan", at("09:30:00"))]
    found = states(URGENT, statements=given)
    assert shown(found) == {"sales-director": "approved", "finance": "open", "production": "open"}
    assert complete(found) is True
    assert [s.due for s in found[1:]] == [at("15:00:00")] * 2
    found = states(URGENT, statements=[*given, said("finance", "ann", at("09:40:00"), "reject")])
    assert complete(found) is False


def test_urgent_read_as_the_director_before_all_others() -> None:
    strict = flow(stage("sales-director"), stage("finance"), stage("production"))
    given = [said("sales-director", "dan", at("09:30:00"))]
    assert complete(states(strict, statements=given)) is False
    given += [said("finance", "ann", at("09:40:00")), said("production", "cid", at("09:50:00"))]
    assert complete(states(strict, statements=given)) is True


def test_a_ratification_before_the_approval_does_not_count() -> None:
    given = [said("finance", "ann", at("09:29:59")), said("sales-director", "dan", at("09:30:00"))]
    assert shown(states(URGENT, statements=given))["finance"] == "open"


# deadlines, and who may decide


@pytest.mark.parametrize(("hours", "due"), [(1, at("10:00:00")), (10**9, ""), (-1, ""), (0, "")])
def test_a_deadline_that_no_calendar_reaches_is_none(hours: int, due: str) -> None:
    (found,) = states(flow(stage("finance", hours=hours)))
    assert (found.due, found.late) == (due, due != "")


@pytest.mark.parametrize(("clock", "late"), [("12:59:59", False), ("13:00:00", False), ("14:29:59", False)])
def test_working_hours_only(clock: str, late: bool) -> None:
    assert states(flow(stage("finance", hours=4)), now=at(clock))[0].late is late


ESCALATING = flow(stage("finance", hours=4, escalate="sales-director"))


@pytest.mark.parametrize(
    ("clock", "late", "role", "who"),
    [
        ("14:29:59", False, "", ("ann", "bob")),
        ("14:30:00", True, "sales-director", ("ann", "bob", "dan")),
        ("14:30:01", True, "sales-director", ("ann", "bob", "dan")),
    ],
)
def test_a_late_stage_passes_on(clock: str, late: bool, role: str, who: tuple[str, ...]) -> None:
    order, book = world(ESCALATING, now=at(clock))
    (found,) = stand(order, [], book.case(order, "submission")[0], book)
    assert (found.due, found.late, found.who) == (at("14:30:00"), late, who)
    assert may_decide("dan", found, order, at(clock), book) == role
    assert may_decide("dan", found, order, "", book) == role
    assert may_decide("ann", found, order, at(clock), book) == "finance"
    assert may_decide("eve", found, order, at(clock), book) == ""
    assert may_decide("nobody", found, order, at(clock), book) == ""


LINE = {"for": "ann", "deputy": "eve", "roles": ["finance"], "from": at("09:00:00", 7), "until": at("09:00:00", 8)}


def deputy(
    clock: str, line: dict[str, Any], day: int = 7, order: dict[str, Any] | None = None, **more: Any
) -> tuple[str, bool]:
    """Return eve's role for ann at that time, and whether she is among those who may decide then."""
    subject, book = world(flow(stage("finance")), people={"deputies": [line]}, now=at(clock, day), order=order, **more)
    (found,) = stand(subject, [], book.case(subject, "submission")[0], book)
    role = may_decide("eve", found, subject, at(clock, day), book, for_="ann")
    assert role == may_decide("eve", found, subject, "", book, for_="ann")
    assert may_decide("eve", found, subject, at(clock, day), book) == ""  # not without saying for whom
    assert (stands_in_for("eve", found, subject, book) == ("ann",)) is bool(role)
    return role, "eve" in found.who


@pytest.mark.parametrize(
    ("clock", "day", "may"),
    [("08:59:59", 7, False), ("09:00:00", 7, True), ("08:59:59", 8, True), ("09:00:00", 8, False)],
)
def test_a_deputys_dates(clock: str, day: int, may: bool) -> None:
    assert deputy(clock, LINE, day) == (("finance", True) if may else ("", False))


@pytest.mark.parametrize(
    ("more", "order", "may"),
    [
        ({"cap": Decimal("11700.00")}, {}, True),
        ({"cap": Decimal("11699.99")}, {}, False),
        ({"cap": Decimal("11700.00")}, {"currency": "USD"}, False),
        ({"flows": ["f"]}, {}, True),
        ({"flows": ["g"]}, {}, False),
        ({"roles": ["production"]}, {}, False),
        ({"roles": ["finance", "production"]}, {}, True),
        ({"for": "cid"}, {}, False),
        ({"deputy": "cid"}, {}, False),
        ({"until": ""}, {}, False),
    ],
)
def test_a_deputys_scope(more: dict[str, Any], order: dict[str, Any], may: bool) -> None:
    assert deputy("10:00:00", LINE | more, order=order) == (("finance", True) if may else ("", False))


def test_nobody_stands_in_for_the_author_or_for_themselves() -> None:
    line = LINE | {"for": "lin-xiao"}
    order, book = world(flow(stage("finance")), people={"deputies": [line]}, now=at("10:00:00", 7))
    (found,) = stand(order, [], book.case(order, "submission")[0], book)
    assert found.who == ("ann", "bob")
    own = LINE | {"for": "ann", "deputy": "ann"}
    order, book = world(flow(stage("finance")), people={"deputies": [own]}, now=at("10:00:00", 7))
    (found,) = stand(order, [], book.case(order, "submission")[0], book)
    assert may_decide("ann", found, order, "", book, for_="ann") == ""


@pytest.mark.parametrize(("now", "may"), [("2024-05-07T23:59:59+08:00", True), ("2024-05-08T00:00:00+08:00", False)])
def test_who_has_left_decides_up_to_the_end_of_the_day(now: str, may: bool) -> None:
    people = [
        {"id": "ann", "name": "ann", "department": "sales", "roles": ["finance"], "left_on": "2024-05-07"},
        {"id": "eve", "name": "eve", "department": "sales", "roles": ["sales"]},
    ]
    line = LINE | {"until": "2024-06-01T00:00:00+08:00"}
    order, book = world(flow(stage("finance")), people={"people": people, "deputies": [line]}, now=now)
    (found,) = stand(order, [], book.case(order, "submission")[0], book)
    assert (may_decide("ann", found, order, now, book) == "finance") is may
    assert (may_decide("eve", found, order, now, book, for_="ann") == "finance") is may
    assert found.who == (("ann", "eve") if may else ())


def test_who_has_decided_is_no_longer_waited_for() -> None:
    given = [said("finance", "ann", at("09:01:00"))]
    assert states(flow(stage("finance", needs=2)), statements=given)[0].who == ("bob",)


def test_how_it_stood_at_an_earlier_time() -> None:
    given = [said("finance", "ann", at("09:01:00"), expires=at("09:30:00"))]
    order, book = world(flow(stage("finance")), statements=given)
    submission = book.case(order, "submission")[0]
    for clock, state in (
        ("09:00:59", "open"),
        ("09:01:00", "approved"),
        ("09:30:00", "approved"),  # it was used before it expired
    ):
        found = stand(order, book.case(order, "approval"), submission, book, at=at(clock))
        assert (clock, found[0].state) == (clock, state)


# opinions


@pytest.mark.parametrize(
    "opinion",
    [
        "同意",
        "同意。",
        "同 意！",
        "不同意",
        "ok",
        "OK!",
        "ＯＫ",
        "approved",
        "Approved.",
        "好的",
        "没问题",
        "👍",
        "👍🏽👍",
        "",
        "已阅，同意",
        "\u200b同意\u200b",
        "LGTM :)",
        "i approve",
        "✓",
        "1",
        "无异议",
        "驳回",
        "𝐎𝐊",
        "ок",
    ],
)
def test_a_bare_opinion(opinion: str) -> None:
    assert is_bare(opinion)


@pytest.mark.parametrize(
    "opinion", ["同意，客户无逾期欠款", "ok, within the limit", "库存充足", "price checked against PB-2024-1"]
)
def test_an_opinion_that_says_something(opinion: str) -> None:
    assert not is_bare(opinion)


def test_a_long_opinion_is_told_quickly() -> None:
    assert not is_bare("已审核准" * 250 + "x")


@pytest.mark.parametrize(
    ("opinion", "asks"),
    [
        ("客户信用情况较差", False),
        ("预付须提高到 50%", True),
        ("too dear", False),
        ("please lower the discount", True),
        ("ＭＵＳＴ　change", True),
    ],
)
def test_a_rejection_asks_for_something(opinion: str, asks: bool) -> None:
    assert asks_for_change(opinion) is asks
