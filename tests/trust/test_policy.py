"""A policy loads whole or not at all: every way in which it can be wrong, beside the twin that is right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.codes.signature import KEY_MALFORMED
from orderctl.load import MAX_BYTES, load
from orderctl.trust.policy import (
    FILES,
    MANIFEST,
    PolicyError,
    is_trusted,
    load_policy,
    policy_faults,
)
from orderctl.trust.refusal import Refusal
from tests.schema.helper import kinds
from tests.trust.policies import (
    ADMIN,
    FLOW,
    FLOWS,
    ISSUED,
    KINDS,
    LATER,
    PEOPLE,
    at,
    deputy,
    flow,
    found,
    key,
    loaded,
    person,
    places,
    policy,
    stage,
)


def test_a_sound_policy_says_who_somebody_is() -> None:
    got = loaded(policy(PEOPLE + person("dan", "finance", "left_on: 2024-06-30, forge: [{host: github.com, id: 7}]")))

    assert (got.version, got.zone, got.repository) == (1, "Asia/Shanghai", "5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a10")
    assert got.people["ann"].roles == {"sales", "policy-admin"}
    assert [k.person for k in got.people["ann"].keys] == ["ann"]
    assert got.ring.get(got.people["bob"].keys[0].fingerprint) == got.people["bob"].keys[0]
    assert (got.by_forge("GitHub.com", 7), got.by_forge("github.com", 8), got.by_forge("gitlab.com", 7)) == (
        "dan",
        None,
        None,
    )


def test_a_leaver_is_there_until_the_last_day_ends_where_the_company_is() -> None:
    got = loaded(policy(PEOPLE + person("dan", "finance", "left_on: 2024-06-30")))

    assert got.active("dan", at("2024-06-30T23:59:59+08:00"))
    assert not got.active("dan", at("2024-07-01T00:00:00+08:00"))
    assert got.roles("dan", at("2024-06-30T23:59:59+08:00")) == {"finance"}
    assert got.roles("dan", at("2024-07-01T00:00:00+08:00")) == frozenset()
    assert not got.active("eve", 0)
    assert got.active("bob", at("2999-01-01T00:00:00Z"))
    assert got.roles("eve", 0) == frozenset()


@pytest.mark.parametrize("path", sorted(set(FILES) - {"policy/revoked.yaml"}))
def test_p12_a_missing_file_is_named(path: str) -> None:
    files = policy()
    del files[path]

    assert [(f.rule, f.path, f.line, f.column) for f in found(files)] == [("policy.missing", path, 1, 1)]


@pytest.mark.parametrize("mode", ["120000", "100755", "160000"])
@pytest.mark.parametrize("path", sorted(FILES))
def test_p12_only_ordinary_files_count(path: str, mode: str) -> None:
    files = policy()
    files[path] = (mode, files[path][1])

    [finding] = found(files)
    assert (finding.rule, finding.path, finding.params["mode"]) == ("policy.mode", path, mode)
    assert (finding.line, finding.column) == (1, 1)


@pytest.mark.parametrize(("size", "codes"), [(-1, []), (0, []), (1, ["policy.limit"])])
def test_p12_a_policy_file_may_be_as_large_as_any_document(size: int, codes: list[str]) -> None:
    files = policy()
    raw = files["policy/flows.yaml"][1] + b"# "
    files["policy/flows.yaml"] = ("100644", raw + b"x" * (MAX_BYTES + size - len(raw) - 1) + b"\n")

    assert [f.rule for f in found(files)] == codes
    for finding in found(files):
        assert (finding.line, finding.column) == (1, 1)
        assert (finding.params["size"], finding.params["limit"]) == (MAX_BYTES + 1, MAX_BYTES)


@pytest.mark.parametrize("needs", ["0", "-1", "1e3", '"2"', "true", "1.5", "1.0", "null", "[1]", "51"])
def test_p08_a_threshold_is_a_plain_whole_number_from_one(needs: str) -> None:
    wrong = flow("policy", "policy", stage("admin", "policy-admin", f"needs: {needs}"))

    [finding] = found(policy(flows=wrong))
    assert (finding.rule, finding.path) == ("policy.invalid", "policy/flows.yaml")
    assert finding.pointer == "/flows/0/stages/0/needs" or (needs == "1e3" and finding.line == 3)
    assert finding.params["reason_zh"] and finding.params["advice_en"]


@pytest.mark.parametrize(("needs", "wrong"), [(1, False), (2, False), (3, True)])
def test_p09_a_stage_needs_no_more_persons_than_have_its_role(needs: int, wrong: bool) -> None:
    people = PEOPLE + person("dan", "finance", keyed=False)
    flows = flow("standard", "order", stage("finance", "finance", f"needs: {needs}")) + ADMIN

    expected = [("policy.unsatisfiable", "flows.yaml /flows/0/stages/0")] if wrong else []
    assert places(policy(people, flows)) == expected


@pytest.mark.parametrize(("day", "wrong"), [("2024-05-05", True), ("2024-05-06", True), ("2024-05-07", False)])
def test_p09_who_has_left_when_the_policy_is_issued_fills_no_seat(day: str, wrong: bool) -> None:
    people = person("ann", "policy-admin") + person("bob", "finance", f"left_on: {day}") + person("cho", "production")

    assert [f.rule for f in found(policy(people))] == (["policy.unsatisfiable"] if wrong else [])


def test_p09_a_person_has_one_seat_in_a_flow() -> None:
    both = person("ann", "policy-admin") + person("bob", "finance, production")
    stages = [stage("finance", "finance"), stage("production", "production")]

    assert places(policy(both)) == [("policy.unsatisfiable", "flows.yaml /flows/0/stages/1")]
    assert places(policy(both + person("cho", "finance"))) == []
    # Whoever comes first is asked to move: bob could take either seat, cho only the first.
    assert places(policy(both + person("cho", "finance"), flow("x", "order", *stages) + ADMIN)) == []
    assert places(policy(both + person("abe", "production"), flow("x", "order", *stages) + ADMIN)) == []


def test_many_seats_are_judged_without_running_out_of_stack() -> None:
    people = person("ann", "policy-admin") + "".join(person(f"p{n}", "sales", keyed=False) for n in range(1500))
    stages = ", ".join(stage(f"s{n}", "sales", "needs: 50") for n in range(30))
    flows = FLOW.format(id="wide", subject="order", stages=stages) + ADMIN

    assert places(policy(people, flows)) == []
    assert [f.rule for f in found(policy(people.replace("id: p7,", "id: q7, left_on: 2024-01-01,"), flows))] == [
        "policy.unsatisfiable"
    ]


LOCKED_OUT = {
    "no flow for the policy": (PEOPLE, flow("standard", "order", stage("finance", "finance")), "/flows"),
    "a flow without stages": (PEOPLE, flow("policy", "policy"), "/flows/0/stages"),
    "stages that only ratify": (
        PEOPLE,
        flow("policy", "policy", stage("admin", "policy-admin", "ratify: true")),
        "/flows/0/stages",
    ),
    "nobody with a key": (person("ann", "policy-admin", keyed=False), ADMIN, "/flows/0/stages/0"),
    "only a key that is retired": (
        person("ann", "policy-admin", f'keys: [{{key: "{key("ann")}", retired_at: {ISSUED}}}]', keyed=False),
        ADMIN,
        "/flows/0/stages/0",
    ),
    "only a key that isn't active yet": (
        person("ann", "policy-admin", f'keys: [{{key: "{key("ann")}", active_from: {LATER}}}]', keyed=False),
        ADMIN,
        "/flows/0/stages/0",
    ),
    "only a key that is compromised": (
        person("ann", "policy-admin", f'keys: [{{key: "{key("ann")}", compromised_since: {ISSUED}}}]', keyed=False),
        ADMIN,
        "/flows/0/stages/0",
    ),
    "an account where reviews don't count": (
        person("ann", "policy-admin", "forge: [{host: github.com, id: 7}]", keyed=False),
        ADMIN,
        "/flows/0/stages/0",
    ),
    "a key that signs commits where statements are asked for": (
        person("ann", "policy-admin", f'keys: [{{key: "{key("ann")}", namespaces: [git]}}]', keyed=False),
        flow("policy", "policy", stage("admin", "policy-admin", "evidence: [signature]")),
        "/flows/0/stages/0",
    ),
}


@pytest.mark.parametrize("case", LOCKED_OUT, ids=list(LOCKED_OUT))
def test_a_policy_that_nobody_could_change_again_is_refused(case: str) -> None:
    people, flows, pointer = LOCKED_OUT[case]
    extra = person("zoe", "finance")

    assert places(policy(people + extra, flows)) == [("policy.unsatisfiable", f"flows.yaml {pointer}")]


@pytest.mark.parametrize(
    ("people", "more"),
    [
        (person("ann", "policy-admin"), ""),
        (person("ann", "policy-admin", "forge: [{host: github.com, id: 7}]", keyed=False), "evidence: [review]"),
        (
            person("ann", "policy-admin", f'keys: [{{key: "{key("ann")}", namespaces: [git]}}]', keyed=False),
            "evidence: [commit]",
        ),
        (
            person(
                "ann",
                "policy-admin",
                f'keys: [{{key: "{key("ann")}", retired_at: {LATER}}}]',
                keyed=False,
            ),
            "",
        ),
        (person("ann", "policy-admin", f'keys: [{{key: "{key("ann")}", active_from: {ISSUED}}}]', keyed=False), ""),
    ],
)
def test_one_way_to_prove_oneself_is_enough(people: str, more: str) -> None:
    assert places(policy(people, flow("policy", "policy", stage("admin", "policy-admin", more)))) == []


def test_a_policy_without_repository_belongs_nowhere() -> None:
    files = policy()
    raw = files["orderctl.yaml"][1].replace(b"repository: 5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a10\n", b"")
    files["orderctl.yaml"] = ("100644", raw)

    assert [f.rule for f in found(files)] == ["policy.invalid"]


@given(st.sampled_from(sorted(FILES)), st.binary(max_size=200), st.integers(0, 400), st.booleans())
def test_whatever_the_bytes_it_loads_or_says_why(path: str, raw: bytes, where: int, whole: bool) -> None:
    files = policy()
    old = files[path][1]
    files[path] = ("100644", raw if whole else old[:where] + raw + old[where:])
    assert found(files) or loaded(files).version


TRUSTED = [
    "orderctl.yaml",
    "policy/people.yaml",
    "policy/policy.yaml",
    "policy/new.yaml",
    "policy/sub/new.yaml",
    "schemas/order.schema.json",
    "plugins/rules/x.py",
    "templates/papers/x.j2",
    "calendar/2024.yaml",
    ".github/workflows/gate.yml",
    ".gitea/workflows/gate.yml",
    ".forgejo/workflows/gate.yml",
    ".gitlab/x",
    ".gitattributes",
    "orders/.gitattributes",
    "orders/2024/05/OD2024050012/evidence/.GitAttributes",
    ".gitlab-ci.yml",
    "CODEOWNERS",
    ".github/CODEOWNERS",
    "docs/CODEOWNERS",
    "pyproject.toml",
]


OPEN = [
    "orders/2024/05/OD2024050012/order.yaml",
    "policy/approvals/policy-2-admin.ann.yaml",
    "policy/receipts/policy-2-admin.receipt.yaml",
    "customers/C0001.yaml",
    "waivers/W1.yaml",
    "README.md",
    "docs/policy/people.yaml",
    "policy",
    "policies/x.yaml",
    "x/pyproject.toml",
]


@pytest.mark.parametrize("path", TRUSTED)
def test_trusted(path: str) -> None:
    assert is_trusted(path)


@pytest.mark.parametrize("path", OPEN)
def test_open(path: str) -> None:
    assert not is_trusted(path)


def test_a_company_has_a_role_of_its_own() -> None:
    role = {"enum": ["quality"], "x-enum-names": {"quality": {"zh": "质检", "en": "quality"}}}
    of_people = {"people": {"items": {"properties": {"roles": {"items": role}}}}}
    of_flows = {"flows": {"items": {"properties": {"stages": {"items": {"properties": {"role": role}}}}}}}
    own, wrong = kinds(
        {
            "people-of-ours": {"x-extends": "people", "properties": of_people},
            "flows-of-ours": {"x-extends": "flows", "properties": of_flows},
        }
    )
    files = policy(PEOPLE + person("dan", "quality"), flow("x", "order", stage("quality", "quality")) + ADMIN)

    assert wrong == []
    assert load_policy(files.get, own).people["dan"].roles == {"quality"}
    assert {rule for rule, _ in places(files)} == {"policy.invalid"}


ZONES = [("UTC", False), ("Etc/GMT-14", False), ("Asia/Nowhere", True), ("Asia", True), ("../etc/passwd", True)]
ZONES += [("localtime", True), ("posixrules", True), ("right/Asia/Shanghai", True)]  # each machine's own


@pytest.mark.parametrize(("zone", "wrong"), ZONES)
def test_the_company_is_in_a_time_zone(zone: str, wrong: bool) -> None:
    files = policy()
    raw = files["orderctl.yaml"][1]
    files["orderctl.yaml"] = ("100644", raw.replace(b"Asia/Shanghai", zone.encode()))

    assert places(files) == ([("policy.invalid", "orderctl.yaml /time_zone")] if wrong else [])


@pytest.mark.parametrize("path", [*sorted(FILES), ""])
def test_what_is_there_is_judged_before_the_rest_is(path: str) -> None:
    """A check of a workspace whose policy isn't whole yet tells what it can."""
    files = policy(flows=FLOWS.replace("subject: order", "subject: order, since: 3"), more_people=deputy("bob", "eve"))
    sound = {p: load(p, raw)[0] or {} for p, (_, raw) in files.items() if p != path}
    told = {f.path for f in policy_faults(sound, KINDS)}

    expected = {"policy/people.yaml", "policy/flows.yaml"} - {path}
    if path == "policy/flows.yaml":  # a deputy's flows are asked for
        expected = set()
    if path == MANIFEST:  # no version yet
        expected = {"policy/people.yaml"}
    assert told == (expected if path != "policy/people.yaml" else {"policy/flows.yaml"})


def test_an_object_that_can_not_be_read_is_named() -> None:
    files, missing = policy(), KEY_MALFORMED.at("policy/people.yaml", what="x")

    def read(path: str) -> tuple[str, bytes] | None:
        if path == "policy/people.yaml":
            raise Refusal(missing)
        return files.get(path)

    with pytest.raises(PolicyError) as caught:
        load_policy(read, KINDS)
    assert [(f.rule, f.path, f.params["commit"]) for f in caught.value.findings] == [
        ("key.malformed", "policy/people.yaml", "")
    ]
