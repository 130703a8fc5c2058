"""What an attacker tries beside the list: statements in odd places, signatures without statements, stale submissions,
merges that hide who did what. Each beside its honest twin, judged at gate, server and audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trust.company import CASE, NUMBER, Company, draft

Attack = Callable[[Company], None]
SUPERVISOR = f"{CASE}/approvals/order-1-sales-supervisor.chen-jie.yaml"
FINANCE = f"{CASE}/approvals/order-1-finance.su-cai.yaml"


@pytest.fixture
def branch(submitted: Company, tmp_path: Path) -> Company:
    return submitted.copy(tmp_path / "work")


@pytest.fixture
def landed(branch: Company) -> Company:
    branch.land()
    return branch


def forged(firm: Company) -> None:
    """Put a statement in su-cai's name that su-cai never signed."""
    firm.approve("finance", "su-cai", signed=False)


def test_a22_no_statement_lands_before_its_order(submitted: Company, tmp_path: Path) -> None:
    """Once landed it would never be judged again, and would count as soon as the order comes."""
    firm = submitted.copy(tmp_path / "work")
    firm.approve("sales-supervisor", "chen-jie")
    forged(firm)
    for name in ("order", "submission"):
        (firm.root / f"{CASE}/{name}.yaml").rename(tmp_path / name)
    (firm.root / f"{CASE}/submission.yaml.sig").rename(tmp_path / "sig")
    firm.git("checkout", "-q", "-b", "early", "main")
    firm.commit("lin-xiao", "early")
    assert firm.everywhere() == ["approval.subject"]


def test_a22_its_twin_comes_with_the_order(branch: Company) -> None:
    branch.approve("sales-supervisor", "chen-jie")
    branch.commit("lin-xiao", "approval")
    assert branch.everywhere() == []


def test_a22_a_case_that_differs_by_case_is_another_one(branch: Company) -> None:
    lower = CASE.replace("OD", "od")
    branch.approve("sales-supervisor", "chen-jie")
    branch.write(f"{lower}/order.yaml", branch.read(f"{CASE}/order.yaml"))
    for end in ("", ".sig"):
        branch.write(f"{lower}/approvals/{Path(SUPERVISOR).name}{end}", branch.read(f"{SUPERVISOR}{end}"))
    branch.commit("lin-xiao", "twice")
    assert "approval.subject" in branch.everywhere()


@pytest.mark.parametrize(
    "path",
    [
        "newsletter/approvals/x.yaml.sig",
        "approvals/x.yaml.sig",
        "receipts/x.receipt.yaml.sig",
        f"{CASE}/approvals/order-1-finance.su-cai.yaml.sig",
        f"{CASE}/receipts/order-1-finance.su-cai.receipt.yaml.sig",
        f"{CASE}/deep/approvals/order-1-finance.su-cai.yaml.sig",
        "waivers/approvals/waiver-1-finance.w1.su-cai.yaml.sig",
        "policy/approvals/policy-2-policy-admin.su-cai.yaml.sig",
    ],
)
def test_a_signature_without_its_statement(landed: Company, path: str) -> None:
    """It would lie there for ever, in the way of the statement that comes later, or hold whatever somebody hides."""
    landed.write(path, "anything\n")
    landed.commit("lin-xiao", "a signature")
    assert landed.everywhere("HEAD~1") != []


@pytest.mark.parametrize("path", ["receipts/x.receipt.yaml", f"{CASE}/receipts/order-1-finance.su-cai.receipt.yaml"])
def test_receipts_are_the_services(landed: Company, path: str) -> None:
    landed.write(path, "schema: receipt/1\n")
    landed.commit("su-cai", "a receipt")
    assert landed.everywhere("HEAD~1") != []


@pytest.mark.parametrize("path", ["newsletter/approvals/x.yaml", f"{CASE}/deep/approvals/order-1-finance.x.yaml"])
def test_statements_in_odd_places(landed: Company, path: str) -> None:
    landed.write(path, "schema: approval/1\n")
    landed.commit("lin-xiao", "odd")
    assert landed.everywhere("HEAD~1") != []


def test_what_lies_among_the_evidence_is_no_statement(landed: Company) -> None:
    """Whatever it is called: it lands like any evidence, and the order still waits."""
    landed.write(f"{CASE}/evidence/approvals/order-1-sales-supervisor.chen-jie.yaml", "schema: approval/1\n")
    landed.commit("lin-xiao", "evidence")
    assert landed.everywhere("HEAD~1") == []
    assert next(m["stage"] for m in landed.gate("HEAD~1")["missing"]) == "sales-supervisor"


def test_a_signature_that_comes_after_its_statement(landed: Company) -> None:
    """The statement was proved by its commit: what somebody puts beside it later says nothing, so it can't come."""
    forged(landed)
    landed.write(FINANCE.replace("finance.su-cai", "sales-supervisor.chen-jie"), "")
    (landed.root / SUPERVISOR).unlink()
    (landed.root / FINANCE).unlink()
    landed.approve("sales-supervisor", "chen-jie", signed=False)
    landed.commit("chen-jie", "approved by commit")
    assert landed.everywhere("HEAD~1") == []
    landed.write(f"{SUPERVISOR}.sig", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")
    landed.commit("lin-xiao", "a signature")
    assert landed.everywhere("HEAD~1") == ["approval.immutable"]


def test_an_older_submission_is_not_put_back(landed: Company) -> None:
    """Else the authors of the newer one would be forgotten, and could approve their own work."""
    first = [landed.read(f"{CASE}/submission.yaml{end}") for end in ("", ".sig")]
    landed.edit(f"{CASE}/order.yaml", "revision: 1", "revision: 2")
    landed.edit(f"{CASE}/order.yaml", "method: express", "method: freight")
    landed.submit(authors=["lin-xiao", "chen-jie"])
    landed.commit("lin-xiao", "second revision")
    assert landed.everywhere() == []
    landed.land()
    for end, text in zip(("", ".sig"), first, strict=True):
        landed.write(f"{CASE}/submission.yaml{end}", text)
    landed.commit("lin-xiao", "the first submission again")
    assert landed.everywhere() == ["submission.revision"]
    landed.submit(authors=["lin-xiao", "chen-jie"], submitted_at="2024-05-20T10:30:00+08:00")
    landed.commit("lin-xiao", "a new one of the same revision", amend=True)
    assert landed.everywhere() == ["submission.again"]


def test_an_older_submission_is_not_put_back_by_nobody_either(landed: Company) -> None:
    """Its own signature speaks for it, so that not even a key would be needed."""
    first = [landed.read(f"{CASE}/submission.yaml{end}") for end in ("", ".sig")]
    landed.edit(f"{CASE}/order.yaml", "revision: 1", "revision: 2")
    landed.edit(f"{CASE}/order.yaml", "method: express", "method: freight")
    landed.submit()
    landed.commit("lin-xiao", "second revision")
    landed.land()
    for end, text in zip(("", ".sig"), first, strict=True):
        landed.write(f"{CASE}/submission.yaml{end}", text)
    landed.commit("mallory", "replay", sign=False)
    assert "submission.revision" in landed.everywhere()


def test_a_submissions_signature_is_not_swapped(landed: Company) -> None:
    landed.write(f"{CASE}/submission.yaml.sig", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")
    landed.commit("lin-xiao", "another signature")
    assert landed.everywhere("HEAD~1") == ["submission.again"]


def test_whoever_merges_a_criss_cross_has_said_nothing(branch: Company) -> None:
    """A forged statement reaches the approver's branch by a merge without one base: merging is not stating."""
    firm = branch
    firm.approve("sales-supervisor", "chen-jie")
    firm.commit("lin-xiao", "supervisor")
    firm.git("branch", "-q", "-f", "left")
    firm.git("checkout", "-q", "-b", "right")
    firm.write("docs/right.txt", "right\n")
    firm.commit("qin-fu", "right")
    firm.git("checkout", "-q", "left")
    firm.write("docs/left.txt", "left\n")
    left = firm.commit("qin-fu", "left")
    firm.merge("qin-fu", "right")
    firm.git("checkout", "-q", "right")
    forged(firm)
    firm.commit("he-cang", "in su-cai's name")
    firm.merge("he-cang", left)
    firm.git("checkout", "-q", "left")
    firm.write("docs/more.txt", "more\n")
    firm.commit("qin-fu", "more")
    assert len(firm.git("merge-base", "--all", "left", "right").split()) == 2
    firm.merge("su-cai", "right")
    assert "approval.evidence" in firm.everywhere("main", "left")
    firm.git("checkout", "-q", "main")
    firm.merge("gao-yuan", "left")
    assert "approval.evidence" in firm.everywhere("main~1", "HEAD")


def test_a_merge_the_wrong_way_round(branch: Company) -> None:
    """``git pull`` with a merge makes one's own work the first parent: what was the branch would be so no longer."""
    branch.git("checkout", "-q", "main")
    branch.edit("customers/C0001.yaml", "grade: B", "grade: A")
    branch.commit("su-cai", "grade")
    branch.git("checkout", "-q", f"new-{NUMBER}")
    branch.merge("lin-xiao", "main")
    assert branch.everywhere() == ["ref.sideways"]
    branch.git("checkout", "-q", "main")
    branch.merge("lin-xiao", f"new-{NUMBER}~1")
    assert branch.everywhere("main~1", "main") == []


def test_a_receipt_that_nobody_signed_the_commit_of(landed: Company) -> None:
    landed.approve("sales-supervisor", "chen-jie", signed=False)
    zeros = "0" * 40
    path = SUPERVISOR.replace("/approvals/", "/receipts/").replace(".yaml", ".receipt.yaml")
    landed.write(
        path,
        f'schema: receipt/1\nstatement: "{zeros}{zeros[:24]}"\nforge: github.com\npull: 1\nreview: 1\nuser: 1\n'
        f'person: chen-jie\nstate: approved\ncommit: "{zeros}"\nauthor: 2\n'
        "submitted_at: 2024-05-20T10:00:00+08:00\nrecorded_at: 2024-05-20T10:00:00+08:00\n",
    )
    landed.sign(path, "chen-jie")
    landed.commit("mallory", "receipt", sign=False)
    found = landed.everywhere("HEAD~1")
    assert "gate.crashed" not in found
    assert "sig.none" in found


def test_whoever_entered_an_order_stays_its_author(firm: Company) -> None:
    """The field is immaterial, so that it may be corrected; but nobody becomes an approver by that, nor by another
    submission of what has landed."""
    draft(firm)
    firm.edit(f"{CASE}/order.yaml", "entered_by: lin-xiao", "entered_by: chen-jie")
    firm.submit()
    firm.commit("lin-xiao", "order")
    firm.edit(f"{CASE}/order.yaml", "entered_by: chen-jie", "entered_by: lin-xiao")
    firm.commit("lin-xiao", "entered by me")
    assert firm.everywhere("HEAD~1") == ["sod.author_missing"]
    firm.submit(authors=["lin-xiao", "chen-jie"])
    firm.commit("lin-xiao", "entered by me", amend=True)
    assert firm.everywhere("HEAD~1") == ["submission.again"]
