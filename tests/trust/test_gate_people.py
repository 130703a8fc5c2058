"""Who may decide, and with which key: lives of keys, leavers, deputies, roles, waivers. Judged at every place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orderctl.digest import digest_without
from tests.trust.company import CASE, REPOSITORY, Company, draft, dump, immaterial

WAIVER = "waivers/w1.yaml"
DEPUTY = "{for: chen-jie, deputy: he-cang, roles: [sales-supervisor], from: 2024-05-20T09:00:00+08:00, "
DEPUTY += "until: 2024-05-20T15:00:00+08:00, cap: 2000.00, flows: [standard], reason: leave}"


def public(firm: Company, name: str) -> str:
    return firm.key(name).with_suffix(".pub").read_text().strip()


@pytest.fixture(scope="module")
def staffed(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company after a change of its policy: qin-fu has four keys, gao-yuan two, he-cang is chen-jie's deputy on
    one day, jiang-ming may read waivers as finance does."""
    firm = original.copy(tmp_path_factory.mktemp("staffed") / "work")
    people = firm.read("policy/people.yaml")
    keys = [
        f'{{key: "{public(firm, "qin-fu")}"}}',
        f'{{key: "{public(firm, "qin-old")}", retired_at: 2024-05-25T12:00:00+08:00}}',
        f'{{key: "{public(firm, "qin-new")}", active_from: 2024-05-25T12:00:00+08:00}}',
        f'{{key: "{public(firm, "qin-only")}", namespaces: [orderctl-approval@v1]}}',
    ]
    people = re.sub(r"(- id: qin-fu\n    keys: )\[.*\]\n", lambda m: f"{m[1]}[{', '.join(keys)}]\n", people)
    second = f'{{key: "{public(firm, "gao-second")}"}}'
    people = re.sub(r"(- id: gao-yuan\n    keys: \[)", lambda m: f"{m[1]}{second}, ", people)
    people = people.replace("roles: [logistics]", "roles: [logistics, sales-supervisor]")
    firm.write("policy/people.yaml", people.rstrip("\n") + f"\ndeputies:\n  - {DEPUTY}\n")
    flows = firm.read("policy/flows.yaml").rstrip("\n")
    stage = "{id: finance, role: finance, zh: 财务, en: Finance}"
    firm.write("policy/flows.yaml", f"{flows}\n  - {{id: waiver, subject: waiver, stages: [{stage}]}}\n")
    rights = firm.read("policy/permissions.yaml").rstrip("\n")
    firm.write(
        "policy/permissions.yaml", f"{rights}\n  - {{roles: [sales, finance], kinds: [waiver], do: [add, change]}}\n"
    )
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "staff", at="2024-05-20T09:30:00+08:00")
    assert firm.codes("HEAD~1") == []
    firm.land()
    return firm


@pytest.fixture
def firm(staffed: Company, tmp_path: Path) -> Company:
    return staffed.copy(tmp_path / "work")


def note(firm: Company, key: str, at: str) -> None:
    """Commit a note of qin-fu's with one of their keys."""
    firm.write("docs/note.txt", "hello\n")
    firm.commit("qin-fu", "note", key=firm.key(key), at=at)


BEFORE, NOON = "2024-05-25T11:59:59+08:00", "2024-05-25T12:00:00+08:00"


@pytest.mark.parametrize(
    ("key", "at", "seen", "codes"),
    [
        ("qin-old", BEFORE, BEFORE, []),
        ("qin-old", BEFORE, NOON, ["key.expired"]),
        ("qin-old", NOON, NOON, ["key.expired"]),
        ("qin-new", NOON, NOON, []),
        ("qin-new", BEFORE, BEFORE, ["key.not_yet_valid"]),
        ("qin-new", BEFORE, NOON, ["key.not_yet_valid"]),
        ("qin-only", NOON, NOON, ["key.namespace"]),
        ("qin-fu", NOON, NOON, []),
    ],
)
def test_s04_s06_s14_a_key_holds_when_it_was_used_and_when_that_was_seen(
    firm: Company, key: str, at: str, seen: str, codes: list[str]
) -> None:
    note(firm, key, at)
    assert firm.everywhere("HEAD~1", as_of=seen) == codes


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Europe/Berlin"])
def test_s27_the_computers_time_zone_moves_no_boundary(firm: Company, zone: str) -> None:
    note(firm, "qin-old", BEFORE)
    for seen, expected in ((BEFORE, []), (NOON, ["key.expired"])):
        verdict = firm.gate("HEAD~1", as_of=seen, TZ=zone)
        assert [f["code"] for f in verdict["findings"]] == expected


def test_s32_old_key_before_the_change_new_key_after_it(firm: Company) -> None:
    note(firm, "qin-old", BEFORE)
    assert firm.everywhere("HEAD~1", as_of=BEFORE) == []
    firm.land()
    firm.write("docs/next.txt", "hello\n")
    firm.commit("qin-fu", "next", key=firm.key("qin-new"), at=NOON)
    assert firm.everywhere(as_of=NOON) == []


def order(firm: Company, quantity: int = 3) -> None:
    draft(firm, quantity=quantity)
    firm.submit()
    firm.commit("lin-xiao", "order", at="2024-05-20T10:00:00+08:00")


def deputy(firm: Company, issued: str = "2024-05-20T12:00:00+08:00", **changes: Any) -> None:
    firm.approve("sales-supervisor", "he-cang", issued=issued, **{"for": "chen-jie"} | changes)
    firm.commit("he-cang", "for chen-jie", at=issued)


def test_a_deputy_decides_within_their_time(firm: Company) -> None:
    order(firm)
    deputy(firm)
    assert firm.everywhere(as_of="2024-05-20T14:59:59+08:00") == []


@pytest.mark.parametrize(
    ("quantity", "issued", "changes"),
    [
        (3, "2024-05-20T15:00:00+08:00", {}),
        (3, "2024-05-20T12:00:00+08:00", {}),  # within their time, but shown only long after it: anybody can date back
        (6, "2024-05-20T12:00:00+08:00", {}),
        (3, "2024-05-20T12:00:00+08:00", {"for": "gao-yuan"}),
        (3, "2024-05-20T12:00:00+08:00", {"for": None}),
    ],
    ids=["too late", "dated back", "above the cap", "for somebody else", "for nobody"],
)
def test_a_deputy_beyond_their_scope(firm: Company, quantity: int, issued: str, changes: dict[str, Any]) -> None:
    order(firm, quantity)
    deputy(firm, issued, **changes)
    assert "role.inactive" in firm.everywhere()


def test_a11_a_role_that_was_lost_before_it_landed(firm: Company) -> None:
    order(firm)
    firm.approve("sales-supervisor", "luo-yun")
    firm.commit("luo-yun", "approved")
    assert firm.everywhere() == []
    firm.git("checkout", "-q", "main")
    firm.edit("policy/people.yaml", "roles: [logistics, sales-supervisor]", "roles: [logistics]")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "luo-yun is in logistics only")
    assert firm.everywhere("HEAD~1") == []
    firm.merge("lin-xiao", "new-OD2024050014")
    assert firm.everywhere("HEAD~1") == ["role.inactive"]


def test_a18_two_keys_of_one_person_are_one_person(firm: Company) -> None:
    firm.write("templates/note.txt", "x\n")
    firm.raise_policy()
    firm.approve_policy("gao-yuan")
    path = "policy/approvals/policy-3-policy-admin.gao-yuan"
    firm.write(f"{path}.2.yaml", firm.read(f"{path}.yaml").replace("nonce: ", "nonce: 0")[:-2] + "\n")
    firm.sign(f"{path}.2.yaml", "gao-yuan", key=firm.key("gao-second"))
    firm.commit("gao-yuan", "templates")
    assert "policy.threshold_old" in firm.everywhere("HEAD~1")
    firm.git("reset", "-q", "--soft", "HEAD~1")
    firm.approve_policy("su-cai")
    for end in ("", ".sig"):
        (firm.root / f"{path}.2.yaml{end}").unlink()
    firm.commit("gao-yuan", "templates")
    assert firm.everywhere("HEAD~1") == []


def waiver(firm: Company, by: str, *, requested_by: str = "lin-xiao", revision: int = 1, until: str = "31") -> None:
    fields = {
        "schema": "waiver/1", "revision": revision, "rule": "total-wrong",
        "path": "orders/2024/05/OD2024050013/order.yaml", "reason": "客户要求抹零，财务已知悉",
        "requested_by": requested_by, "from": "2024-05-20", "until": f"2024-05-{until}",
    }  # fmt: skip
    firm.write(WAIVER, dump(fields))
    firm.commit(by, "waiver")


def agreed(firm: Company, person: str) -> None:
    """Write a statement about the waiver."""
    data, left_out = firm.data(WAIVER), immaterial("waiver")
    path = f"waivers/approvals/waiver-{data['revision']}-finance.w1.{person}.yaml"
    fields = {
        "schema": "approval/1", "repository": REPOSITORY, "subject": "waiver", "number": "w1", "path": WAIVER,
        "revision": data["revision"], "digest": digest_without(data, left_out), "immaterial": left_out,
        "stage": "finance", "decision": "approve", "opinion": "金额差异已核对", "person": person,
        "issued": "2024-05-24T10:00:00+08:00", "policy": firm.policy(), "context": [], "nonce": "a" * 32,
    }  # fmt: skip
    firm.write(path, dump(fields))
    firm.sign(path, person)
    firm.commit(person, "agreed")


def test_a07_a_waiver_is_asked_for_by_one_and_approved_by_another(firm: Company) -> None:
    waiver(firm, "lin-xiao")
    agreed(firm, "su-cai")
    assert firm.everywhere("HEAD~2") == []


def test_a07_nobody_approves_a_waiver_of_their_own(firm: Company) -> None:
    waiver(firm, "su-cai", requested_by="su-cai")
    agreed(firm, "su-cai")
    assert firm.everywhere("HEAD~2") == ["sod.self"]


def test_a07_nor_one_that_they_wrote_in_anothers_name(firm: Company) -> None:
    waiver(firm, "su-cai", requested_by="lin-xiao")
    agreed(firm, "su-cai")
    assert firm.everywhere("HEAD~2") == ["waiver.requester"]


def test_a_waiver_grows_by_one_with_every_change(firm: Company) -> None:
    waiver(firm, "lin-xiao")
    waiver(firm, "lin-xiao", until="30")
    assert firm.everywhere("HEAD~1") == ["revision.not_raised"]
    firm.git("reset", "-q", "--hard", "HEAD~1")
    waiver(firm, "lin-xiao", until="30", revision=2)
    assert firm.everywhere("HEAD~1") == []


def test_p17_whoever_left_lands_nothing(firm: Company) -> None:
    people = firm.read("policy/people.yaml")
    firm.write("policy/people.yaml", people.replace("- id: he-cang\n", "- id: he-cang\n    left_on: 2024-05-24\n"))
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "he-cang leaves", at="2024-05-24T09:00:00+08:00")
    firm.land()
    firm.commit("he-cang", "nothing", at="2024-05-24T20:00:00+08:00")
    assert firm.everywhere("HEAD~1", as_of="2024-05-24T23:59:59+08:00") == []
    assert firm.everywhere("HEAD~1", as_of="2024-05-25T00:00:00+08:00") == ["person.left"]
    assert CASE
