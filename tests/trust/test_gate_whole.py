"""The gate as a whole, called in process on a real repository: what it refuses to judge, and what joins its verdict."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, replace
from hashlib import sha256

import pytest

from orderctl.catalogue import Catalogue
from orderctl.digest import digest_without
from orderctl.gate import DENIED, Verdict, gate
from orderctl.git import Git
from orderctl.load import load
from orderctl.model import SetupError, Severity
from orderctl.trust.reviews import Review, Reviews
from orderctl.workspace import Workspace
from tests.trust.histories import (
    DAY,
    Commit,
    Customer,
    Doc,
    Files,
    Flows,
    Manifest,
    People,
    Raw,
    Submission,
    left_out,
    render,
    start,
    static,
)
from tests.trust.judging import Gate
from tests.trust.steps import (
    CASE,
    CUSTOMER,
    NOW,
    ORDER,
    SUPERVISOR,
    begin,
    on,
    policy,
    rewritten,
    said,
    signed,
    submitted,
)
from tests.trust.test_gate_undone import raised

LIMIT = {CUSTOMER: Customer(limit=300000)}
MAIL = {CUSTOMER: Customer(mail="li@yunfan.example")}
SENT = {f"{CASE}/order.yaml": ORDER, **submitted()}


def misspelt() -> dict[str, Doc]:
    """Return an order, submitted, whose capitals say another sum: no matter of trust."""
    order = rewritten(ORDER, r"^total_capitals: .*$", "total_capitals: 壹元整")
    data = load("order.yaml", order.data)[0]
    assert data is not None
    one = rewritten(
        Submission(ORDER, "lin-xiao", ("lin-xiao",)), "^digest: .*$", f"digest: {digest_without(data, left_out())}"
    )
    one = rewritten(one, "^sha256: .*$", f"sha256: {sha256(order.data).hexdigest()}")
    return {f"{CASE}/order.yaml": order, **signed(f"{CASE}/submission.yaml", one, "lin-xiao")}  # type: ignore[arg-type]


@dataclass
class Place:
    """Objects in memory, and the bare repository that they are written to."""

    made: Gate
    git: Git

    def on(self, before: Commit, files: Files, key: str = "lin-xiao") -> Commit:
        return on(self.made, before, files, key)

    def write(self) -> None:
        """Write all objects to the repository."""
        unpack = ["git", "unpack-objects", "-q"]
        pack = self.made.store.pack()
        subprocess.run(unpack, cwd=self.git.git_dir, input=pack, check=True, capture_output=True)

    def judge(self, base: Commit, head: Commit, *reviews: Reviews, now: int = NOW) -> Verdict:
        """Return the verdict, after writing everything to the repository."""
        self.write()
        return gate(Workspace(None, self.git), base.id, head.id, observed=now, reviews=reviews, jobs=1)


def codes(verdict: Verdict) -> list[str]:
    found = sorted({f.rule for f in verdict.findings if f.severity is Severity.ERROR})
    assert verdict.allow == (not found)
    return found


@pytest.fixture(scope="module")
def one_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("whole") / "firm.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    return Place(Gate(), Git(folder, None))


@pytest.fixture
def place(one_place: Place) -> Place:
    one_place.made.new()
    return one_place


@pytest.fixture
def root(place: Place) -> Commit:
    return begin(place.made)


def test_what_was_judged_is_told(place: Place, root: Commit) -> None:
    head = place.on(root, MAIL)
    verdict = place.judge(root, head)
    assert codes(verdict) == []
    manifest = sha256(render(root.files["policy/policy.yaml"])).hexdigest()
    assert replace(verdict, findings=()) == Verdict(root.id, head.id, NOW, (), (), 1, manifest)
    none = place.judge(root, root)
    assert none == Verdict(root.id, root.id, NOW, (), (), 1, manifest)


def test_revisions_have_names_and_the_time_is_now(place: Place, root: Commit) -> None:
    place.judge(root, root)
    place.git.run("update-ref", "refs/heads/main", root.id)
    before = int(time.time())
    verdict = gate(Workspace(None, place.git), "main", "main")
    assert (verdict.base, verdict.head) == (root.id, root.id)
    assert before <= verdict.observed <= time.time()
    with pytest.raises(SetupError) as refused:
        gate(Workspace(None, place.git), "main", "nothing")
    assert refused.value.code == "setup.revision"


def test_what_the_base_goes_by_may_be_loaded_already(place: Place, root: Commit) -> None:
    head = place.on(root, MAIL)
    assert place.judge(root, head).allow
    odd = Catalogue({"plugins/rules/own.py": b"def\n"}, trusted=True)
    verdict = gate(Workspace(None, place.git), root.id, head.id, observed=NOW, jobs=1, catalogue=odd)
    assert codes(verdict) == ["plugin.broken"]


def test_errors_that_the_base_has_not_are_refused_with_the_state_that_has_them(place: Place, root: Commit) -> None:
    """Both at the same time; one that several states have is named once, with the first."""
    wrong = place.on(root, misspelt())
    verdict = place.judge(root, place.on(place.on(wrong, MAIL), {"docs/note.md": Raw(b"hello\n")}, "gao-yuan"))
    assert codes(verdict) == ["capitals-wrong"]
    (found,) = [f for f in verdict.findings if f.rule == "capitals-wrong"]
    assert (found.params["commit"], found.params["person"], found.path) == (wrong.id, "", f"{CASE}/order.yaml")
    second = replace(ORDER, revision=2)
    mended = place.on(wrong, {f"{CASE}/order.yaml": second, **submitted(second)})
    assert codes(place.judge(root, mended)) == ["capitals-wrong"]
    assert codes(place.judge(wrong, mended)) == []
    assert codes(place.judge(wrong, place.on(wrong, MAIL))) == []


def test_what_is_missing_is_the_last_steps(place: Place, root: Commit) -> None:
    waiting = place.on(root, SENT)
    assert [m.stage for m in place.judge(root, waiting).missing] == ["sales-supervisor", "finance", "production"]
    assert place.judge(root, place.on(waiting, MAIL)).missing == ()


def test_what_trust_and_check_both_say_is_said_once(place: Place, root: Commit) -> None:
    odd = place.on(root, {"orders/2024/05/bad\u200bname.yaml": Raw(b"x: 1\n")})
    rules = [f.rule for f in place.judge(root, odd).findings]
    assert rules.count("path.charset") == 1


@pytest.mark.parametrize(("file", "code"), [("shallow", "repo.shallow"), ("info/grafts", "repo.grafts")])
def test_half_a_history_is_not_judged(place: Place, root: Commit, file: str, code: str) -> None:
    there = place.git.git_dir / file
    there.parent.mkdir(exist_ok=True)
    there.write_text("")
    assert place.judge(root, root).allow
    there.write_text(f"{root.id}\n")
    try:
        with pytest.raises(SetupError) as refused:
            place.judge(root, root)
    finally:
        there.unlink()
    assert (refused.value.code, refused.value.exit_code) == (code, DENIED)
    assert place.judge(root, root).allow


def test_a_workspace_below_the_root_is_not_judged(place: Place, root: Commit) -> None:
    with pytest.raises(SetupError) as refused:
        gate(Workspace(None, place.git, "shop"), root.id, root.id)
    assert (refused.value.code, refused.value.exit_code) == ("setup.prefix", DENIED)


def test_a_sample_is_not_judged(place: Place) -> None:
    config = static()["orderctl.yaml"] + b"sample: true\n"
    base = place.made.store.commit((), {**start(), "orderctl.yaml": Raw(config)}, DAY, "gao-yuan")
    with pytest.raises(SetupError) as refused:
        place.judge(base, base)
    assert (refused.value.code, refused.value.exit_code) == ("setup.sample", DENIED)


def test_a_base_without_a_usable_policy_denies_everything(place: Place, root: Commit) -> None:
    base = place.made.store.commit((), {**start(), "policy/flows.yaml": Raw(b"flows: none\n")}, DAY, "gao-yuan")
    for head in (base, place.on(base, MAIL)):
        verdict = place.judge(base, head)
        assert codes(verdict) == ["policy.invalid"]
        assert (verdict.policy_version, verdict.policy_digest, verdict.missing) == (0, "", ())
    lost = gate(Workspace(None, place.git), "1" * 40, root.id, observed=NOW)
    assert (codes(lost), lost.policy_version) == (["commit.missing"], 0)


def test_after_a_step_that_leaves_no_policy_nothing_is_judged(place: Place, root: Commit) -> None:
    first = place.on(root, {"policy/flows.yaml": Raw(b"flows: none\n")}, "gao-yuan")
    verdict = place.judge(root, place.on(place.on(first, MAIL), LIMIT, "su-cai"))
    assert codes(verdict) == ["policy.invalid", "policy.threshold_old"]
    assert {f.params["commit"] for f in verdict.findings if f.rule == "policy.threshold_old"} == {first.id}


@pytest.mark.parametrize("side", [False, True])
def test_a_head_that_cannot_be_read(place: Place, root: Commit, side: bool) -> None:
    """Nothing that a check says of the state joins: there is none."""
    lost = Commit("2" * 40, (), {}, NOW)
    made = place.made.store.commit((root, lost) if side else (lost,), root.files, NOW, "lin-xiao")
    assert codes(place.judge(root, made)) == ["commit.missing"]
    assert codes(place.judge(root, lost)) == ["commit.missing"]


def test_a_commit_between_that_two_tools_would_read_otherwise(place: Place, root: Commit) -> None:
    """Git finds its parent, so there is a line; nobody knows what else it says."""
    sound = place.on(root, MAIL)
    raw = place.made.store.objects[sound.id][1].replace(
        b"\ncommitter", b"\nauthor A <a@example.com> 1 +0000\ncommitter", 1
    )
    odd = Commit(place.made.store._add("commit", raw), (root,), sound.files, sound.at)
    assert codes(place.judge(root, place.on(odd, LIMIT, "su-cai"))) == ["commit.malformed"]
    assert codes(place.judge(root, place.on(sound, {"docs/note.md": Raw(b"x\n")}, "gao-yuan"))) == []


def test_histories_that_do_not_go_on(place: Place, root: Commit) -> None:
    side, main = place.on(root, MAIL), place.on(root, LIMIT, "su-cai")
    joined = place.made.store.commit((side, main), {**root.files, **MAIL, **LIMIT}, NOW - 30, "lin-xiao")
    other = place.made.store.commit((), root.files, NOW - 90, "su-cai")
    for base, head, code in ((main, side, "non_ff"), (main, joined, "sideways"), (main, other, "unrelated")):
        verdict = place.judge(base, head)
        assert codes(verdict) == [f"ref.{code}"]
        (found,) = verdict.findings
        assert (found.params["head"], found.params["base"]) == (head.id[:12], base.id[:12])
        assert found.params["commit"] == head.id


def test_a_crash_denies_and_says_so(place: Place, root: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise RuntimeError("out of\n" + "luck" * 99)

    monkeypatch.setattr("orderctl.gate.judge_step", crash)
    verdict = place.judge(root, place.on(root, MAIL))
    assert codes(verdict) == ["gate.crashed"]
    assert verdict.findings[0].params["problem"] == ("RuntimeError: out of " + "luck" * 99)[:200]


def test_policy_and_documents_in_two_steps(place: Place, root: Commit) -> None:
    step = place.on(root, policy(3, "gao-yuan", "su-cai"), "gao-yuan")
    assert codes(place.judge(root, step)) == []
    for files in (MAIL, {"README.md": Raw(b"hello\n")}):
        verdict = place.judge(root, place.on(step, files, "lin-xiao" if files is MAIL else "gao-yuan"))
        assert codes(verdict) == ["policy.mixed_change"]
        (found,) = [f for f in verdict.findings if f.rule == "policy.mixed_change"]
        (other,) = files
        assert (found.path, found.params["commit"], found.params["other"]) == ("policy/flows.yaml", step.id, other)
    again = place.on(step, raised(step), "gao-yuan")
    assert codes(place.judge(root, again)) == []  # two changes of policy, one after the other


def test_a_rule_of_the_base_that_does_not_work_lets_nothing_pass(place: Place) -> None:
    """But a change of the policy, or nobody could repair it."""
    own = {"plugins/rules/own.py": Raw(b"def\n")}
    base = place.made.store.commit((), {**start(), **own}, DAY - 3600, "gao-yuan")
    head = place.on(base, MAIL)
    verdict = place.judge(base, head)
    assert codes(verdict) == ["plugin.broken"]
    assert {f.params["commit"] for f in verdict.findings if f.rule == "plugin.broken"} == {head.id}
    assert "plugin.broken" not in codes(place.judge(base, place.on(base, policy(3, "gao-yuan", "su-cai"), "gao-yuan")))


FORGED = rewritten(People(), r"^  - id: chen-jie$", "  - id: chen-jie\n    forge: [{host: github.com, id: 13}]")


@pytest.fixture
def known(place: Place) -> Commit:
    """A company that knows chen-jie's account, with an order that waits."""
    files = {**start(), "policy/people.yaml": FORGED}
    files["policy/policy.yaml"] = Manifest(1, FORGED, Flows())  # type: ignore[arg-type]
    base = place.made.store.commit((), files, DAY - 3600, "gao-yuan")
    return place.on(base, SENT)


def facts(base: str, head: str, pull: int = 12) -> Reviews:
    one = Review(1, 13, "User", "APPROVED", head, NOW - 10)
    return Reviews("github.com", pull, base, head, 11, 11, NOW - 20, (one,))


def unsigned(base: Commit) -> dict[str, Doc]:
    manifest = base.files["policy/policy.yaml"]
    assert isinstance(manifest, Manifest)
    one = replace(said(SUPERVISOR), policy=manifest)
    return {SUPERVISOR: one}


def test_a_review_of_the_very_head_proves_a_statement(place: Place, known: Commit) -> None:
    head = place.on(known, unsigned(known))
    branch = place.made.store.commit((known, head), head.files, NOW - 30, "")
    for tip in (head, branch):

        def judged(*reviews: Reviews, tip: Commit = tip) -> tuple[list[str], list[str]]:
            verdict = place.judge(known, tip, *reviews)
            return codes(verdict), [f.rule for f in verdict.findings if f.severity is Severity.INFO and "." in f.rule]

        missing = ["approval.evidence"]
        assert judged(facts(known.id, head.id)) == ([], [])
        assert judged(facts(known.parents[0].id, head.id)) == ([], [])
        assert judged(facts(known.id, known.id), facts(known.id, head.id)) == ([], [])
        assert judged() == (missing, [])
        assert judged(facts(known.id, known.id)) == (missing, [])
        assert judged(facts(known.id, head.id, pull=0)) == (missing, [])
        assert judged(replace(facts(known.id, head.id), author=13)) == (missing, ["review.author"])
        for base in ("", "3" * 40, head.id):
            assert judged(facts(base, head.id)) == (missing, ["review.base"])
    (found,) = [f for f in place.judge(known, head, facts(head.id, head.id)).findings if f.rule == "review.base"]
    assert found.params == {
        "commit": head.id, "person": "", "forge": "github.com", "pull": 12, "user": 0, "type": "", "state": "",
        "reviewed": head.id[:12], "head": head.id[:12], "base": known.id[:12],
    }  # fmt: skip
