"""Merges and histories at the gate: nothing hides in how commits are joined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trust.company import AS_OF, CASE, NUMBER, Company, draft, make_key
from tests.workspaces import orderctl

OTHER = "orders/2024/05/OD2024050013"


@pytest.fixture
def branch(firm: Company) -> Company:
    """A submitted order on a branch; main has gone on with another change."""
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    firm.git("checkout", "-q", "main")
    firm.edit("customers/C0001.yaml", "grade: B", "grade: A")
    firm.commit("su-cai", "grade")
    return firm


def test_a_clean_merge_needs_no_signature(branch: Company) -> None:
    branch.merge("lin-xiao", f"new-{NUMBER}", sign=False)
    assert branch.everywhere("main~1") == []


def test_m01_a_merge_that_brings_its_own_changes(branch: Company) -> None:
    branch.git("merge", "-q", "--no-ff", "--no-commit", f"new-{NUMBER}", **who("lin-xiao"))
    branch.edit(f"{OTHER}/order.yaml", "receiver: 赵敏", "receiver: 马乐")
    branch.commit("lin-xiao", "merge")
    assert "merge.unclean" in branch.everywhere("main~1")


def test_m01_ours_is_no_merge(branch: Company) -> None:
    branch.merge("lin-xiao", f"new-{NUMBER}", "-s", "ours")
    assert branch.everywhere("main~1") == ["merge.unclean"]


def test_m03_a_conflict_solved_by_hand_is_the_solvers_change(firm: Company) -> None:
    firm.git("checkout", "-q", "-b", "one")
    firm.edit("customers/C0001.yaml", "note: 更新收货地址", "note: 更新收货地址与电话")
    firm.commit("lin-xiao", "one")
    firm.git("checkout", "-q", "-b", "two", "main")
    firm.edit("customers/C0001.yaml", "note: 更新收货地址", "note: 更新地址")
    firm.commit("lin-xiao", "two")
    for person, codes in (("lin-xiao", []), ("he-cang", ["permission.denied"])):
        firm.git("checkout", "-q", "-f", "-B", "solved", "two")
        firm.git("merge", "-q", "one", check=False, **who(person))
        text = firm.read("customers/C0001.yaml")
        start, end = text.index("<<<<<<<"), text.index(">>>>>>>")
        firm.write(
            "customers/C0001.yaml",
            text[:start] + "  - {on: 2024-05-10, by: lin-xiao, note: 两处都更新}\n" + text[end:].partition("\n")[2],
        )
        firm.commit(person, "solve")
        assert firm.everywhere() == codes, person


def test_both_sides_of_one_document_merge_by_field(firm: Company) -> None:
    firm.git("checkout", "-q", "-b", "one")
    firm.edit("customers/C0001.yaml", "li.qiang@yunfan.example", "li.q@yunfan.example")
    firm.commit("lin-xiao", "mail")
    firm.git("checkout", "-q", "main")
    firm.edit("customers/C0001.yaml", "grade: B", "grade: A")
    firm.commit("su-cai", "grade")
    firm.merge("lin-xiao", "one", sign=False)
    assert firm.everywhere("main~1") == []


def test_m06_history_only_goes_on(branch: Company) -> None:
    assert branch.everywhere("main", f"new-{NUMBER}") == ["ref.non_ff"]
    assert branch.everywhere("main~1", "main") == []


def test_c09_a_history_from_elsewhere(firm: Company) -> None:
    firm.git("checkout", "-q", "--orphan", "elsewhere")
    firm.commit("lin-xiao", "from nowhere")
    assert firm.everywhere("main", "elsewhere") == ["ref.unrelated"]
    firm.git("checkout", "-q", "main")
    firm.merge("lin-xiao", "elsewhere", "--allow-unrelated-histories", "-s", "ours")
    assert "ref.unrelated" in firm.everywhere("main~1")


def test_t53_what_was_undone_was_still_there(firm: Company) -> None:
    """A bad state and its revert in one push: each state of the branch is judged."""
    firm.edit("customers/C0001.yaml", "limit: 200000.00", "limit: 900000.00")
    firm.commit("lin-xiao", "more credit")
    firm.git("revert", "--no-edit", "--no-gpg-sign", "HEAD", **who("lin-xiao"))
    firm.commit("lin-xiao", "undo", amend=True)
    assert firm.everywhere("HEAD~2") == ["permission.denied"]


def test_m04_what_a_branch_brings_and_takes_back(firm: Company) -> None:
    """A plugin in one commit of a branch, gone in the next: at the gate, in a push, in the audit."""
    firm.git("checkout", "-q", "-b", "side")
    firm.write("plugins/rules/own.py", "import os\n")
    firm.edit("customers/C0001.yaml", "li.qiang@yunfan.example", "li.q@yunfan.example")
    firm.commit("lin-xiao", "mail")
    (firm.root / "plugins/rules/own.py").unlink()
    firm.commit("lin-xiao", "without")
    firm.git("checkout", "-q", "main")
    firm.merge("lin-xiao", "side", sign=False)
    assert firm.everywhere("main~1") == ["policy.undone"]
    firm.git("reset", "-q", "--hard", "main~1")
    firm.git("merge", "-q", "--squash", "side")
    firm.commit("lin-xiao", "mail")
    assert firm.everywhere("main~1") == []


def who(person: str) -> dict[str, Any]:
    mail = f"{person}@muyan.example"
    return {
        "GIT_AUTHOR_NAME": person, "GIT_AUTHOR_EMAIL": mail, "GIT_COMMITTER_NAME": person, "GIT_COMMITTER_EMAIL": mail,
        "GIT_AUTHOR_DATE": AS_OF, "GIT_COMMITTER_DATE": AS_OF,
    }  # fmt: skip


@pytest.mark.parametrize(("at", "codes"), [("12:10:00", []), ("12:10:01", ["time.skew"])])
def test_s07_clocks_may_be_ten_minutes_ahead(firm: Company, at: str, codes: list[str]) -> None:
    firm.edit("customers/C0001.yaml", "grade: B", "grade: A")
    firm.commit("su-cai", "grade", at=f"2024-05-25T{at}+08:00")
    assert firm.everywhere("HEAD~1") == codes


@pytest.mark.parametrize(("at", "codes"), [("2024-05-20T08:50:00", []), ("2024-05-20T08:49:59", ["time.backwards"])])
def test_time_does_not_run_backwards_on_the_branch(firm: Company, at: str, codes: list[str]) -> None:
    firm.edit("customers/C0001.yaml", "grade: B", "grade: A")
    firm.commit("su-cai", "grade", at=f"{at}+08:00")
    assert firm.everywhere("HEAD~1") == codes


def test_s01_s02_s03_signatures(firm: Company, tmp_path: Path) -> None:
    make_key(tmp_path / "mallory")
    firm.edit("customers/C0001.yaml", "grade: B", "grade: A")
    firm.commit("su-cai", "grade", sign=False)
    assert firm.everywhere("HEAD~1") == ["sig.none"]
    firm.commit("su-cai", "grade", key=tmp_path / "mallory", amend=True)
    assert firm.everywhere("HEAD~1") == ["sig.unknown_key"]
    firm.commit("su-cai", "grade", amend=True)
    assert firm.everywhere("HEAD~1") == []
    raw = firm.git("cat-file", "commit", "HEAD") + "\n"
    for old, new in (
        ("\n\ngrade", "\n\nGrade"),
        ("author su-cai", "author gao-yuan"),
        (raw[:45], f"tree {firm.git('rev-parse', 'HEAD~1^{tree}')}"),
    ):
        tampered = firm.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.replace(old, new, 1))
        assert "sig.bad" in firm.everywhere("HEAD~1", tampered)


def test_s16_one_poisoned_commit_spoils_no_other_verdict(firm: Company) -> None:
    firm.edit("customers/C0001.yaml", "grade: B", "grade: A")
    firm.commit("su-cai", "grade", sign=False)
    raw = firm.git("cat-file", "commit", "HEAD") + "\n"
    head, _, message = raw.partition("\n\n")
    poisoned = firm.git(
        "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{head}\ngpgsig hello world\n\n{message}"
    )
    firm.git("reset", "-q", "--hard", poisoned)
    firm.edit("customers/C0001.yaml", "li.qiang@yunfan.example", "li.q@yunfan.example")
    last = firm.commit("lin-xiao", "mail")
    verdict = firm.gate("main~2" if firm.git("rev-parse", "main") == last else "main")
    found = [(f["code"], f["commit"]) for f in firm.gate("HEAD~2")["findings"]]
    assert found == [("sig.malformed", poisoned)]
    assert verdict


def test_m13_a_shallow_clone_is_not_judged(firm: Company, tmp_path: Path) -> None:
    firm.git("clone", "-q", "--depth=1", f"file://{firm.root}", str(tmp_path / "shallow"))
    done = orderctl(tmp_path / "shallow", "gate", "--base", "HEAD", "--head", "HEAD")
    assert done.returncode == 11
    assert "--unshallow" in done.stderr
    done = orderctl(firm.root, "gate", "--base", "HEAD", "--head", "HEAD")
    assert done.returncode == 0


def test_m12_replacements_decide_nothing(branch: Company) -> None:
    """A replace ref makes git show a signed commit in place of an unsigned one."""
    branch.edit("customers/C0001.yaml", "limit: 200000.00", "limit: 300000.00")
    good = branch.commit("su-cai", "limit")
    branch.git("reset", "-q", "--soft", "HEAD~1")
    bad = branch.commit("su-cai", "limit", sign=False)
    branch.git("replace", bad, good)
    assert branch.everywhere("HEAD~1", bad) == ["sig.none"]
    assert branch.everywhere("HEAD~1", good) == []


@pytest.mark.parametrize("where", ["main", "origin/main"])
def test_m18_a_tag_beside_the_branch_is_not_taken_for_it(branch: Company, where: str) -> None:
    """Somebody's tag of a commit of their own, named like the branch that others judge by."""
    branch.git("update-ref", "refs/remotes/origin/main", "main")
    head = f"new-{NUMBER}"
    twin = orderctl(branch.root, "gate", "--base", f"{where}~1", "--head", head, "--as-of", AS_OF)
    assert twin.returncode == 0, twin.stderr
    branch.git("tag", where, head)
    for command in (
        ["gate", "--base", where, "--head", head],
        ["gate", "--base", head, "--head", where],
        ["gate", "--base", f"{where}~1", "--head", head],
        ["audit", "--rev", where, "--from", "main~1"],
        ["audit", "--from", where],
    ):
        done = orderctl(branch.root, *command)
        assert done.returncode != 0
        assert "whole name" in done.stderr, command
    full = "refs/heads/main~1" if where == "main" else "refs/remotes/origin/main~1"
    branch.git("update-ref", f"refs/tags/{full.removesuffix('~1')}", head)
    assert orderctl(branch.root, "gate", "--base", full, "--head", head, "--as-of", AS_OF).returncode == 0


def test_m05_attributes_are_policy(firm: Company) -> None:
    firm.write(".gitattributes", "* merge=union\n")
    firm.commit("lin-xiao", "union")
    assert "policy.version" in firm.everywhere("HEAD~1")


def test_f_links_and_executables(firm: Company) -> None:
    draft(firm)
    firm.submit()
    (firm.root / CASE / "evidence").mkdir()
    (firm.root / CASE / "evidence/passwd.txt").symlink_to("/etc/passwd")
    firm.commit("lin-xiao", "order")
    assert "tree.mode" in firm.everywhere()


def test_k04_one_number_in_two_places(firm: Company) -> None:
    case = draft(firm)
    firm.write(f"{case.replace('/05/', '/06/')}/order.yaml", firm.read(f"{case}/order.yaml"))
    firm.submit()
    firm.commit("lin-xiao", "twice")
    assert "id.duplicate" in firm.everywhere()


CLOSED = "orders/2024/05/OD2024050012"
ARCHIVED = "archive/2024/05/OD2024050012"


def archive(firm: Company, case: str = CLOSED) -> None:
    target = case.replace("orders/", "archive/")
    (firm.root / target).parent.mkdir(parents=True, exist_ok=True)
    (firm.root / case).rename(firm.root / target)


def test_the_data_clerk_archives_whole_closed_cases(firm: Company) -> None:
    archive(firm)
    firm.commit("qin-fu", "archive")
    assert firm.everywhere("HEAD~1") == []


def test_an_archived_case_is_moved_as_it_is(firm: Company) -> None:
    archive(firm)
    firm.edit(f"{ARCHIVED}/order.yaml", "handler: lin-xiao", "handler: chen-jie")
    firm.commit("qin-fu", "archive")
    assert {"permission.denied", "document.deleted"} <= set(firm.everywhere("HEAD~1"))


def test_only_the_data_clerk_archives(firm: Company) -> None:
    archive(firm)
    firm.commit("lin-xiao", "archive")
    assert "permission.denied" in firm.everywhere("HEAD~1")


def test_an_open_case_is_not_archived(firm: Company) -> None:
    archive(firm, OTHER)
    firm.commit("qin-fu", "archive")
    assert "document.deleted" in firm.everywhere("HEAD~1")
