"""Keys in a policy: weak, doubled, revoked, nobody's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trust.policies import (
    ISSUED,
    JULY,
    JUNE,
    LATER,
    PEOPLE,
    at,
    flow,
    found,
    key,
    loaded,
    person,
    places,
    policy,
    stage,
)


def test_p07_a_key_that_is_written_twice_weakens_nothing() -> None:
    twice = flow("policy", "policy", stage("admin", "policy-admin", "needs: 2, needs: 1"))

    assert [f.rule for f in found(policy(flows=twice))] == ["yaml.duplicate_key"]
    assert found(policy(flows=flow("policy", "policy", stage("admin", "policy-admin", "needs: 1")))) == ()


def test_a_revoked_key_changes_no_policy() -> None:
    fingerprint = loaded(policy()).people["ann"].keys[0].fingerprint
    entry = f'revoked:\n  - {{fingerprint: "{fingerprint}", reason: 丢失, on: 2024-05-01}}\n'

    assert places(policy(revoked=entry)) == [("policy.unsatisfiable", "flows.yaml /flows/1/stages/0")]
    got = loaded(policy(PEOPLE + person("dan", "policy-admin"), revoked=entry))
    assert got.people["ann"].keys[0].revoked_since == 0
    assert got.people["dan"].keys[0].revoked_since is None


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_of_a_key_that_is_revoked_twice_the_earlier_time_counts(order: slice) -> None:
    print = loaded(policy()).people["bob"].keys[0].fingerprint
    rows = [
        f'  - {{fingerprint: "{print}", since: {since}, reason: 丢失, on: 2024-05-01}}\n' for since in (ISSUED, LATER)
    ]
    got = loaded(policy(revoked="revoked:\n" + "".join(rows[order])))
    assert got.people["bob"].keys[0].revoked_since == got.revoked[print] == at(ISSUED)


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
