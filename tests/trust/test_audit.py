"""``orderctl audit``: each attack is found in the history that holds it; its honest twin passes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.trust.audits import audit, change_policy, hand_over, public, raw, said, set_keys
from tests.trust.company import AS_OF, CASE, Company, draft
from tests.workspaces import orderctl


@pytest.fixture
def firm(audited: Company, tmp_path: Path) -> Company:
    return audited.copy(tmp_path / "work")


def test_honest_history_holds(firm: Company) -> None:
    verdict = audit(firm)
    assert (verdict["verdict"], verdict["findings"], verdict["missing"]) == ("allow", [], [])
    assert verdict["audited"] == {"commits": 3, "states": 1, "judged": 1}
    assert verdict["root"]["commit"] == firm.git("config", "orderctl.root")


def test_s01_unsigned_commit_on_main(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    bad = firm.commit("lin-xiao", sign=False)
    assert ("sig.none", bad) in said(audit(firm))


def test_s01_twin_signed(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao")
    assert said(audit(firm)) == []


def test_s02_unknown_key(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    bad = firm.commit("lin-xiao", key=firm.key("stranger"))
    assert ("sig.unknown_key", bad) in said(audit(firm))


@pytest.mark.parametrize(("old", "new"), [("a change\n", "another change\n"), ("author lin-xiao", "author gao-yuan")])
def test_s03_commit_altered_after_signing(firm: Company, old: str, new: str) -> None:
    hand_over(firm, "gu-nan")
    bad = raw(firm, firm.commit("lin-xiao", "a change"), old, new)
    assert said(audit(firm)) == [("sig.bad", bad)]


def test_s16_signature_that_is_none_spoils_one_commit_only(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    good = firm.commit("lin-xiao")
    armor = firm.git("cat-file", "commit", good).partition("gpgsig ")[2].partition("-----END")[0]
    bad = raw(firm, good, f"gpgsig {armor}-----END SSH SIGNATURE-----", "gpgsig hello world")
    hand_over(firm, "lin-xiao")
    firm.commit("lin-xiao")
    assert said(audit(firm)) == [("sig.malformed", bad)]


def test_m12_replace_refs_and_grafts_change_nothing(firm: Company) -> None:
    honest = firm.head()
    hand_over(firm, "gu-nan")
    bad = firm.commit("lin-xiao", sign=False)
    expected = audit(firm)
    assert said(expected) == [("sig.none", bad)]
    firm.git("replace", bad, honest)
    assert audit(firm) == expected
    (firm.root / ".git/info/grafts").write_text(f"{bad}\n")
    done = orderctl(firm.root, "audit")
    assert (done.returncode, "incomplete" in done.stderr) == (11, True)


def test_shallow_clone_is_refused(firm: Company, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{firm.root}", str(tmp_path / "c")], check=True)
    done = orderctl(tmp_path / "c", "audit")
    assert (done.returncode, "incomplete" in done.stderr) == (11, True)


def test_whole_clone_is_audited_without_remote_or_forge(firm: Company, tmp_path: Path) -> None:
    hand_over(firm, "gu-nan")
    bad = firm.commit("lin-xiao", sign=False)
    root = firm.git("config", "orderctl.root")
    for kind in ("--bare", "--no-checkout"):
        place = tmp_path / kind
        subprocess.run(["git", "clone", "-q", kind, f"file://{firm.root}", str(place)], check=True)
        subprocess.run(["git", "remote", "remove", "origin"], cwd=place, check=True)
        if kind == "--no-checkout":
            subprocess.run(["git", "checkout", "-q", "main"], cwd=place, check=True)
        clone = Company(place, firm.keys)
        assert said(audit(clone, "--from", root)) == [("sig.none", bad)]


def test_root_is_pinned_named_or_the_first_with_a_policy(firm: Company) -> None:
    root = firm.git("config", "orderctl.root")
    firm.git("config", "--unset", "orderctl.root")
    unpinned = audit(firm)
    assert (unpinned["verdict"], said(unpinned)) == ("allow", [("audit.unpinned", root)])
    digest = unpinned["root"]["policy"]
    assert digest in unpinned["findings"][0]["message"]
    assert said(audit(firm, "--from", root)) == []
    firm.git("config", "orderctl.root", root)
    firm.git("config", "orderctl.policy", digest)
    assert said(audit(firm)) == []
    firm.git("config", "orderctl.policy", digest[:-1] + ("0" if digest[-1] != "0" else "1"))
    assert [code for code, _ in said(audit(firm))] == ["setup.pin"]


def test_a_root_whose_policy_is_gone_is_not_passed_over(firm: Company) -> None:
    """A partial clone, or a damaged one: the next policy must not become the first."""
    root = firm.git("config", "orderctl.root")
    firm.git("config", "--unset", "orderctl.root")
    firm.git("config", "--unset", "orderctl.policy", check=False)
    change_policy(firm, AS_OF)
    blob = firm.git("rev-parse", f"{root}:policy/policy.yaml")
    (firm.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert said(audit(firm)) == [("tree.unreadable", root)]


def test_branch_that_does_not_continue_the_root(firm: Company) -> None:
    root = firm.git("config", "orderctl.root")
    firm.git("checkout", "-q", "--orphan", "other")
    other = firm.commit("gao-yuan", "another history")
    assert said(audit(firm, "--rev", "other", "--from", root)) == [("audit.unrooted", other)]


def test_no_policy_at_the_root(firm: Company) -> None:
    firm.git("rm", "-q", "policy/policy.yaml")
    root = firm.commit("gao-yuan")
    assert [code for code, _ in said(audit(firm, "--from", root))] == ["policy.missing"]


def test_policy_changed_without_its_approvals(firm: Company) -> None:
    set_keys(firm, "lin-xiao", f'{{key: "{public(firm, "lin-xiao")}"}}, {{key: "{public(firm, "mallory")}"}}')
    firm.raise_policy(at="2024-05-22T11:00:00+08:00")
    bad = firm.commit("lin-xiao", at="2024-05-22T11:00:00+08:00")
    assert ("policy.threshold_old", bad) in said(audit(firm))


def test_every_output_format(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao", sign=False)
    for name in ("text", "concise", "github", "gitlab", "json", "junit", "markdown", "sarif"):
        done = orderctl(firm.root, "audit", "--output", name)
        assert (done.returncode, "sig.none" in done.stdout) == (11, True), name


def test_rules_at_every_state(firm: Company) -> None:
    """An error that came and went: today's state is clean, one before was not."""
    assert said(audit(firm, "--rules")) == []
    draft(firm, number="OD2024050015")
    case = "orders/2024/05/OD2024050015"
    right = firm.read(f"{case}/order.yaml")
    firm.edit(f"{case}/order.yaml", "total: 1050.00", "total: 1000.00")
    firm.submit(case=case)
    bad = firm.commit("lin-xiao", at="2024-05-21T10:00:00+08:00")
    firm.write(f"{case}/order.yaml", right.replace("revision: 1", "revision: 2"))
    firm.submit(case=case)
    firm.commit("lin-xiao", at="2024-05-21T11:00:00+08:00")
    firm.git("branch", "-q", "-f", "main")
    firm.git("checkout", "-q", "main")
    assert said(audit(firm)) == []
    found = audit(firm, "--rules")
    assert {commit for _, commit in said(found)} == {bad}
    assert "total-wrong" in {code for code, _ in said(found)}
    assert orderctl(firm.root, "check", "--rev", "main", "--as-of", AS_OF).returncode == 0


@pytest.mark.parametrize(
    ("object", "codes"),
    [
        ("HEAD^2", {"commit.missing", "setup.pin"}),  # git itself can't tell then whether main continues the root
        ("HEAD^{tree}", {"tree.missing"}),
        (f"HEAD:{CASE}", {"tree.missing"}),
        (f"HEAD:{CASE}/order.yaml", set()),
    ],
)
def test_objects_that_are_gone_or_damaged(firm: Company, object: str, codes: set[str]) -> None:
    id = firm.git("rev-parse", object)
    file = firm.root / ".git/objects" / id[:2] / id[2:]
    good = file.read_bytes()
    file.chmod(0o644)
    for content in (None, b"", good[:-4], good + b"x", b"\x78\x9c" + good[2:8]):
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        if content == good + b"x":
            continue  # what follows the object's own end is nothing of it
        done = orderctl(firm.root, "audit", "--output", "json", "--rev", "main", "--as-of", AS_OF)
        assert "Traceback" not in done.stderr
        assert done.returncode in (2, 11), done.stderr
        if done.returncode == 11 and codes:
            assert codes & {f["code"] for f in json.loads(done.stdout)["findings"]}


def test_nothing_but_the_root(firm: Company) -> None:
    verdict = audit(firm, "--rev", firm.git("config", "orderctl.root"))
    assert (said(verdict), verdict["audited"]) == ([], {"commits": 0, "states": 0, "judged": 0})


@pytest.mark.parametrize(
    "options", [("--from", "nowhere"), ("--rev", "nowhere"), ("--as-of", "soon"), ("--output", "x")]
)
def test_usage(firm: Company, options: tuple[str, str]) -> None:
    done = orderctl(firm.root, "audit", *options)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_sample_workspace_is_refused(firm: Company) -> None:
    firm.edit("orderctl.yaml", "schema: workspace/1\n", "schema: workspace/1\nsample: true\n")
    firm.commit("gao-yuan")
    done = orderctl(firm.root, "audit")
    assert (done.returncode, "sample" in done.stderr) == (11, True)
