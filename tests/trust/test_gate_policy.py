"""The policy's own changes at the gate: alone, one version on, by the people whom the present policy names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.trust.company import AS_OF, CASE, Company, draft


def newcomer(firm: Company, name: str = "wu-xin", roles: str = "sales") -> None:
    """Add a colleague with a key of their own to people.yaml."""
    public = firm.key(name).with_suffix(".pub").read_text().strip()
    entry = f"  - id: {name}\n    name: 吴新\n    department: sales\n    roles: [{roles}]\n"
    entry += f'    keys: [{{key: "{public}"}}]\n'
    firm.write("policy/people.yaml", firm.read("policy/people.yaml").rstrip("\n") + "\n" + entry)


def test_two_admins_bring_a_colleague_who_then_works(firm: Company) -> None:
    newcomer(firm)
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "a new colleague")
    verdict = firm.gate("HEAD~1")
    assert (verdict["verdict"], verdict["findings"]) == ("allow", [])
    firm.land()
    draft(firm)
    firm.submit("wu-xin", authors=["wu-xin"])
    firm.commit("wu-xin", "order")
    assert firm.everywhere() == []


def test_p01_nobody_adds_themselves(firm: Company) -> None:
    newcomer(firm, "mallory", "policy-admin, finance")
    firm.raise_policy("mallory")
    firm.approve_policy("mallory")
    firm.commit("mallory", "me too")
    codes = firm.everywhere("HEAD~1")
    assert {"sig.unknown_key", "policy.threshold_old", "person.unknown"} <= set(codes)


def test_p06_new_admins_alone_are_not_enough(firm: Company) -> None:
    newcomer(firm, "wu-xin", "policy-admin")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "wu-xin")
    firm.commit("gao-yuan", "a new admin")
    assert "policy.threshold_old" in firm.everywhere("HEAD~1")


@pytest.mark.parametrize("admins", [("gao-yuan",), ("gao-yuan", "su-cai"), ("gao-yuan", "su-cai", "jiang-ming")])
def test_the_threshold_is_exact(firm: Company, admins: tuple[str, ...]) -> None:
    newcomer(firm)
    firm.raise_policy()
    firm.approve_policy(*admins)
    firm.commit("gao-yuan", "a new colleague")
    verdict = firm.gate("HEAD~1")
    assert (verdict["verdict"] == "allow") == (len(admins) >= 2)
    if len(admins) < 2:
        assert [f["code"] for f in verdict["findings"]] == ["policy.threshold_old"]
        [missing] = verdict["missing"]
        assert (missing["stage"], missing["who"]) == ("policy-admin", ["jiang-ming", "su-cai"])


def test_p02_a_lower_threshold_is_judged_by_the_old_one(firm: Company) -> None:
    flows = firm.read("policy/flows.yaml")
    firm.write("policy/flows.yaml", flows.replace("needs: 2", "needs: 1"))
    firm.raise_policy()
    firm.approve_policy("gao-yuan")
    firm.commit("gao-yuan", "one is enough")
    assert firm.everywhere("HEAD~1") == ["policy.threshold_old"]


def test_p03_policy_and_orders_travel_alone(firm: Company) -> None:
    draft(firm)
    firm.submit()
    newcomer(firm)
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "both")
    assert "policy.mixed_change" in firm.everywhere()


def test_p03_not_even_in_two_commits_of_one_push(firm: Company) -> None:
    newcomer(firm)
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "a new colleague")
    draft(firm)
    firm.submit("wu-xin", authors=["wu-xin"])
    firm.commit("wu-xin", "order")
    assert firm.everywhere("HEAD~2") == ["policy.mixed_change"]


@pytest.mark.parametrize("version", [1, 3])
def test_p04_the_version_goes_up_by_one(firm: Company, version: int) -> None:
    newcomer(firm)
    firm.raise_policy(version=version)
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "a new colleague")
    assert "policy.version" in firm.everywhere("HEAD~1")


def test_p04_a_policy_file_without_a_new_version(firm: Company) -> None:
    newcomer(firm)
    firm.commit("gao-yuan", "a new colleague")
    assert "policy.version" in firm.everywhere("HEAD~1")


def test_the_manifest_names_what_is_there(firm: Company) -> None:
    newcomer(firm)
    firm.raise_policy()
    newcomer(firm, "second-thought")
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "a new colleague, and one more")
    assert "policy.manifest" in firm.everywhere("HEAD~1")


@pytest.mark.parametrize(
    "path", ["plugins/rules/mine.py", "templates/papers/x.html.j2", ".github/workflows/x.yml", ".gitattributes"]
)
def test_p14_trusted_files_need_the_admins(firm: Company, path: str) -> None:
    firm.write(path, "# nothing\n")
    firm.commit("lin-xiao", "code")
    codes = firm.everywhere("HEAD~1")
    assert {"policy.threshold_old", "policy.version"} <= set(codes)


def test_p14_a_plugin_of_the_change_never_runs(firm: Company, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    firm.write("plugins/rules/mine.py", f"open({str(marker)!r}, 'w').close()\n")
    firm.commit("lin-xiao", "code")
    assert firm.gate("HEAD~1")["verdict"] == "deny"
    assert not marker.exists()


def test_p10_a_path_that_nothing_covers(firm: Company) -> None:
    firm.write("newsletter/may.html", "<p>hello</p>\n")
    firm.commit("qin-fu", "newsletter")
    assert "path.unclassified" in firm.everywhere("HEAD~1")
    firm.git("rm", "-q", "-r", "newsletter")
    firm.write("docs/may.txt", "hello\n")
    firm.commit("qin-fu", "docs", amend=True)
    assert firm.everywhere("HEAD~1") == []


def test_p12_a_policy_that_is_no_file(firm: Company) -> None:
    for code in ("policy.missing", "policy.mode"):
        work = firm.copy(firm.root.parent / code)
        flows = work.root / "policy/flows.yaml"
        if code == "policy.missing":
            flows.unlink()
        else:
            flows.chmod(0o755)
        work.raise_policy()
        work.approve_policy("gao-yuan", "su-cai")
        work.commit("gao-yuan", "oops")
        assert code in work.everywhere("HEAD~1")
        work.land()  # and where it had landed past the gate, nothing is judged by it
        draft(work)
        work.submit()
        work.commit("lin-xiao", "order")
        assert work.everywhere() == [code]


def test_p17_who_has_left_approves_nothing(firm: Company) -> None:
    people = firm.read("policy/people.yaml")
    firm.write("policy/people.yaml", re.sub(r"(- id: su-cai\n)", r"\1    left_on: 2024-05-24\n", people))
    firm.write("policy/people.yaml", firm.read("policy/people.yaml").replace("- id: chen-jie\n", "- id: chen-jie\n", 1))
    newcomer(firm, "wu-xin", "finance, policy-admin")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "su-cai leaves")
    assert firm.everywhere("HEAD~1") == []
    firm.land()
    draft(firm)
    firm.submit()
    firm.approve("sales-supervisor", "chen-jie")
    firm.approve("finance", "su-cai")
    firm.commit("lin-xiao", "order")
    assert firm.everywhere(as_of="2024-05-24T23:59:59+08:00") == ["time.skew"]  # still here on the last day
    assert "person.left" in firm.everywhere(as_of=AS_OF)


def test_s33_a_key_that_was_stolen(firm: Company) -> None:
    """Known from the policy: what is signed after the theft is refused, what came before passed."""
    people = firm.read("policy/people.yaml")
    entry = re.search(r'(?m)^  - id: lin-xiao\n    keys: \[\{key: "[^"]+"', people)
    assert entry
    firm.write(
        "policy/people.yaml", people.replace(entry[0], entry[0] + ", compromised_since: 2024-05-25T12:00:00+08:00")
    )
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "a stolen key")
    assert firm.everywhere("HEAD~1") == []
    firm.land()
    draft(firm)
    firm.commit("lin-xiao", "order", at="2024-05-25T12:00:01+08:00")
    assert "key.compromised" in firm.everywhere(as_of="2024-05-25T12:00:02+08:00")


def test_s11_the_list_of_revoked_keys_must_be_there(firm: Company) -> None:
    firm.git("rm", "-q", "policy/revoked.yaml")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "no list")
    assert "setup.revocation_missing" in firm.everywhere("HEAD~1")
    firm.land()
    draft(firm)
    firm.commit("lin-xiao", "order")
    assert firm.everywhere() == ["setup.revocation_missing"]


def test_s10_a_revoked_key(firm: Company) -> None:
    fingerprint = firm.git("--version") and _fingerprint(firm, "lin-xiao")
    firm.write(
        "policy/revoked.yaml",
        f'schema: revoked/1\nrevoked:\n  - {{fingerprint: "{fingerprint}", reason: lost laptop, on: 2024-05-24}}\n',
    )
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "revoke")
    assert firm.everywhere("HEAD~1") == []
    firm.land()
    draft(firm)
    firm.commit("lin-xiao", "order")
    assert "key.revoked" in firm.everywhere()


def _fingerprint(firm: Company, person: str) -> str:
    import subprocess

    done = subprocess.run(["ssh-keygen", "-lf", f"{firm.key(person)}.pub"], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


def test_an_order_in_the_sample_is_not_judged(firm: Company) -> None:
    firm.write("orderctl.yaml", "sample: true\n" + firm.read("orderctl.yaml").replace("schema: workspace/1\n", ""))
    firm.write("orderctl.yaml", "schema: workspace/1\n" + firm.read("orderctl.yaml"))
    firm.commit("lin-xiao", "sample")
    from tests.workspaces import orderctl

    done = orderctl(firm.root, "gate", "--base", "HEAD", "--head", "HEAD")
    assert done.returncode == 11
    assert "sample workspace" in done.stderr
    assert CASE


def test_a_date_does_not_choose_the_flow(firm: Company) -> None:
    """From 25 May on the general manager looks at every order: one that lands then can't be dated before."""
    flows = firm.read("policy/flows.yaml")
    strict = "  - id: strict\n    subject: order\n    when: {dated_from: 2024-05-25}\n    stages:\n"
    strict += "      - {id: general-manager, role: general-manager, hours: 8, zh: 总经理, en: General manager}\n"
    firm.write("policy/flows.yaml", flows.replace("flows:\n", f"flows:\n{strict}", 1))
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "every order")
    assert firm.codes("HEAD~1") == []
    firm.land()
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    assert firm.codes() == ["order.backdated"]
    firm.edit(f"{CASE}/order.yaml", "date: 2024-05-20", "date: 2024-05-25")
    firm.submit()
    firm.commit("lin-xiao", "order", amend=True)
    assert firm.codes() == []


def test_who_changes_roles_takes_nothing_back(firm: Company) -> None:
    """What they approved while they held the role stays approved, and the change of roles isn't held up by it."""
    draft(firm)
    firm.submit()
    firm.approve("sales-supervisor", "chen-jie")
    firm.commit("lin-xiao", "order")
    assert firm.codes() == []
    firm.land()
    people = firm.read("policy/people.yaml")
    firm.write("policy/people.yaml", people.replace("roles: [sales-supervisor]", "roles: [logistics]", 1))
    newcomer(firm, "wu-xin", "sales-supervisor")
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "chen-jie changes departments")
    found = firm.codes("HEAD~1")
    assert "approver-not-in-role" not in found


def test_a_stricter_policy_leaves_alone_what_has_landed(firm: Company) -> None:
    """A lower threshold, another name of a stage: neither the closed order nor main itself turns red by it."""
    flows = firm.read("policy/flows.yaml").replace("100000.00", "10000.00")
    firm.write("policy/flows.yaml", flows.replace("id: production, role: production", "id: making, role: production"))
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "orders of ten thousand are large")
    assert firm.codes("HEAD~1") == []
    from tests.workspaces import orderctl

    before, after = (
        orderctl(firm.root, "check", "--rev", rev, "--as-of", "2024-05-25", "--output", "concise")
        for rev in ("HEAD~1", "HEAD")
    )
    assert [line for line in after.stdout.splitlines() if " error " in line] == [
        line for line in before.stdout.splitlines() if " error " in line
    ]
