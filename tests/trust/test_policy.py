"""A policy loads whole or not at all: every way in which it can be wrong, beside the twin that is right."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderctl.codes.signature import KEY_MALFORMED
from orderctl.load import load
from orderctl.model import Finding
from orderctl.trust.policy import (
    FILES,
    MANIFEST,
    MAX_BYTES,
    Policy,
    PolicyError,
    is_trusted,
    load_policy,
    manifest,
    policy_faults,
)
from orderctl.trust.refusal import Refusal
from tests.schema.helper import kinds
from tests.trust.signing import ed25519_signer

KINDS, _ = kinds()
Files = dict[str, tuple[str, bytes]]
ISSUED = "2024-05-06T17:00:00+08:00"
LATER = "2024-05-06T17:00:01+08:00"
PERSON = "  - {{id: {id}, name: {id}, department: sales, roles: [{roles}]{more}}}\n"
FLOW = "  - {{id: {id}, subject: {subject}, stages: [{stages}]}}\n"
STAGE = "{{id: {id}, role: {role}, zh: 环节, en: Stage{more}}}"


def key(name: str) -> str:
    """Return a public key's line, always the same for a name."""
    return ed25519_signer(name.encode().ljust(32, b".")[:32]).public()


def person(id: str, roles: str, more: str = "", *, keyed: bool = True) -> str:
    keys = f', keys: [{{key: "{key(id)}"}}]' if keyed else ""
    return PERSON.format(id=id, roles=roles, more=keys + (f", {more}" if more else ""))


def stage(id: str, role: str, more: str = "") -> str:
    return STAGE.format(id=id, role=role, more=f", {more}" if more else "")


def flow(id: str, subject: str, *stages: str) -> str:
    return FLOW.format(id=id, subject=subject, stages=", ".join(stages))


ADMIN = flow("policy", "policy", stage("admin", "policy-admin"))
PEOPLE = person("ann", "sales, policy-admin") + person("bob", "finance") + person("cho", "production", keyed=False)
FLOWS = flow("standard", "order", stage("finance", "finance"), stage("production", "production")) + ADMIN


def policy(
    people: str = PEOPLE,
    flows: str = FLOWS,
    *,
    rights: str = "  - {roles: [sales], kinds: [order, evidence], do: [add]}\n",
    revoked: str = "revoked: []\n",
    more_people: str = "",
    more_flows: str = "",
    issued: str = ISSUED,
) -> Files:
    """Return the files of a policy."""
    texts = {
        "orderctl.yaml": "schema: workspace/1\nrepository: 5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a10\ncompany: {name: A}\n"
        "currency: CNY\nlanguages: [zh, en]\ntime_zone: Asia/Shanghai\nworking_hours: [9:00-12:00]\n"
        "numbers: {order: 'OD{yyyy}{mm}{seq:4}'}\n",
        "policy/people.yaml": f"schema: people/1\npeople:\n{people}{more_people}",
        "policy/flows.yaml": f"schema: flows/1\n{more_flows}flows:\n{flows}",
        "policy/permissions.yaml": f"schema: permissions/1\nrights:\n{rights}",
        "policy/revoked.yaml": f"schema: revoked/1\n{revoked}",
    }
    data = {path: text.encode() for path, text in texts.items()}
    data[MANIFEST] = manifest(data, None, "ann", "start", issued)
    return {path: ("100644", content) for path, content in data.items()}


def found(files: Files) -> tuple[Finding, ...]:
    """Return what is wrong with a policy."""
    try:
        load_policy(files.get, KINDS)
    except PolicyError as error:
        for finding in error.findings:
            assert {"commit", "person"} <= set(finding.params)
        return error.findings
    return ()


def places(files: Files) -> list[tuple[str, str]]:
    """Return code and place of everything that is wrong with a policy."""
    return [(f.rule, f"{f.path.rpartition('/')[2]} {f.pointer}".strip()) for f in found(files)]


def loaded(files: Files) -> Policy:
    return load_policy(files.get, KINDS)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


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

    assert [(f.rule, f.path) for f in found(files)] == [("policy.missing", path)]


@pytest.mark.parametrize("mode", ["120000", "100755", "160000"])
@pytest.mark.parametrize("path", sorted(FILES))
def test_p12_only_ordinary_files_count(path: str, mode: str) -> None:
    files = policy()
    files[path] = (mode, files[path][1])

    assert [(f.rule, f.path, f.params["mode"]) for f in found(files)] == [("policy.mode", path, mode)]


@pytest.mark.parametrize(("size", "codes"), [(-1, []), (0, []), (1, ["policy.limit"])])
def test_p12_a_policy_file_may_be_as_large_as_any_document(size: int, codes: list[str]) -> None:
    files = policy()
    raw = files["policy/flows.yaml"][1] + b"# "
    files["policy/flows.yaml"] = ("100644", raw + b"x" * (MAX_BYTES + size - len(raw) - 1) + b"\n")

    assert [f.rule for f in found(files)] == codes


def test_p07_a_key_that_is_written_twice_weakens_nothing() -> None:
    twice = flow("policy", "policy", stage("admin", "policy-admin", "needs: 2, needs: 1"))

    assert [f.rule for f in found(policy(flows=twice))] == ["yaml.duplicate_key"]
    assert found(policy(flows=flow("policy", "policy", stage("admin", "policy-admin", "needs: 1")))) == ()


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


def test_a_revoked_key_changes_no_policy() -> None:
    fingerprint = loaded(policy()).people["ann"].keys[0].fingerprint
    entry = f'revoked:\n  - {{fingerprint: "{fingerprint}", reason: 丢失, on: 2024-05-01}}\n'

    assert places(policy(revoked=entry)) == [("policy.unsatisfiable", "flows.yaml /flows/1/stages/0")]
    got = loaded(policy(PEOPLE + person("dan", "policy-admin"), revoked=entry))
    assert got.people["ann"].keys[0].revoked_since == 0
    assert got.people["dan"].keys[0].revoked_since is None


@pytest.mark.parametrize(("last", "wrong"), [("A", False), ("8", False), ("B", True), ("9", True)])
def test_s12_a_fingerprint_that_no_key_can_have_revokes_none(last: str, wrong: bool) -> None:
    entry = f'revoked:\n  - {{fingerprint: "SHA256:{"A" * 42}{last}", reason: 丢失, on: 2024-05-01}}\n'

    expected = [("setup.revocation_invalid", "revoked.yaml /revoked/0/fingerprint")] if wrong else []
    assert places(policy(revoked=entry)) == expected


def test_s11_no_list_of_revoked_keys() -> None:
    files = policy()
    del files["policy/revoked.yaml"]

    assert places(files) == [("setup.revocation_missing", "revoked.yaml")]


@pytest.mark.parametrize(
    "raw",
    [b"", b"garbage", b"\xff\xfe", b"schema: revoked/1\n", b"schema: revoked/1\nrevoked: [x]\n", b"[" * 100],
    ids=["empty", "words", "bytes", "no list", "wrong entry", "brackets"],
)
def test_s12_a_list_of_revoked_keys_that_can_not_be_read(raw: bytes) -> None:
    files = policy()
    files["policy/revoked.yaml"] = ("100644", raw)

    assert {f.rule for f in found(files)} == {"setup.revocation_invalid"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return what makes a public key with ssh-keygen."""
    folder = tmp_path_factory.mktemp("keys")

    def make(*options: str) -> str:
        file = folder / "-".join(options)
        subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "x", "-f", file, *options], check=True)
        return Path(f"{file}.pub").read_text().strip()

    return make


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-t", "rsa", "-b", "1024"), "key.weak"),
        (("-t", "rsa", "-b", "3071"), "key.weak"),
        (("-t", "rsa", "-b", "3072"), ""),
        (("-t", "dsa"), "key.weak"),
        (("-t", "ecdsa", "-b", "256"), ""),
        (("-t", "ed25519"), ""),
    ],
    ids=str,
)
def test_s21_weak_keys(made: Callable[..., str], options: tuple[str, ...], code: str) -> None:
    line = f'keys: [{{key: "{made(*options)}"}}]'

    expected = [(code, "people.yaml /people/3/keys/0/key")] if code else []
    assert places(policy(PEOPLE + person("dan", "finance", line, keyed=False))) == expected


@pytest.mark.parametrize("text", ["ssh-ed25519", "ssh-ed25519 AAAA", "hello", "ssh-rsa " + key("x").split()[1]])
def test_a_key_that_is_none(text: str) -> None:
    line = f'keys: [{{key: "{text}"}}]'

    [finding] = found(policy(PEOPLE + person("dan", "finance", line, keyed=False)))
    assert (finding.rule, finding.pointer, finding.params["person"]) == (
        "key.malformed",
        "/people/3/keys/0/key",
        "dan",
    )


def test_s22_a_key_belongs_to_one_person_whatever_its_comment_says() -> None:
    again = f'keys: [{{key: "{key("bob").rpartition(" ")[0]} somebody else"}}]'
    twice = f'keys: [{{key: "{key("dan")}"}}, {{key: "{key("dan")}"}}]'

    [finding] = found(policy(PEOPLE + person("dan", "finance", again, keyed=False)))
    assert (finding.rule, finding.pointer) == ("key.duplicate", "/people/3/keys/0/key")
    assert (finding.params["other"], finding.params["person"]) == ("bob", "dan")
    assert places(policy(PEOPLE + person("dan", "finance", twice, keyed=False))) == [
        ("key.duplicate", "people.yaml /people/3/keys/1/key")
    ]
    assert places(policy(PEOPLE + person("dan", "finance"))) == []


DEPUTY = "deputies:\n  - {{for: {0}, deputy: {1}, roles: [{2}], from: {3}, until: {4}, reason: 年假{5}}}\n"
JUNE, JULY, AUGUST = (f"2024-0{month}-01T00:00:00+08:00" for month in (6, 7, 8))


def deputy(
    away: str, stands_in: str, role: str = "finance", since: str = JUNE, until: str = JULY, more: str = ""
) -> str:
    return DEPUTY.format(away, stands_in, role, since, until, more)


def rows(*deputies: str) -> str:
    """Return these deputies as more rows of a list."""
    return "".join(one.partition("\n")[2] for one in deputies)


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


PGP = "pgp: [{{fingerprint: {0}, key: x}}]"
PRINTS = ("0123456789ABCDEF0123456789ABCDEF01234567", "F" * 40)


def test_an_openpgp_key_belongs_to_one_person_too() -> None:
    people = PEOPLE + person("dan", "sales", PGP.format(PRINTS[0]), keyed=False)

    assert places(policy(people + person("eve", "sales", PGP.format(PRINTS[1]), keyed=False))) == []
    [finding] = found(policy(people + person("eve", "sales", PGP.format(PRINTS[0]), keyed=False)))
    assert (finding.rule, finding.pointer) == ("key.duplicate", "/people/4/pgp/0/fingerprint")
    assert (finding.params["other"], finding.params["person"]) == ("dan", "eve")
    retired = PGP.format(PRINTS[1]).replace("key: x", f"key: x, active_from: {JULY}, retired_at: {JUNE}")
    assert places(policy(people + person("eve", "sales", retired))) == [
        ("policy.invalid", "people.yaml /people/4/pgp/0/retired_at")
    ]


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
