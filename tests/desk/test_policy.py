"""The policy changes by itself: a manifest over the trusted files, approved by whom the present policy names."""

from __future__ import annotations

from orderctl.load import load
from tests.desk.conftest import Refused
from tests.desk.office import DAY, LATER, Office, digest, make_key, said
from tests.workspaces import edit

POLICY = "policy/policy.yaml"
ARGS = ["submit", "policy", "--reason", "新同事的密钥", "--yes", "--as-of", DAY]


def new_colleague(at: Office) -> None:
    public = make_key(at.root.parent / "new" / "id")
    people = at.root / "policy/people.yaml"
    text = people.read_text()
    entry = (
        f"  - id: new-one\n    name: 新人\n    department: sales\n    roles: [sales]\n    keys: [{{key: {public}}}]\n"
    )
    people.write_text(text.replace("deputies:\n", entry + "deputies:\n"))


def test_a_policy_is_submitted_with_all_its_files_in_one_commit(fresh: Office) -> None:
    before = digest((fresh.root / POLICY).read_bytes())
    new_colleague(fresh)
    (fresh.root / "customers/C0001.yaml").write_text((fresh.root / "customers/C0001.yaml").read_text() + "# mine\n")
    done = fresh.run("gao-yuan", *ARGS)
    assert done.returncode == 0, said(done)
    data = load(POLICY, (fresh.root / POLICY).read_bytes())[0]
    assert data is not None
    assert (data["version"], data["previous"], data["by"], data["issued"]) == (2, before, "gao-yuan", DAY)
    shown = fresh.git("gao-yuan", "show", "--format=%s", "--name-only", "HEAD").split("\n")
    assert shown == ["policy: submit version 2", "", "policy/people.yaml", POLICY, ""]
    assert fresh.git("gao-yuan", "status", "--porcelain") == " M customers/C0001.yaml\n"
    assert "changed  policy/people.yaml" in done.stdout
    assert "1 × Policy administrator: orderctl approve policy --stage policy-admin" in done.stderr


def test_a_policy_is_approved_under_the_old_one(fresh: Office, refused: Refused) -> None:
    old = digest((fresh.root / POLICY).read_bytes())
    fresh.git("gao-yuan", "branch", "-q", "-m", "main", "change")
    fresh.git("gao-yuan", "branch", "-q", "main", "HEAD")
    new_colleague(fresh)
    assert fresh.run("gao-yuan", *ARGS).returncode == 0
    approve = [
        "approve",
        "policy",
        "--stage",
        "policy-admin",
        "--opinion",
        "核对了新同事的密钥指纹",
        "--yes",
        "--as-of",
        LATER,
    ]
    new = ["--key", str(fresh.root.parent / "new" / "id")]
    assert "the policy doesn't know this key" in refused(fresh, "lin-xiao", *approve, *new, code=2)
    assert "doesn't hold that role" in refused(fresh, "lin-xiao", *approve)
    done = fresh.run("jiang-ming", *approve)
    assert done.returncode == 0, said(done)
    path = "policy/approvals/policy-2-policy-admin.jiang-ming.yaml"
    data = load(path, (fresh.root / path).read_bytes())[0]
    assert data is not None
    assert (data["subject"], data["number"], data["path"], data["revision"]) == ("policy", "policy", POLICY, 2)
    assert data["policy"] == {"version": 1, "digest": old}
    assert (data["digest"], data["immaterial"]) == (digest((fresh.root / POLICY).read_bytes()), [])
    assert "policy is approved" in done.stderr


def test_on_a_branch_the_version_is_raised_once(fresh: Office) -> None:
    fresh.git("gao-yuan", "branch", "-q", "-m", "main", "change")
    fresh.git("gao-yuan", "branch", "-q", "main", "HEAD")
    new_colleague(fresh)
    assert fresh.run("gao-yuan", *ARGS).returncode == 0
    edit(fresh.root, "policy/people.yaml", "name: 新人", "name: 新同事")
    done = fresh.run("gao-yuan", *ARGS)
    assert done.returncode == 0, said(done)
    data = load(POLICY, (fresh.root / POLICY).read_bytes())[0]
    assert data is not None
    assert data["version"] == 2


def test_nothing_changed_and_no_reason(fresh: Office, refused: Refused) -> None:
    assert "nothing to submit" in refused(fresh, "gao-yuan", *ARGS, code=2)
    assert "--reason TEXT" in refused(fresh, "gao-yuan", "submit", "policy", "--yes", code=2)


def test_a_policy_that_locks_everybody_out_is_not_submitted(fresh: Office, refused: Refused) -> None:
    text = (fresh.root / "policy/people.yaml").read_text()
    (fresh.root / "policy/people.yaml").write_text(text.replace(", policy-admin]", "]"))
    told = refused(fresh, "gao-yuan", *ARGS, code=10)
    assert "policy.unsatisfiable" in told
    assert "Nothing was submitted" in told


def test_a_broken_policy_is_named(fresh: Office, refused: Refused) -> None:
    edit(fresh.root, "policy/revoked.yaml", "revoked: []", "revoked: [")
    fresh.commit("gao-yuan", "a slip", "2024-05-07T09:30:00+08:00")
    told = refused(fresh, "lin-xiao", "submit", "OD2024050012", "--yes", code=10)
    assert "policy/revoked.yaml" in told


def test_a_waiver_is_asked_for_and_approved(fresh: Office, refused: Refused) -> None:
    ask = ["waive", "credit-limit-exceeded", "--path", "customers/C0001.yaml", "--reason", "季末集中下单", "--yes"]
    done = fresh.run("lin-xiao", *ask, "--until", "2024-06-30", "--as-of", DAY)
    assert done.returncode == 0, said(done)
    path = "waivers/w20240507-1.yaml"
    data = load(path, (fresh.root / path).read_bytes())[0]
    assert data == {
        "schema": "waiver/1",
        "revision": 1,
        "rule": "credit-limit-exceeded",
        "path": "customers/C0001.yaml",
        "reason": "季末集中下单",
        "requested_by": "lin-xiao",
        "from": "2024-05-07",
        "until": "2024-06-30",
    }
    assert "orderctl approve w20240507-1" in done.stderr
    assert "jiang-ming" in done.stderr
    approve = ["approve", "w20240507-1", "--opinion", "额度评审会已通过临时额度", "--yes", "--as-of", LATER]
    assert "doesn't hold that role" in refused(fresh, "su-cai", *approve, "--stage", "director")
    done = fresh.run("jiang-ming", *approve)
    assert done.returncode == 0, said(done)
    assert (fresh.root / "waivers/approvals/waiver-1-director.w20240507-1.jiang-ming.yaml").is_file()
    assert "w20240507-1 is approved" in done.stderr
    second = fresh.run("lin-xiao", *ask, "--until", "2024-05-07", "--as-of", LATER)
    assert second.returncode == 0, said(second)
    assert (fresh.root / "waivers/w20240507-2.yaml").is_file()


def test_what_cannot_be_waived(fresh: Office, refused: Refused) -> None:
    def waive(rule: str, *more: str, code: int = 11) -> str:
        given = ["--path", "customers/C0001.yaml", "--reason", "赶工", "--until", "2024-06-30", *more]
        return refused(fresh, "lin-xiao", "waive", rule, *given, "--yes", "--as-of", DAY, code=code)

    assert "can't be waived" in waive("yaml.duplicate_key")
    assert "rule about approvals" in waive("shipped-before-approval")
    assert "credit-limit-exceeded" in waive("credit-limit-exceded", code=2)
    assert "from today (2024-05-07) on" in waive("credit-limit-exceeded", "--until", "2024-05-06", code=2)
    assert "there is no file" in waive("credit-limit-exceeded", "--path", "customers/C0009.yaml", code=2)


def test_the_first_policy_needs_nobody(fresh: Office) -> None:
    (fresh.root / POLICY).unlink()
    fresh.commit("gao-yuan", "without a policy", "2024-05-07T09:30:00+08:00")
    done = fresh.run("gao-yuan", *ARGS)
    assert done.returncode == 0, said(done)
    data = load(POLICY, (fresh.root / POLICY).read_bytes())[0]
    assert data is not None
    assert (data["version"], "previous" in data, data["by"]) == (1, False, "gao-yuan")
    assert digest((fresh.root / POLICY).read_bytes()) in done.stderr
    assert fresh.run("lin-xiao", "submit", "OD2024050012", "--yes", "--as-of", DAY).returncode == 0


def test_who_signs_stays_in_the_list(fresh: Office, refused: Refused) -> None:
    """Somebody who gives themselves another id would sign as a person whom nobody knows any more."""
    edit(fresh.root, "policy/people.yaml", "- id: gao-yuan\n", "- id: gao\n")
    assert "keep id: gao-yuan" in refused(fresh, "gao-yuan", *ARGS)
    edit(fresh.root, "policy/people.yaml", "- id: gao\n    name: 高远", "- id: gao-yuan\n    name: 高元")
    assert fresh.run("gao-yuan", *ARGS).returncode == 0
