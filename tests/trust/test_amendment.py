"""A step that changes the policy, judged in process: what each part of it may bring, and who is said to be missing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from orderctl.trust.change import Step, judge_step
from tests.trust.histories import DAY, Commit, Doc, Flows, Manifest, Raw, Sig, Statement, render, start
from tests.trust.judging import Gate
from tests.trust.steps import CUSTOMER, NOW, POLICY, begin, on, policy, rewritten, signed
from tests.trust.test_gate_policies import WAIVER, agreed, lenient, waived

__all__ = ["lenient"]
OTHER = render(start()[CUSTOMER]).replace(b"C0001", b"C0002")
VOTE = "policy/approvals/policy-2-policy-admin.su-cai.yaml"


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
def root(gate: Gate) -> Commit:
    return begin(gate)


def judged(gate: Gate, before: Commit, after: Commit, now: int = NOW) -> Step:
    return judge_step(gate.world, gate.graph, before.id, after.id, now)


def rules(step: Step) -> set[str]:
    return {f.rule for f in step.findings}


@pytest.mark.parametrize(("now", "codes"), [(DAY - 601, {"policy.issued"}), (DAY - 600, set())])
def test_a_policy_is_not_issued_in_times_to_come(gate: Gate, root: Commit, now: int, codes: set[str]) -> None:
    """Whose clock is ten minutes ahead may issue one."""
    votes = {p: d for p, d in policy(3, "gao-yuan", "su-cai").items() if "approvals" not in p}
    given = {
        p: replace(d, at=DAY - 1200) for p, d in policy(3, "gao-yuan", "su-cai").items() if isinstance(d, Statement)
    }
    seals = {f"{p}.sig": Sig(d, d.person) for p, d in given.items()}
    after = gate.store.commit((root,), {**root.files, **votes, **given, **seals}, DAY - 700, "gao-yuan")
    step = judged(gate, root, after, now)
    assert rules(step) == codes
    for finding in step.findings:
        assert (finding.path, finding.pointer, finding.params["commit"]) == ("policy/policy.yaml", "/issued", after.id)
        assert finding.params["issued"] == "2024-05-20 02:00:00 UTC"
        assert "2024-05-20 01:49:59 UTC" in str(finding.params["reason_en"])


def test_who_is_missing_is_told(gate: Gate, root: Commit) -> None:
    step = judged(gate, root, on(gate, root, policy(3, "gao-yuan"), "gao-yuan"))
    assert [(m.subject, m.stage) for m in step.missing] == [("policy", "policy-admin")]
    [finding] = step.findings
    assert (finding.rule, finding.path, finding.params["stages"]) == (
        "policy.threshold_old", "policy/policy.yaml", "policy-admin",
    )  # fmt: skip
    assert finding.params["commit"] == step.commit
    whole = judged(gate, root, on(gate, root, policy(3, "gao-yuan", "su-cai"), "gao-yuan"))
    assert (whole.findings, whole.missing) == ((), ())


def test_a_vote_that_is_refused_does_not_count(gate: Gate, root: Commit) -> None:
    """Two votes of which one is signed by the other's key, or by nobody."""
    votes = policy(3, "gao-yuan", "su-cai")
    one = votes[VOTE]
    assert isinstance(one, Statement)
    for changes, codes in (
        ({f"{VOTE}.sig": Sig(one, "gao-yuan")}, {"approval.signer", "policy.threshold_old"}),
        ({f"{VOTE}.sig": Sig(one, "su-cai")}, set()),
    ):
        after = on(gate, root, {**votes, **changes}, "gao-yuan")
        assert rules(judged(gate, root, after)) == codes
    bare = {p: d for p, d in votes.items() if p != f"{VOTE}.sig"}
    assert rules(judged(gate, root, on(gate, root, bare, "gao-yuan"))) == {"approval.evidence", "policy.threshold_old"}
    mine = gate.store.commit((on(gate, root, {VOTE: one}, "su-cai"),), {**root.files, **bare}, NOW - 60, "gao-yuan")
    assert rules(judged(gate, root, mine)) == set(), "by a commit of their own"


def test_what_comes_with_a_policy(gate: Gate, root: Commit) -> None:
    votes = policy(3, "gao-yuan", "su-cai")
    for path, data, codes in (
        (CUSTOMER, render(start()[CUSTOMER]) + b"# a note\n", {"policy.mixed_change", "permission.denied"}),
        ("policy/approvals/readme.yaml", b"a: 1\n", {"document.invalid"}),
        ("policy/approvals/policy-2-policy-admin.x.yaml", b"a: 1\n", {"document.invalid"}),
        ("policy/approvals/note.txt", b"a\n", {"permission.denied"}),
        ("customers/C0002.yaml", OTHER, {"policy.mixed_change", "permission.denied"}),
    ):
        step = judged(gate, root, on(gate, root, {**votes, path: Raw(data)}, "jiang-ming"))
        assert rules(step) == codes, path
        for finding in step.findings:
            if finding.rule == "policy.mixed_change":
                assert (finding.path, finding.params["other"]) == ("policy/flows.yaml", path)
            assert finding.params["commit"] == step.commit


def test_where_there_is_no_manifest_there_is_nothing_to_approve(gate: Gate, root: Commit) -> None:
    after = on(gate, root, {"policy/policy.yaml": Raw(b"nothing\n")}, "gao-yuan")
    step = judged(gate, root, after)
    assert step.missing == ()
    assert rules(step) == {"yaml.documents"}
    assert {f.params["commit"] for f in step.findings} == {after.id}


def test_a_policy_without_a_flow_of_its_own_is_changed_by_nobody(gate: Gate) -> None:
    """Such a policy doesn't load; it is here because it was there before anybody looked."""
    flows = rewritten(Flows(), r"^    subject: policy$", "    subject: waiver")
    files = {**start(), "policy/flows.yaml": flows}
    before = gate.store.commit((), files, DAY - 3600, "gao-yuan")
    assert gate.codes(before, on(gate, before, policy(3, "gao-yuan", "su-cai"), "gao-yuan"), NOW) == {
        "policy.unsatisfiable"
    }


def test_votes_that_landed_with_the_policy_stay(gate: Gate, root: Commit) -> None:
    """They are about the version that they name, and are not judged again."""
    second = on(gate, root, policy(3, "gao-yuan", "su-cai"), "gao-yuan")
    third = on(gate, second, {"policy/flows.yaml": Flows(2)}, "gao-yuan")
    assert rules(judged(gate, second, third)) == {
        "policy.version", "policy.previous", "policy.manifest", "policy.threshold_old",
    }  # fmt: skip


def test_waivers_wait_for_their_flow(gate: Gate, lenient: Commit) -> None:
    made = on(gate, lenient, {WAIVER: waived()})
    assert judged(gate, lenient, made).missing == ()
    votes = agreed(waived(), "su-cai")
    given = judged(gate, made, on(gate, made, votes, "su-cai"))
    assert (rules(given), given.missing) == (set(), ())
    strangers = judged(gate, made, on(gate, made, agreed(waived(), "tang-gong"), "tang-gong"))
    assert rules(strangers) == {"role.inactive"}
    seal = {p: d for p, d in votes.items() if p.endswith(".sig")}
    assert rules(judged(gate, made, on(gate, made, seal, "su-cai"))) == {"approval.stray"}


def test_who_is_missing_for_a_waiver_is_told(gate: Gate, lenient: Commit) -> None:
    one = "{id: finance, role: finance, zh: 财务, en: Finance}"
    two = rewritten(
        lenient.files["policy/flows.yaml"], re.escape(one), f"{one}, {one.replace('finance', 'production')}"
    )
    before = on(gate, on(gate, lenient, {"policy/flows.yaml": two}), {WAIVER: waived()})
    step = judged(gate, before, on(gate, before, agreed(waived(), "su-cai"), "su-cai"))
    assert (rules(step), [(m.subject, m.stage, m.role) for m in step.missing]) == (
        set(), [("w1", "production", "production")],
    )  # fmt: skip


@pytest.mark.parametrize(("given", "codes"), [(1, {"approval.policy", "policy.threshold_old"}), (2, set())])
def test_the_policys_flow_says_since_which_version_too(gate: Gate, root: Commit, given: int, codes: set[str]) -> None:
    flows = rewritten(Flows(), r"^    subject: policy$", "    subject: policy\n    since: 2")
    assert isinstance(POLICY, Manifest)
    second = Manifest(2, POLICY.people, flows, POLICY)  # type: ignore[arg-type]
    files = {**policy(2, "gao-yuan", "su-cai", flows=flows), "policy/flows.yaml": flows, "policy/policy.yaml": second}
    before = on(gate, root, files, "gao-yuan")
    assert rules(judged(gate, root, before)) == set()
    third = Manifest(3, POLICY.people, flows, second)  # type: ignore[arg-type]
    votes: dict[str, Doc] = {"policy/policy.yaml": third}
    for person in ("gao-yuan", "su-cai"):
        one = Statement(third, "policy-admin", person, (POLICY, second)[given - 1], DAY, f"third {person}")
        votes |= signed(f"policy/approvals/policy-3-policy-admin.{person}.yaml", one, person)
    assert rules(judged(gate, before, on(gate, before, votes, "gao-yuan"))) == codes


def test_a_waiver_without_a_flow_is_approved_by_nobody(gate: Gate, root: Commit) -> None:
    made = on(gate, root, {WAIVER: waived()})
    given = judged(gate, made, on(gate, made, agreed(waived(), "su-cai"), "su-cai"))
    assert (rules(given), given.missing) == ({"approval.stage"}, ())


def test_a_waiver_may_be_written_anew_with_the_same_content(gate: Gate, lenient: Commit) -> None:
    before = on(gate, lenient, {WAIVER: waived()})
    comment = on(gate, before, {WAIVER: Raw(waived().data + b"# a note\n")})
    assert rules(judged(gate, before, comment)) == set()
    later = judged(gate, before, on(gate, before, {WAIVER: waived(revision=3, until="2024-06-01")}))
    [finding] = later.findings
    assert (finding.path, finding.pointer) == (WAIVER, "/revision")
    assert (finding.params["expected"], finding.params["revision"], finding.params["commit"]) == (2, 3, later.commit)


def test_whoever_writes_a_waiver_asks_for_it(gate: Gate, lenient: Commit) -> None:
    made = on(gate, lenient, {WAIVER: waived("lin-xiao")}, "su-cai")
    [finding] = judged(gate, lenient, made).findings
    assert (finding.rule, finding.path, finding.pointer) == ("waiver.requester", WAIVER, "/requested_by")
    assert (finding.params["who"], finding.params["asked"], finding.params["commit"]) == ("su-cai", "lin-xiao", made.id)
    other = on(gate, on(gate, lenient, {WAIVER: waived("lin-xiao")}), {CUSTOMER: Raw(b"x")}, "su-cai")
    assert "waiver.requester" not in rules(judged(gate, lenient, other)), "who changed something else"
