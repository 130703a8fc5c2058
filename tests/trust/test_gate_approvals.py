"""Approvals at the gate: each way to move, reuse or make one up is refused by name, and its honest twin lands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trust.company import CASE, NUMBER, STAGES, START, Company, draft, make_key, order_on_a_branch

Attack = Callable[[Company], None]
APPROVED = f"{CASE}/approvals/order-1-finance.su-cai.yaml"


@pytest.fixture(scope="module")
def approved(original: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An order on a branch, submitted and approved at every stage; main has none of it."""
    firm = original.copy(tmp_path_factory.mktemp("approved") / "work")
    order_on_a_branch(firm, approved=True)
    return firm


@pytest.fixture
def ready(approved: Company, tmp_path: Path) -> Company:
    return approved.copy(tmp_path / "work")


@pytest.fixture(scope="module")
def landed(approved: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The same, and main has it all."""
    firm = approved.copy(tmp_path_factory.mktemp("landed") / "work")
    firm.land()
    return firm


def test_an_approved_order_lands(ready: Company) -> None:
    verdict = ready.gate()
    assert (verdict["verdict"], verdict["findings"], verdict["missing"]) == ("allow", [], [])


def test_a_complete_order_may_land_unapproved_and_says_what_is_missing(firm: Company) -> None:
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    verdict = firm.gate()
    assert verdict["verdict"] == "allow"
    assert [(m["subject"], m["stage"], m["role"], m["who"]) for m in verdict["missing"]] == [
        (NUMBER, "sales-supervisor", "sales-supervisor", ["chen-jie"]),
        (NUMBER, "finance", "finance", []),
        (NUMBER, "production", "production", []),
    ]
    assert verdict["missing"][0]["due"] == "2024-05-20T15:30:00+08:00"


def test_a_draft_does_not_land(firm: Company) -> None:
    draft(firm)
    firm.commit("lin-xiao", "order")
    assert firm.everywhere() == ["submission.missing"]


def changed(firm: Company) -> None:
    firm.edit(f"{CASE}/order.yaml", "method: express", "method: freight")
    firm.submit()


def copied(firm: Company) -> None:
    firm.write("orders/2024/05/OD2024050013/approvals/order-1-finance.su-cai.yaml", firm.read(APPROVED))


def other_role(firm: Company) -> None:
    remove(firm, APPROVED)
    firm.approve("finance", "he-cang")


def two_seats(firm: Company) -> None:
    remove(firm, f"{CASE}/approvals/order-1-production.tang-gong.yaml")
    firm.approve("production", "su-cai")


def reused(firm: Company) -> None:
    firm.approve("finance", "su-cai", name="order-1-finance.su-cai.2", nonce=firm.data(APPROVED)["nonce"])


def unproved(firm: Company) -> None:
    remove(firm, APPROVED)
    firm.approve("finance", "su-cai", signed=False)


def rewritten(firm: Company) -> None:
    firm.edit(APPROVED, "schema: approval/1\n", "schema:  approval/1\n")


def finance(**changes: object) -> Attack:
    """Return what puts another statement in the place of finance's."""
    return lambda firm: _finance(firm, changes)


def _finance(firm: Company, changes: dict[str, object]) -> None:
    firm.approve("finance", "su-cai", **changes)  # type: ignore[arg-type]


def production(issued: str) -> Attack:
    return lambda firm: _production(firm, issued)


def _production(firm: Company, issued: str) -> None:
    firm.approve("production", "tang-gong", issued=issued)


def director(firm: Company) -> None:
    firm.approve("general-manager", "gao-yuan", issued="2024-05-20T15:00:00+08:00")


def stranger(firm: Company) -> None:
    remove(firm, APPROVED)
    firm.approve("finance", "mallory")


ATTACKS: dict[str, tuple[Attack, str]] = {
    "A01 the order changed after approval": (changed, "approval.digest"),
    "A03 an approval copied to another order": (copied, "approval.subject"),
    "A05 an approval from another repository": (
        finance(repository="00000000-0000-4000-8000-000000000000"),
        "approval.context",
    ),
    "A06 a signature of the namespace git": (lambda f: f.sign(APPROVED, "su-cai", namespace="git"), "sig.namespace"),
    "A17 a signature over other bytes than are stored": (rewritten, "sig.bad"),
    "A10 two seats by one person": (two_seats, "sod.same_person"),
    "signed by somebody else": (lambda f: f.sign(APPROVED, "chen-jie"), "approval.signer"),
    "a role that the approver doesn't have": (other_role, "role.inactive"),
    "a bare opinion": (finance(opinion="同意。"), "approval.opinion"),
    "a stage that the flow doesn't have": (director, "approval.stage"),
    "a policy version that isn't in force": (finance(policy={"version": 2, "digest": "0" * 64}), "approval.policy"),
    "a policy of the same version but other content": (
        finance(policy={"version": 1, "digest": "0" * 64}),
        "approval.policy",
    ),
    "a material field left out of the digest": (finance(immaterial=["/total"]), "approval.immaterial"),
    "a statement used twice": (reused, "approval.nonce"),
    "dated ahead": (production("2024-05-25T12:10:01+08:00"), "approval.ahead"),
    "before its turn": (production("2024-05-20T11:59:59+08:00"), "approval.order"),
    "what finance looked at isn't named": (finance(context=[]), "approval.context_digest"),
    "no evidence": (unproved, "approval.evidence"),
    "facts are missing": (finance(nonce=None), "approval.incomplete"),
    "a person nobody knows": (stranger, "person.unknown"),
}


def remove(firm: Company, path: str) -> None:
    (firm.root / path).unlink()
    (firm.root / f"{path}.sig").unlink(missing_ok=True)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(approved: Company, tmp_path: Path, name: str) -> None:
    """The last commit, that of the approvals, is made anew with one thing changed."""
    attack, expected = ATTACKS[name]
    firm = approved.copy(tmp_path / "work")
    firm.git("reset", "-q", "--soft", "HEAD~1")
    attack(firm)
    firm.commit("lin-xiao", "approvals")
    assert expected in firm.everywhere()


def test_a07_the_author_does_not_approve(firm: Company) -> None:
    draft(firm)
    firm.submit(authors=["lin-xiao", "chen-jie"])
    firm.commit("lin-xiao", "order")
    firm.approve("sales-supervisor", "chen-jie")
    firm.commit("lin-xiao", "approvals")
    assert "sod.self" in firm.everywhere()


def test_a07_a_second_key_is_the_same_person(original: Company, tmp_path: Path) -> None:
    firm = original.copy(tmp_path / "work")
    second = firm.key("chen-jie-second")
    public = second.with_suffix(".pub").read_text().strip()
    people = firm.read("policy/people.yaml")
    firm.write(
        "policy/people.yaml",
        people.replace("- id: chen-jie\n    keys: [", f'- id: chen-jie\n    keys: [{{key: "{public}"}}, '),
    )
    firm.raise_policy()
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "second key")
    assert firm.everywhere("HEAD~1") == []
    firm.land()
    draft(firm)
    firm.submit(authors=["lin-xiao", "chen-jie"])
    firm.commit("lin-xiao", "order")
    firm.approve("sales-supervisor", "chen-jie", key=second)
    firm.commit("lin-xiao", "approvals")
    assert "sod.self" in firm.everywhere()


def test_whoever_edits_the_order_is_an_author(firm: Company) -> None:
    """A colleague edits the order on its branch and then approves it: the submission must name them."""
    draft(firm)
    firm.commit("gu-nan" if "gu-nan" in firm.read("policy/people.yaml") else "lin-xiao", "order")
    firm.edit(f"{CASE}/order.yaml", "method: express", "method: freight")
    firm.submit()
    firm.commit("chen-jie", "a helping hand")
    firm.approve("sales-supervisor", "chen-jie")
    firm.commit("lin-xiao", "approvals")
    assert {"permission.denied", "sod.author_missing"} <= set(firm.everywhere())


def test_a02_what_is_immaterial_may_change(landed: Company, tmp_path: Path) -> None:
    firm = landed.copy(tmp_path / "work")
    firm.edit(f"{CASE}/order.yaml", "revision: 1\n", "revision: 1  # looked over\n")
    firm.edit(f"{CASE}/order.yaml", "handler: lin-xiao", "handler: chen-jie")
    firm.commit("lin-xiao", "another handler")
    assert firm.everywhere() == []


def test_a12_an_approval_expires_to_the_second(approved: Company, tmp_path: Path) -> None:
    firm = approved.copy(tmp_path / "work")
    firm.git("reset", "-q", "--soft", "HEAD~1")
    firm.approve("finance", "su-cai", expires="2024-05-25T13:00:00+08:00")
    firm.commit("lin-xiao", "approvals")
    assert firm.everywhere(as_of="2024-05-25T12:59:59+08:00") == []
    assert "approval.expired" in firm.everywhere(as_of="2024-05-25T13:00:00+08:00")
    assert "approval.expired" in firm.everywhere(as_of="2024-05-25T13:00:01+08:00")


def test_a13_what_the_decision_rests_on_was_swapped(approved: Company, tmp_path: Path) -> None:
    firm = approved.copy(tmp_path / "work")
    firm.git("checkout", "-q", "main")
    firm.edit("customers/C0001.yaml", "limit: 200000.00", "limit: 900000.00")
    firm.commit("su-cai", "credit")
    firm.merge("lin-xiao", f"new-{NUMBER}")
    assert firm.everywhere("HEAD~1") == ["approval.context_digest"]


def moved(firm: Company) -> None:
    (firm.root / APPROVED).rename(firm.root / APPROVED.replace("finance", "finances"))


def test_a14_statements_that_landed_stay(landed: Company, tmp_path: Path) -> None:
    changes: tuple[Attack, ...] = (
        lambda f: remove(f, APPROVED),
        lambda f: f.edit(APPROVED, "已逐项核对", "已核对"),
        moved,
        lambda f: (f.root / f"{APPROVED}.sig").unlink(),
    )
    for number, change in enumerate(changes):
        firm = landed.copy(tmp_path / str(number))
        change(firm)
        firm.commit("su-cai", "tidy up")
        assert "approval.immutable" in firm.everywhere()


def test_a15_what_was_withdrawn_stays_withdrawn(landed: Company, tmp_path: Path) -> None:
    from hashlib import sha256

    firm = landed.copy(tmp_path / "work")
    digest = sha256((firm.root / APPROVED).read_bytes()).hexdigest()
    firm.approve(
        "finance", "su-cai", name="order-1-finance.su-cai.2", decision="withdraw", withdraws=digest,
        opinion="客户额度有误，收回", issued="2024-05-24T09:00:00+08:00",
    )  # fmt: skip
    firm.commit("su-cai", "withdraw")
    verdict = firm.gate()
    assert verdict["verdict"] == "allow"
    assert [m["stage"] for m in verdict["missing"]] == ["finance", "production"]
    firm.land()
    firm.write(f"{CASE}/approvals/order-1-finance.su-cai.3.yaml", firm.read(APPROVED))
    firm.sign(f"{CASE}/approvals/order-1-finance.su-cai.3.yaml", "su-cai")
    firm.commit("su-cai", "again")
    assert "approval.nonce" in firm.everywhere()


@pytest.mark.parametrize("quantity", [3, 285, 286])
def test_a19_the_tier_is_exact(firm: Company, quantity: int) -> None:
    """99,750.00 and 100,100.00; 100,000.00 itself is a sum that 350.00 a chair can't reach."""
    draft(firm, quantity=quantity)
    firm.submit()
    firm.commit("lin-xiao", "order")
    assert firm.everywhere() == []
    stages = [m["stage"] for m in firm.gate()["missing"]]
    assert ("general-manager" in stages) == (quantity * 350 >= 100_000)


def test_a21_an_order_does_not_say_that_it_is_approved(firm: Company) -> None:
    draft(firm)
    firm.edit(f"{CASE}/order.yaml", "revision: 1\n", "revision: 1\napproved: true\n")
    firm.submit()
    firm.commit("lin-xiao", "order")
    assert {"document.invalid", "submission.missing"} & set(firm.everywhere())
    firm.edit(f"{CASE}/order.yaml", "approved: true\n", "")
    firm.submit()
    firm.commit("lin-xiao", "order", amend=True)
    assert firm.everywhere() == []
    assert [m["stage"] for m in firm.gate()["missing"]] == [stage for stage, _ in STAGES]


def test_a24_a_squash_keeps_detached_approvals(approved: Company, tmp_path: Path) -> None:
    firm = approved.copy(tmp_path / "work")
    firm.git("checkout", "-q", "-b", "squashed", "main")
    firm.git("merge", "-q", "--squash", f"new-{NUMBER}")
    firm.commit("jiang-ming", "squash", sign=False)
    assert firm.everywhere() == []
    assert firm.everywhere() == []


def test_a24_a_squash_without_a_key_changes_nothing(approved: Company, tmp_path: Path) -> None:
    """Not even a field on which no approval depends."""
    firm = approved.copy(tmp_path / "work")
    firm.git("checkout", "-q", "-b", "squashed", "main")
    firm.git("merge", "-q", "--squash", f"new-{NUMBER}")
    firm.edit(f"{CASE}/order.yaml", 'phone: "13900000003"', 'phone: "13900000009"')
    firm.commit("mallory", "squash", sign=False)
    assert "sig.none" in firm.everywhere()


def test_a24_a_squash_loses_evidence_by_commit(firm: Company) -> None:
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    for stage, person in STAGES:
        firm.approve(stage, person, signed=False)
        firm.commit(person, stage)
    assert firm.everywhere() == []
    firm.git("checkout", "-q", "-b", "squashed", "main")
    firm.git("merge", "-q", "--squash", f"new-{NUMBER}")
    firm.commit("lin-xiao", "squash")
    assert firm.everywhere() == ["approval.evidence"]


def test_goods_leave_only_when_approved(landed: Company, firm: Company, tmp_path: Path) -> None:
    def ship(where: Company) -> None:
        where.write(
            f"{CASE}/shipment-1.yaml",
            "schema: shipment/1\nlines:\n  - {line: 1, quantity: 3}\nprogress:\n"
            "  - {stage: packing, owner: he-cang, started: 2024-05-24}\n",
        )
        where.commit("he-cang", "packing")

    good = landed.copy(tmp_path / "good")
    ship(good)
    assert good.everywhere() == []
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order")
    firm.land()
    ship(firm)
    assert firm.everywhere() == ["approval.missing", "permission.denied"]


def test_an_unknown_key_is_nobody(firm: Company, tmp_path: Path) -> None:
    make_key(tmp_path / "mallory")
    draft(firm)
    firm.submit()
    firm.commit("lin-xiao", "order", key=tmp_path / "mallory")
    assert firm.everywhere() == []  # the submission's own signature speaks for it
    firm.edit("customers/C0001.yaml", "li.qiang@yunfan.example", "mallory@yunfan.example")
    firm.commit("lin-xiao", "contact", key=tmp_path / "mallory")
    assert firm.everywhere() == ["sig.unknown_key"]


def test_a_back_dated_order_is_late_nowhere(firm: Company) -> None:
    """Gate, server and audit count alike: from the commit that brought it."""
    flows = firm.read("policy/flows.yaml")
    late = "role: sales-supervisor, hours: 4, escalate: sales-director"
    firm.write("policy/flows.yaml", flows.replace("role: sales-supervisor, hours: 4", late))
    firm.raise_policy(at=START)
    firm.approve_policy("gao-yuan", "su-cai")
    firm.commit("gao-yuan", "whom it passes on to", at=START)
    draft(firm)
    firm.submit()  # dated 20 May at ten
    firm.commit("lin-xiao", "order", at="2024-05-22T10:00:00+08:00")
    firm.land()
    for issued, found in (("2024-05-22T15:29:59+08:00", ["role.early"]), ("2024-05-22T15:30:00+08:00", [])):
        firm.approve("sales-supervisor", "jiang-ming", issued=issued, reason="一直没有人处理")
        firm.commit("lin-xiao", "the director decides", amend=not found)
        assert firm.everywhere() == found
