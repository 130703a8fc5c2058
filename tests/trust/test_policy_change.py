"""What a change of the policy must look like: one version on, a whole manifest, a policy that can be changed again."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from orderctl.load import load
from orderctl.trust.policy import MANIFEST, is_trusted, load_policy, manifest, policy_change
from tests.trust.policies import ADMIN, FLOWS, ISSUED, KINDS, PEOPLE, Files, loaded, person, policy

OLD = policy()
PEOPLE_FILE = "policy/people.yaml"


def amended(*changes: tuple[str, str, str], reason: str = "dan starts", more: dict[str, bytes] | None = None) -> Files:
    """Return the old policy's files with texts replaced, and the manifest raised."""
    data = {path: raw for path, (_, raw) in OLD.items()} | (more or {})
    for path, before, after in changes:
        assert before.encode() in data[path]
        data[path] = data[path].replace(before.encode(), after.encode(), 1)
    data[MANIFEST] = manifest(data, (1, OLD[MANIFEST][1]), "ann", reason, ISSUED)
    return {path: ("100644", raw) for path, raw in data.items()}


def edited(files: Files, before: str, after: str) -> Files:
    """Return the files with the manifest edited by hand."""
    raw = files[MANIFEST][1]
    assert before.encode() in raw
    return files | {MANIFEST: ("100644", raw.replace(before.encode(), after.encode(), 1))}


def places(new: Files) -> list[tuple[str, str]]:
    """Return code and place of what is wrong with the change from the old policy to ``new``."""
    paths = [path for path in new if is_trusted(path)]
    got, findings = policy_change(loaded(OLD), OLD.get, new.get, paths, KINDS)
    assert got is not None or findings
    for finding in findings:
        assert {"commit", "person"} <= set(finding.params) or finding.rule.startswith("schema.")
    return [(f.rule, f.pointer) for f in findings]


GOOD = amended((PEOPLE_FILE, PEOPLE, PEOPLE + person("dan", "finance")))


def test_a_change_that_is_in_order() -> None:
    new, findings = policy_change(loaded(OLD), OLD.get, GOOD.get, GOOD, KINDS)

    assert findings == []
    assert new is not None
    assert (new.version, new.digest) == (2, sha256(GOOD[MANIFEST][1]).hexdigest())
    assert "dan" in new.people


def test_the_manifest_names_every_file_and_the_manifest_before() -> None:
    value, findings = load(MANIFEST, GOOD[MANIFEST][1])

    assert findings == []
    assert value is not None
    assert value["previous"] == sha256(OLD[MANIFEST][1]).hexdigest()
    assert [f["path"] for f in value["files"]] == sorted(set(OLD) - {MANIFEST})
    assert manifest({}, None, "ann", "start", ISSUED).decode().splitlines() == [
        "schema: policy/1",
        "version: 1",
        f"issued: {ISSUED}",
        "by: ann",
        "reason: start",
        "files: []",
    ]


@pytest.mark.parametrize(("version", "wrong"), [(1, True), (2, False), (3, True)])
def test_p04_versions_grow_one_by_one(version: int, wrong: bool) -> None:
    expected = [("policy.version", "/version")] if wrong else []
    new = edited(GOOD, "version: 2", f"version: {version}")
    assert places(new) == expected
    _, findings = policy_change(loaded(OLD), OLD.get, new.get, new, KINDS)
    assert [(f.params["found"], f.params["expected"]) for f in findings] == ([(version, 2)] if wrong else [])


def test_p04_a_changed_file_needs_a_new_manifest() -> None:
    assert places(GOOD | {MANIFEST: OLD[MANIFEST]}) == [
        ("policy.version", "/version"),
        ("policy.previous", "/previous"),
        ("policy.manifest", "/files/2/sha256"),
    ]


@pytest.mark.parametrize(("issued", "wrong"), [("2024-05-06T16:59:59", True), ("2024-05-06T17:00:00", False)])
def test_lock_out_by_a_date_before_the_leavers_left(issued: str, wrong: bool) -> None:
    """Who is there is judged when the manifest was issued: that can't be before the one that it follows on."""
    expected = [("policy.issued", "/issued")] if wrong else []
    assert places(edited(GOOD, f"issued: {ISSUED}", f"issued: {issued}+08:00")) == expected


def test_the_chain_can_not_be_cut() -> None:
    previous = sha256(OLD[MANIFEST][1]).hexdigest()

    assert places(edited(GOOD, previous, "f" * 64)) == [("policy.previous", "/previous")]
    assert places(edited(GOOD, f"previous: {previous}\n", "")) == [("policy.previous", "/previous")]


def test_the_manifest_is_exactly_the_trusted_files() -> None:
    extra = {"plugins/rules/x.py": ("100644", b"RULE = 1\n")}
    entry = f"  - path: orderctl.yaml\n    sha256: {sha256(OLD['orderctl.yaml'][1]).hexdigest()}\n"

    assert places(GOOD | extra) == [("policy.manifest", "/files")]
    assert places(amended(more={p: raw for p, (_, raw) in extra.items()})) == []
    assert places(edited(GOOD, entry, "")) == [("policy.manifest", "/files")]
    assert places(edited(GOOD, entry, entry + entry)) == [("policy.manifest", "/files/1")]
    assert (
        places(edited(GOOD, entry, entry.replace("orderctl.yaml", "README.md")))
        == [
            ("policy.manifest", "/files"),
            ("policy.manifest", "/files/0"),
        ][::-1]
    )
    assert places(edited(edited(GOOD, entry, ""), "files:\n", "files:\n")) != []
    moved = edited(GOOD, entry, "")
    raw = moved[MANIFEST][1] + entry.encode()
    assert places(moved | {MANIFEST: ("100644", raw)}) == [("policy.manifest", "/files")]


ELSEWHERE = [("policy.manifest", "/files"), ("policy.manifest", "/files/1")]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("plugins/rules/caf\u00e9.py", []),
        ("plugins/rules/cafe\u0301.py", [("text.not_nfc", "")]),
        ("plugins/rules/CAF\u00c9.py", ELSEWHERE),
        ("plugins/rules/./caf\u00e9.py", ELSEWHERE),
    ],
)
def test_a_manifest_names_files_as_they_are_spelt(listed: str, expected: list[tuple[str, str]]) -> None:
    path = "plugins/rules/caf\u00e9.py"
    files = amended(more={path: b"RULE = 1\n"})
    assert sorted(places(edited(files, path, listed))) == expected


def test_lock_out_the_last_admin_stays() -> None:
    without = PEOPLE.replace("sales, policy-admin", "sales")
    assert places(amended((PEOPLE_FILE, PEOPLE, without))) == [("policy.unsatisfiable", "/flows/1/stages/0")]
    handed_over = without + person("dan", "policy-admin")
    assert places(amended((PEOPLE_FILE, PEOPLE, handed_over))) == []
    assert places(amended((PEOPLE_FILE, PEOPLE, without + person("dan", "policy-admin", keyed=False)))) == [
        ("policy.unsatisfiable", "/flows/1/stages/0")
    ]


def test_lock_out_the_flow_of_the_policy_stays() -> None:
    assert places(amended(("policy/flows.yaml", ADMIN, ""))) == [("policy.unsatisfiable", "/flows")]
    more = ADMIN.replace("zh: 环节", "needs: 2, zh: 环节")
    assert places(amended(("policy/flows.yaml", ADMIN, more))) == [("policy.unsatisfiable", "/flows/1/stages/0")]
    both = PEOPLE + person("dan", "policy-admin")
    assert places(amended(("policy/flows.yaml", ADMIN, more), (PEOPLE_FILE, PEOPLE, both))) == []


def test_lock_out_by_a_schema_that_the_policy_does_not_fit() -> None:
    badge = {
        "type": "string",
        "maxLength": 9,
        "examples": ["7"],
        "title": "Badge",
        "x-title-zh": "工牌",
        "description": "Badge.",
        "x-description-zh": "工牌。",
        "x-audience": ["staff"],
        "x-pii": False,
        "x-material": True,
    }

    def extension(*required: str) -> bytes:
        rows = {"properties": {"badge": badge}} | ({"required": list(required)} if required else {})
        return json.dumps({"x-extends": "people", "properties": {"people": {"items": rows}}}).encode()

    path = "schemas/people-of-ours.schema.json"

    assert places(amended(more={path: extension()})) == []
    locked = places(amended(more={path: extension("badge")}))
    assert {code for code, _ in locked} == {"policy.invalid"}


def test_lock_out_by_the_settings() -> None:
    assert places(amended(("orderctl.yaml", "currency: CNY", "currency: CNY\nsample: true"))) == [
        ("policy.invalid", "/sample")
    ]
    other = "5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a11"
    assert places(amended(("orderctl.yaml", "5f0c6c1e-3b0a-4c5e-9d52-8f1c2f1f7a10", other))) == [
        ("policy.invalid", "/repository")
    ]


def test_a_new_policy_that_does_not_load_is_none() -> None:
    new, findings = policy_change(
        loaded(OLD), OLD.get, amended(("policy/flows.yaml", FLOWS, "  - {}\n")).get, OLD, KINDS
    )

    assert new is None
    assert {f.rule for f in findings} == {"policy.invalid"}


def test_the_policy_of_the_sample_works_once_its_admins_have_keys() -> None:
    from orderctl.resources import sample_root
    from tests.trust.policies import found, key

    names = ("people", "flows", "permissions", "revoked")
    files = {f"policy/{n}.yaml": (sample_root() / f"policy/{n}.yaml").read_bytes() for n in names}
    files["orderctl.yaml"] = (sample_root() / "orderctl.yaml").read_bytes()
    files[MANIFEST] = manifest(files, None, "bai-lu", "start", ISSUED)
    keyless = {path: ("100644", raw) for path, raw in files.items()}
    assert [(f.rule, f.params["flow"]) for f in found(keyless)] == [("policy.unsatisfiable", "policy")]

    text = files[PEOPLE_FILE].decode()
    for admin in ("bai-lu", "meng-yuan", "su-cai"):
        text = text.replace(f"- id: {admin}\n", f'- id: {admin}\n    keys:\n      - {{key: "{key(admin)}"}}\n')
    keyed = keyless | {PEOPLE_FILE: ("100644", text.encode())}
    assert found(keyed) == ()
    assert load_policy(keyed.get, KINDS).permissions["rights"]
