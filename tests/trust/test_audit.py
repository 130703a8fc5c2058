"""``orderctl audit``: each attack is found in the history that holds it; its honest twin passes."""

from __future__ import annotations

import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.trust.company import AS_OF, CASE, NUMBER, Company, draft, dump
from tests.workspaces import orderctl

WEB_FLOW = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAABCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----"


@pytest.fixture(scope="module")
def landed(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """One order, submitted, approved by detached signatures and merged."""
    firm = original.copy(tmp_path_factory.mktemp("landed") / "work")
    firm.git("config", "orderctl.root", firm.head())
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "new order", at="2024-05-20T10:00:00+08:00")
    firm.approve_all()
    firm.commit("lin-xiao", "approvals", at="2024-05-20T14:00:00+08:00")
    firm.git("checkout", "-q", "main")
    firm.merge("chen-jie", f"new-{NUMBER}", at="2024-05-20T15:00:00+08:00")
    return firm


@pytest.fixture
def firm(landed: Company, tmp_path: Path) -> Company:
    return landed.copy(tmp_path / "work")


def audit(firm: Company, *options: str, as_of: str | None = AS_OF) -> dict[str, Any]:
    clock = ["--as-of", as_of] if as_of else []
    done = orderctl(firm.root, "audit", "--output", "json", *clock, *options)
    assert done.returncode in (0, 11), done.stderr
    assert "Traceback" not in done.stderr
    verdict: dict[str, Any] = json.loads(done.stdout)
    assert (verdict["verdict"] == "allow") == (done.returncode == 0)
    return verdict


def said(verdict: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f["code"], f["commit"]) for f in verdict["findings"]]


def hand_over(firm: Company, to: str) -> None:
    """Let somebody else handle the order: a change that sales may make at any time and that needs no approval."""
    text = firm.read(f"{CASE}/order.yaml")
    firm.write(f"{CASE}/order.yaml", re.sub(r"(?m)^handler: .*$", f"handler: {to}", text))


def raw(firm: Company, commit: str, old: str, new: str) -> str:
    """Write a commit object that differs from ``commit`` in its bytes; let main be it."""
    text = firm.git("cat-file", "commit", commit) + "\n"
    assert old in text
    id = firm.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.replace(old, new, 1))
    firm.git("update-ref", "refs/heads/main", id)
    firm.git("reset", "-q", "--hard", "main")
    return id


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


def change_policy(firm: Company, at: str) -> str:
    firm.raise_policy(at=at)
    firm.approve_policy("jiang-ming", "su-cai", issued=at)
    return firm.commit("gao-yuan", "policy", at=at)


def public(firm: Company, name: str) -> str:
    return firm.key(name).with_suffix(".pub").read_text().strip()


def set_keys(firm: Company, person: str, keys: str) -> None:
    lines = firm.read("policy/people.yaml").split("\n")
    place = next(n for n, line in enumerate(lines) if public(firm, person) in line)
    lines[place] = f"    keys: [{keys}]"
    firm.write("policy/people.yaml", "\n".join(lines))


def rotate(firm: Company) -> None:
    """lin-xiao's key is retired on the 22nd at noon; a new one is active from then on."""
    old, new = public(firm, "lin-xiao"), public(firm, "lin-xiao-2")
    set_keys(
        firm,
        "lin-xiao",
        f'{{key: "{old}", retired_at: 2024-05-22T12:00:00+08:00}}, '
        f'{{key: "{new}", active_from: 2024-05-22T12:00:00+08:00}}',
    )
    change_policy(firm, "2024-05-22T11:00:00+08:00")


def test_s32_rotation_leaves_history_valid(firm: Company) -> None:
    rotate(firm)
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao", at="2024-05-23T09:00:00+08:00", key=firm.key("lin-xiao-2"))
    assert said(audit(firm)) == []


def test_s32_twin_old_key_after_rotation(firm: Company) -> None:
    rotate(firm)
    hand_over(firm, "gu-nan")
    bad = firm.commit("lin-xiao", at="2024-05-23T09:00:00+08:00")
    assert said(audit(firm)) == [("key.expired", bad)]


def compromise(firm: Company, person: str, since: str) -> None:
    new = public(firm, f"{person}-2")
    set_keys(firm, person, f'{{key: "{public(firm, person)}", compromised_since: {since}}}, {{key: "{new}"}}')
    change_policy(firm, "2024-05-24T11:00:00+08:00")


def test_s33_commits_before_the_compromise_pass_and_later_ones_do_not(firm: Company) -> None:
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao", at="2024-05-21T09:00:00+08:00")
    hand_over(firm, "chen-jie")
    bad = firm.commit("lin-xiao", at="2024-05-22T09:00:00+08:00")
    assert said(audit(firm)) == []
    compromise(firm, "lin-xiao", "2024-05-22T00:00:00+08:00")
    assert said(audit(firm)) == [("key.compromised", bad)]


def test_s33_approvals_that_rest_on_a_compromised_key_are_open_again(firm: Company) -> None:
    compromise(firm, "chen-jie", "2024-05-20T10:30:00+08:00")
    verdict = audit(firm)
    path = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
    reopened = [f for f in verdict["findings"] if f["code"] == "audit.reopened"]
    assert [(f["path"], f["person"]) for f in reopened] == [(path, "chen-jie")]
    assert NUMBER in reopened[0]["message"] and "sales-supervisor" in reopened[0]["message"]
    assert {f["code"] for f in verdict["findings"]} == {"audit.reopened", "key.compromised"}
    assert [(m["subject"], m["stage"], m["who"]) for m in verdict["missing"]] == [
        (NUMBER, "sales-supervisor", ["chen-jie"]),
        (NUMBER, "finance", []),  # they decide after the supervisor, so theirs wait again
        (NUMBER, "production", []),
    ]


def test_s33_approval_given_anew_with_a_sound_key(firm: Company) -> None:
    compromise(firm, "tang-gong", "2024-05-20T10:30:00+08:00")
    assert audit(firm)["verdict"] == "deny"
    at = "2024-05-25T09:00:00+08:00"
    firm.approve(
        "production", "tang-gong", key=firm.key("tang-gong-2"), name="order-1-production.tang-gong.2", issued=at
    )
    firm.commit("lin-xiao")
    verdict = audit(firm)
    assert (verdict["verdict"], verdict["missing"]) == ("allow", [])
    assert sorted({code for code, _ in said(verdict)}) == ["audit.reopened", "key.compromised"]  # warnings now


def test_s33_twin_compromised_only_after_all_was_seen(firm: Company) -> None:
    compromise(firm, "chen-jie", "2024-05-21T00:00:00+08:00")
    assert said(audit(firm)) == []


def revoke(firm: Company, person: str, since: str) -> None:
    """Revoke a key whose owner is no longer among the people."""
    from orderctl.trust.keys import parse_public

    lines = firm.read("policy/people.yaml").split("\n")
    start = next(n for n, line in enumerate(lines) if line == f"  - id: {person}")
    end = next((n for n, line in enumerate(lines) if n > start and line.startswith("  - ")), len(lines))
    firm.write("policy/people.yaml", "\n".join([*lines[:start], *lines[end:]]).rstrip("\n") + "\n")
    fingerprint = parse_public(public(firm, person))[2]
    entry = f'{{fingerprint: "{fingerprint}"{since}, reason: 电脑被盗, on: 2024-05-24}}'
    firm.write("policy/revoked.yaml", f"schema: revoked/1\nrevoked:\n  - {entry}\n")
    change_policy(firm, "2024-05-24T11:00:00+08:00")


@pytest.mark.parametrize(
    ("since", "codes"), [("", {"key.revoked"}), (", since: 2024-05-22T00:00:00+08:00", set())], ids=["always", "later"]
)
def test_s10_key_revoked_later(firm: Company, since: str, codes: set[str]) -> None:
    assert said(audit(firm)) == []
    revoke(firm, "lin-xiao", since)
    assert {code for code, _ in said(audit(firm))} == codes


def test_m01_merge_that_changes_an_order_by_itself(firm: Company) -> None:
    firm.git("checkout", "-q", "-b", "side")
    firm.write("README.md", "about")
    firm.commit("gao-yuan")
    firm.git("checkout", "-q", "main")
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao")
    merge = firm.merge("chen-jie", "side")
    assert said(audit(firm)) == []
    hand_over(firm, "chen-jie")
    evil = firm.commit("lin-xiao", amend=True)
    assert firm.git("rev-parse", f"{evil}^1") == firm.git("rev-parse", f"{merge}^1")
    assert said(audit(firm)) == [("merge.unclean", evil)]


def web_flow(firm: Company, text: str, *, tree: str = "") -> str:
    """Write a commit as a forge's web page makes it, signed by the forge; let main be it."""
    tree = tree or firm.git("rev-parse", "HEAD^{tree}")
    ident = "GitHub <noreply@github.com> 1716609600 +0000"  # AS_OF
    armor = WEB_FLOW.replace("\n", "\n ")
    body = f"tree {tree}\n{text}author {ident}\ncommitter {ident}\ngpgsig {armor}\n\nmerge\n"
    id = firm.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=body)
    firm.git("update-ref", "refs/heads/main", id)
    return id


def test_h12_clean_merge_by_a_forge(firm: Company) -> None:
    base = firm.head()
    hand_over(firm, "gu-nan")
    side = firm.commit("lin-xiao")
    web_flow(firm, f"parent {base}\nparent {side}\n")
    assert said(audit(firm)) == []


def test_h12_merge_by_a_forge_with_another_tree(firm: Company) -> None:
    base = firm.head()
    hand_over(firm, "gu-nan")
    side = firm.commit("lin-xiao")
    hand_over(firm, "chen-jie")
    firm.git("add", "-A")
    bad = web_flow(firm, f"parent {base}\nparent {side}\n", tree=firm.git("write-tree"))
    assert said(audit(firm)) == [("merge.unclean", bad)]


def test_h13_squash_by_a_forge_with_what_nobody_signed(firm: Company) -> None:
    base = firm.head()
    hand_over(firm, "gu-nan")
    firm.commit("lin-xiao")
    bad = web_flow(firm, f"parent {base}\n")
    assert said(audit(firm)) == [("sig.backend_disabled", bad)]


def squashed(firm: Company, *, signed: bool) -> str:
    """Land a second order as a forge's squash does: one commit, no person's signature."""
    base = firm.head()
    case = draft(firm, number="OD2024050015")
    firm.submit(case=case)
    firm.approve_all(case=case, signed=signed)
    firm.commit("lin-xiao", at="2024-05-21T10:00:00+08:00")
    return web_flow(firm, f"parent {base}\n")


def test_a24_squash_with_detached_signatures(firm: Company) -> None:
    squashed(firm, signed=True)
    assert said(audit(firm)) == []


def test_a24_squash_of_approvals_that_only_commits_proved(firm: Company) -> None:
    bad = squashed(firm, signed=False)
    assert {commit for _, commit in said(audit(firm))} == {bad}
    assert "sig.backend_disabled" in {code for code, _ in said(audit(firm))}


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


def reviewed(firm: Company) -> str:
    """Land an order whose supervisor approved it by a forge's review only; return the statement's path."""
    people = firm.read("policy/people.yaml").rstrip("\n")
    robot = f'roles: [service], department: management, keys: [{{key: "{public(firm, "robot")}"}}]'
    firm.write("policy/people.yaml", f"{people}\n  - {{id: robot, name: 门禁, name_en: Gate, {robot}}}\n")
    change_policy(firm, "2024-05-21T09:00:00+08:00")
    case = draft(firm, number="OD2024050015")
    firm.submit(case=case, policy=firm.policy())
    firm.commit("lin-xiao", at="2024-05-21T10:00:00+08:00")
    path = firm.approve("sales-supervisor", "chen-jie", case=case, signed=False, issued="2024-05-21T11:00:00+08:00")
    firm.commit("lin-xiao", at="2024-05-21T12:00:00+08:00")
    firm.git("checkout", "-q", "main")
    firm.merge("gao-yuan", "new-OD2024050015", at="2024-05-21T13:00:00+08:00")
    return path


def receipt(firm: Company, statement: str, person: str, *, of: str = "") -> str:
    """Write the receipt of a review as the gate's job does, and commit it as ``person``."""
    fields = {
        "schema": "receipt/1",
        "statement": sha256((of or firm.read(statement)).encode()).hexdigest(),
        "forge": "github.com",
        "pull": 12,
        "review": 7,
        "user": 1001,
        "person": "chen-jie",
        "state": "approved",
        "commit": firm.head(),
        "submitted_at": "2024-05-21T12:30:00+08:00",
        "author": 1002,
        "recorded_at": "2024-05-21T13:10:00+08:00",
    }
    firm.write(statement.replace("/approvals/", "/receipts/").replace(".yaml", ".receipt.yaml"), dump(fields))
    return firm.commit(person, at="2024-05-21T13:10:00+08:00")


def test_review_counts_by_the_receipt_that_came_later(firm: Company) -> None:
    path = reviewed(firm)
    merge = firm.head()
    assert said(audit(firm, as_of=None)) == [("approval.evidence", merge)]
    receipt(firm, path, "robot")
    after = audit(firm, as_of=None)
    assert said(after) == []
    assert after["audited"]["judged"] == 2  # the receipt's own step, and the one that lacked it


@pytest.mark.parametrize("of", ["", "another statement"])
def test_receipt_by_somebody_else_or_of_something_else_proves_nothing(firm: Company, of: str) -> None:
    path = reviewed(firm)
    merge = firm.head()
    bad = receipt(firm, path, "robot" if of else "lin-xiao", of=of)
    expected = [("approval.evidence", merge)] if of else [("permission.denied", bad)]
    assert said(audit(firm)) == expected


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
