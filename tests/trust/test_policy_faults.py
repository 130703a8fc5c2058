"""Policies that say what can't be, each named where it stands, beside a twin that can."""

from __future__ import annotations

import pytest

from tests.trust.policies import (
    ADMIN,
    AUGUST,
    FLOWS,
    JULY,
    JUNE,
    PEOPLE,
    Files,
    deputy,
    flow,
    key,
    person,
    places,
    policy,
    rows,
    stage,
)

WRONG: dict[str, tuple[Files, list[tuple[str, str]]]] = {
    "one person twice": (
        policy(PEOPLE + person("bob", "sales", keyed=False)),
        [("policy.invalid", "people.yaml /people/3/id")],
    ),
    "an account of two": (
        policy(
            PEOPLE
            + person("dan", "sales", "forge: [{host: github.com, id: 7}]")
            + person("eve", "sales", "forge: [{host: github.com, id: 7}]")
        ),
        [("policy.invalid", "people.yaml /people/4/forge/0/id")],
    ),
    "a service that sells": (
        policy(PEOPLE + person("robot", "service, sales")),
        [("policy.invalid", "people.yaml /people/3/roles")],
    ),
    "retired before active": (
        policy(
            PEOPLE
            + person(
                "dan", "sales", f'keys: [{{key: "{key("dan")}", active_from: {JULY}, retired_at: {JUNE}}}]', keyed=False
            )
        ),
        [("policy.invalid", "people.yaml /people/3/keys/0/retired_at")],
    ),
    "a role nobody knows": (
        policy(PEOPLE + person("dan", "boss")),
        [("policy.invalid", "people.yaml /people/3/roles/0")],
    ),
    "a deputy nobody knows": (
        policy(more_people=deputy("bob", "eve")),
        [("policy.invalid", "people.yaml /deputies/0/deputy")],
    ),
    "a deputy for nobody": (
        policy(more_people=deputy("eve", "ann")),
        [("policy.invalid", "people.yaml /deputies/0/for")],
    ),
    "a deputy for oneself": (
        policy(more_people=deputy("bob", "bob")),
        [("policy.invalid", "people.yaml /deputies/0/deputy")],
    ),
    "a role that isn't theirs to give": (
        policy(more_people=deputy("bob", "ann", "general-manager")),
        [("policy.invalid", "people.yaml /deputies/0/roles")],
    ),
    "a deputy in no flow": (
        policy(more_people=deputy("bob", "ann", more=", flows: [nowhere]")),
        [("policy.invalid", "people.yaml /deputies/0/flows")],
    ),
    "deputies in a circle for one second": (
        policy(
            PEOPLE + person("dan", "finance"),
            more_people=deputy("bob", "cho", until=JULY)
            + rows(
                deputy("cho", "ann", "production", JUNE, "2024-06-15T00:00:00+08:00"),
                deputy("cho", "dan", "production", "2024-06-29T00:00:00+08:00", "2024-06-30T00:00:01+08:00"),
                deputy("dan", "bob", "finance", "2024-06-30T00:00:00+08:00", JULY),
            ),
        ),
        [("policy.cyclic", "people.yaml /deputies/0/deputy")],
    ),
    "two circles": (
        policy(
            PEOPLE + person("dan", "finance"),
            more_people=deputy("ann", "ann", "sales")
            + rows(
                deputy("bob", "cho"),
                deputy("cho", "bob", "production"),
                deputy("bob", "dan", since=JULY, until=AUGUST),
                deputy("dan", "bob", since=JULY, until=AUGUST),
                deputy("dan", "bob", since="2024-07-02T00:00:00+08:00", until=AUGUST),
            ),
        ),
        [
            ("policy.invalid", "people.yaml /deputies/0/deputy"),
            ("policy.cyclic", "people.yaml /deputies/1/deputy"),
            ("policy.cyclic", "people.yaml /deputies/3/deputy"),
        ],
    ),
    "conditions on the policy's own flow": (
        policy(flows=FLOWS.replace("subject: policy", "subject: policy, when: {urgent: false}")),
        [("policy.invalid", "flows.yaml /flows/1/when")],
    ),
    "a deputy for no time": (
        policy(more_people=deputy("bob", "ann", until=JUNE)),
        [("policy.invalid", "people.yaml /deputies/0/until")],
    ),
    "deputies in a circle": (
        policy(more_people=deputy("bob", "cho") + deputy("cho", "bob", "production").partition("\n")[2]),
        [("policy.cyclic", "people.yaml /deputies/0/deputy")],
    ),
    "a flow twice": (
        policy(flows=FLOWS + flow("standard", "order", stage("finance", "finance"))),
        [("policy.invalid", "flows.yaml /flows/2/id")],
    ),
    "a stage twice": (
        policy(flows=flow("x", "order", stage("a", "finance"), stage("a", "production")) + ADMIN),
        [("policy.invalid", "flows.yaml /flows/0/stages/1/id")],
    ),
    "after no stage": (
        policy(flows=flow("x", "order", stage("a", "finance", "after: [b]")) + ADMIN),
        [("policy.invalid", "flows.yaml /flows/0/stages/0/after/0")],
    ),
    "after itself": (
        policy(flows=flow("x", "order", stage("a", "finance", "after: [a]")) + ADMIN),
        [("policy.cyclic", "flows.yaml /flows/0")],
    ),
    "two after each other": (
        policy(flows=flow("x", "order", stage("a", "finance", "after: [b]"), stage("b", "production")) + ADMIN),
        [("policy.cyclic", "flows.yaml /flows/0")],
    ),
    "a machine approves": (
        policy(PEOPLE + person("robot", "service"), flow("x", "order", stage("a", "service")) + ADMIN),
        [("policy.invalid", "flows.yaml /flows/0/stages/0")],
    ),
    "since a version to come": (
        policy(flows=FLOWS.replace("subject: order", "subject: order, since: 2")),
        [("policy.invalid", "flows.yaml /flows/0/since")],
    ),
    "nothing of that kind to require": (
        policy(more_flows="requires: [{kind: shipmnet, subject: order}]\n"),
        [("policy.invalid", "flows.yaml /requires/0/kind")],
    ),
    "an approval that no flow gives": (
        policy(more_flows="requires: [{kind: shipment, subject: quotation}]\n"),
        [("policy.invalid", "flows.yaml /requires/0/subject")],
    ),
    "looks at no kind": (
        policy(flows=flow("x", "order", stage("a", "finance", "looks_at: [{kind: custmer, pointer: /x}]")) + ADMIN),
        [("policy.invalid", "flows.yaml /flows/0/stages/0/looks_at/0/kind")],
    ),
    "a right to no kind": (
        policy(rights="  - {roles: [sales], kinds: [ordr], do: [add]}\n"),
        [("policy.invalid", "permissions.yaml /rights/0/kinds/0")],
    ),
    "a right to a path outside": (
        policy(rights="  - {roles: [sales], paths: [docs/../orders/], do: [add]}\n"),
        [("policy.invalid", "permissions.yaml /rights/0/paths/0")],
    ),
}


@pytest.mark.parametrize("case", WRONG, ids=list(WRONG))
def test_what_can_not_be_is_refused_where_it_stands(case: str) -> None:
    files, expected = WRONG[case]
    assert places(files) == expected


RIGHT = {
    "a circle that nothing closes in time": policy(
        PEOPLE + person("dan", "finance"),
        more_people=deputy("bob", "cho", until=JULY)
        + rows(
            deputy("cho", "dan", "production", "2024-06-29T00:00:00+08:00", "2024-06-30T00:00:00+08:00"),
            deputy("dan", "bob", "finance", "2024-06-30T00:00:00+08:00", JULY),
        ),
    ),
    "deputies one after the other": policy(
        more_people=deputy("bob", "cho")
        + deputy("cho", "bob", "production", JULY, "2024-08-01T00:00:00+08:00").partition("\n")[2]
    ),
    "a deputy within bounds": policy(more_people=deputy("bob", "ann", more=", cap: 50000.00, flows: [standard]")),
    "stages side by side": policy(
        flows=flow("x", "order", stage("a", "finance", "after: []"), stage("b", "production", "after: []")) + ADMIN
    ),
    "since this version": policy(flows=FLOWS.replace("subject: order", "subject: order, since: 1")),
    "no last flow that fits all": policy(flows=FLOWS.replace("subject: order", "subject: order, when: {urgent: true}")),
    "a service of its own": policy(PEOPLE + person("robot", "service")),
    "the same number on two forges": policy(
        PEOPLE
        + person("dan", "sales", "forge: [{host: github.com, id: 7}]")
        + person("eve", "sales", "forge: [{host: gitlab.com, id: 7}]")
    ),
    "what has to be approved before": policy(more_flows="requires: [{kind: shipment, subject: order}]\n"),
    "a right to folders": policy(rights="  - {roles: [sales], paths: [docs/, README.md], do: [add, remove]}\n"),
}


@pytest.mark.parametrize("case", RIGHT, ids=list(RIGHT))
def test_and_its_twin_is_not(case: str) -> None:
    assert places(RIGHT[case]) == []
