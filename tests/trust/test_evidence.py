"""What proves that a person made a statement, and how its lack is told."""

from __future__ import annotations

import pytest

from orderctl.model import Finding
from orderctl.trust.change import judge_step
from tests.trust.histories import DAY, Commit, Doc, Flows, Sig, start
from tests.trust.judging import Gate
from tests.trust.steps import CASE, NOW, ORDER, SUPERVISOR, approval, begin, on, rewritten, said, submitted

ONE = approval("sales-supervisor", "chen-jie", DAY + 3600)
BARE: dict[str, Doc] = {SUPERVISOR: ONE[SUPERVISOR]}
STOLEN: dict[str, Doc] = {**BARE, f"{SUPERVISOR}.sig": Sig(said(SUPERVISOR), "bo-wen")}


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


def waiting(gate: Gate, accepted: str = "") -> Commit:
    """Return an order that waits for the sales supervisor, whose stage takes this evidence."""
    files = dict(start())
    if accepted:
        all_three = r"evidence: \[signature, commit, review\], zh: 销售主管"
        files["policy/flows.yaml"] = rewritten(Flows(), all_three, f"evidence: [{accepted}], zh: 销售主管")
    root = gate.store.commit((), files, DAY - 3600, "gao-yuan") if accepted else begin(gate)
    return on(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()})


def judged(gate: Gate, before: Commit, files: dict[str, Doc], key: str, *, reviewed: bool = False) -> list[Finding]:
    after = on(gate, before, files, key)

    def proved(_: str, person: str) -> bool:
        return reviewed and person == "chen-jie"

    step = judge_step(gate.world, gate.graph, before.id, after.id, NOW, proved)
    assert all(f.params["commit"] == after.id for f in step.findings)
    return list(step.findings)


@pytest.mark.parametrize("accepted", ["signature", "commit", "review", "signature, commit", "commit, review"])
@pytest.mark.parametrize("given", ["signature", "commit", "review"])
def test_only_what_the_stage_accepts_proves(gate: Gate, accepted: str, given: str) -> None:
    before = waiting(gate, accepted)
    files = ONE if given == "signature" else BARE
    found = judged(gate, before, files, "chen-jie" if given == "commit" else "lin-xiao", reviewed=given == "review")
    assert [f.rule for f in found] == ([] if given in accepted else ["approval.evidence"])


def test_what_lacks_is_told(gate: Gate) -> None:
    [finding] = judged(gate, waiting(gate, "signature, review"), BARE, "chen-jie")
    assert (finding.path, finding.pointer, finding.params["person"], finding.params["who"]) == (
        SUPERVISOR, "/person", "chen-jie", "chen-jie",
    )  # fmt: skip
    assert (finding.params["accepted"], finding.params["accepted_zh"]) == ("signature, review", "签名文件、平台评审")


@pytest.mark.parametrize("accepted", ["", "commit"])
def test_a_signature_that_is_somebody_elses_stands_in_the_way(gate: Gate, accepted: str) -> None:
    """Even where the person's own commit would have been enough, or signatures aren't asked for."""
    [finding] = judged(gate, waiting(gate, accepted), STOLEN, "chen-jie")
    assert (finding.rule, finding.path) == ("approval.signer", SUPERVISOR)
    assert [finding.params[name] for name in ("person", "signer", "who")] == ["chen-jie", "bo-wen", "chen-jie"]


def test_whoever_has_left_signs_nothing(gate: Gate) -> None:
    files = dict(start())
    left = "  - id: chen-jie\n    left_on: 2024-05-24"
    files["policy/people.yaml"] = rewritten(files["policy/people.yaml"], r"^  - id: chen-jie$", left)
    root = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    before = on(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()})
    found = [f for f in judged(gate, before, ONE, "lin-xiao") if f.rule == "person.left"]
    assert {(f.path, f.params["who"], f.params["person"]) for f in found} == {(SUPERVISOR, "chen-jie", "chen-jie")}


@pytest.mark.parametrize(("left", "codes"), [("2024-05-25", set()), ("2024-05-24", {"sig.none"})])
def test_whoever_has_left_speaks_for_no_unsigned_order(gate: Gate, left: str, codes: set[str]) -> None:
    """It is noon of 25 May; what nobody signed the commit of is vouched for by the submission's own signature."""
    files = dict(start())
    gone = f"  - id: lin-xiao\n    left_on: {left}"
    files["policy/people.yaml"] = rewritten(files["policy/people.yaml"], r"^  - id: lin-xiao$", gone)
    root = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    found = judged(gate, root, {f"{CASE}/order.yaml": ORDER, **submitted()}, "")
    assert codes <= {f.rule for f in found} and bool(codes) == bool(found)
