"""The audit as a whole, called in process on a real repository: where it begins, what it refuses, what it remembers."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from orderctl.audit import DENIED, Audit, annotate, audit
from orderctl.audit.replay import Ground, Judged, Task, replay
from orderctl.catalogue import Catalogue
from orderctl.git import Git
from orderctl.model import SetupError, Severity
from orderctl.trust.ledger import Record, append, ledger_path
from orderctl.workspace import Workspace
from tests.trust.histories import DAY, Commit, Customer, Doc, People, Raw, instant, render, signer, start, static
from tests.trust.judging import Gate
from tests.trust.repository import Repository
from tests.trust.steps import CASE, CUSTOMER, NOW, ORDER, approvals, begin, submitted
from tests.trust.test_gate_whole import Place, misspelt

MAIN = "refs/heads/main"
MAIL: dict[str, Doc] = {CUSTOMER: Customer(mail="li@yunfan.example")}
LIMIT: dict[str, Doc] = {CUSTOMER: Customer(limit=300000)}
WHEN = instant(NOW)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Gate(), Repository(tmp_path / "firm.git").git)


@pytest.fixture
def root(place: Place) -> Commit:
    return begin(place.made)


def audited(place: Place, tip: Commit, **options: Any) -> Audit:
    """Return the audit of main, which is at ``tip``."""
    place.write()
    place.git.run("update-ref", MAIN, tip.id)
    return audit(Workspace(None, place.git), jobs=options.pop("jobs", 1), **options)


def codes(found: Audit) -> list[str]:
    errors = sorted({f.rule for f in found.findings if f.severity is Severity.ERROR})
    assert found.allow == (not errors)
    return errors


def test_it_begins_where_it_is_told(place: Place, root: Commit) -> None:
    one = place.on(root, MAIL)
    two = place.on(one, {"docs/note.md": Raw(b"x\n")}, "gao-yuan")
    found = audited(place, two, root=root.id)
    assert (codes(found), found.root, found.tip, found.steps, found.judged, found.commits) == (
        [],
        root.id,
        two.id,
        2,
        2,
        2,
    )
    later = audited(place, two, root=one.id)
    assert (codes(later), later.steps) == ([], 1)
    alone = audited(place, two, root=two.id)
    assert (codes(alone), alone.steps, alone.judged) == ([], 0, 0)
    guessed = audited(place, two)
    assert (guessed.root, [f.rule for f in guessed.findings]) == (root.id, ["audit.unpinned"])
    place.git.run("config", "orderctl.root", one.id)
    pinned = audited(place, two)
    assert (pinned.root, [f.rule for f in pinned.findings]) == (one.id, [])
    place.git.run("config", "orderctl.policy", "0" * 64)
    assert codes(audited(place, two)) == ["setup.pin"]


def test_another_branch_than_the_servers(place: Place, root: Commit) -> None:
    one, side = place.on(root, MAIL), place.on(root, LIMIT, "lin-xiao")
    audited(place, one, root=root.id)
    place.git.run("update-ref", "refs/heads/side", side.id)
    found = audited(place, one, root=root.id, rev="side")
    assert (found.ref, found.tip, codes(found)) == ("side", side.id, ["permission.denied"])
    place.git.run("update-ref", "-d", MAIN)
    place.git.run("symbolic-ref", "HEAD", "refs/heads/side")
    assert audit(Workspace(None, place.git), root=root.id, jobs=1).ref == "HEAD"


@pytest.mark.parametrize("name", ["nothing", "--output=x", ""])
def test_a_name_that_leads_nowhere(place: Place, root: Commit, name: str) -> None:
    for options in ({"rev": name}, {"root": name}):
        with pytest.raises(SetupError) as refused:
            audited(place, root, **options)
        assert refused.value.code == "setup.revision"


def test_what_is_not_audited(place: Place, root: Commit) -> None:
    sample = {**start(), "orderctl.yaml": Raw(static()["orderctl.yaml"] + b"sample: true\n")}
    tip = place.made.store.commit((), sample, DAY, "gao-yuan")
    with pytest.raises(SetupError) as refused:
        audited(place, tip)
    assert (refused.value.code, refused.value.exit_code) == ("setup.sample", DENIED)
    with pytest.raises(SetupError) as refused:
        audit(Workspace(None, place.git, "shop"))
    assert (refused.value.code, refused.value.exit_code) == ("setup.prefix", DENIED)
    (place.git.git_dir / "shallow").write_text(f"{root.id}\n")
    with pytest.raises(SetupError) as refused:
        audited(place, root)
    assert (refused.value.code, refused.value.exit_code) == ("repo.shallow", DENIED)


def test_where_nothing_can_begin(place: Place, root: Commit) -> None:
    """A parent, a tree or a policy that isn't there; a line that doesn't lead back."""
    lost = place.made.store.commit((Commit("2" * 40, (), {}, NOW),), root.files, NOW, "lin-xiao")
    assert codes(audited(place, lost)) == ["commit.missing"]
    assert codes(audited(place, lost, root=root.id)) == ["commit.missing"]
    raw = place.made.store.objects[root.id][1]
    treeless = place.made.store._add("commit", b"tree " + b"3" * 40 + raw[45:])
    place.write()
    assert codes(audited(place, place.on(root, MAIL), root=treeless)) == ["tree.missing"]
    odd = place.made.store.commit((), {"policy/policy.yaml": Raw(b"x\n")}, DAY, "gao-yuan")
    assert "policy.missing" in codes(audited(place, place.on(odd, MAIL), root=odd.id))
    assert codes(audited(place, place.on(root, MAIL), root=odd.id)) == ["audit.unrooted"]


def test_business_rules_at_every_state(place: Place, root: Commit) -> None:
    """Told of the state that brings the error, and of no later one."""
    wrong = place.on(root, misspelt())
    tip = place.on(wrong, MAIL)
    found = audited(place, tip, root=root.id, rules=True, as_of=WHEN)
    assert codes(found) == ["capitals-wrong"]
    (one,) = [f for f in found.findings if f.rule == "capitals-wrong"]
    assert (one.params["commit"], one.params["person"]) == (wrong.id, "")
    assert codes(audited(place, tip, root=wrong.id, rules=True, as_of=WHEN)) == []
    assert codes(audited(place, tip, root=root.id, as_of=WHEN)) == []


def test_what_it_saw_it_remembers(place: Place, root: Commit) -> None:
    assert annotate(place.git)(root.id) == ""
    bad = place.on(root, LIMIT, "lin-xiao")
    good = place.on(bad, {"docs/note.md": Raw(b"x\n")}, "gao-yuan")
    first = audited(place, good, root=root.id)
    assert (codes(first), first.judged) == (["permission.denied"], 2)
    told = annotate(place.git)
    assert [told(commit.id) for commit in (root, bad, good)] == ["", "deny", "allow"]
    more = place.on(place.on(good, {"docs/more.md": Raw(b"x\n")}, "gao-yuan"), {"docs/x.md": Raw(b"x\n")}, "gao-yuan")
    second = audited(place, more, root=root.id)
    assert (codes(second), second.judged) == (["permission.denied"], 3)  # what is new, and what was denied
    assert audited(place, more, root=root.id, full=True).judged == 4
    assert audited(place, more, root=root.id, as_of=WHEN).judged == 4  # another time: nothing is remembered of it


def entry(place: Place, old: Commit, new: Commit) -> Record:
    """Return what a server writes of a push."""
    return Record(
        observed=new.at,
        ref=MAIN,
        old=old.id,
        new=new.id,
        tree=place.git.resolve(new.id, "tree") or "",
        policy_version=1,
        policy_sha256="0" * 64,
        pusher={},
        verdict="0" * 64,
    )


def test_a_ledger_that_comes_later_is_heard(place: Place, root: Commit) -> None:
    tip = place.on(root, MAIL)
    assert [audited(place, tip, root=root.id).judged for _ in range(2)] == [1, 0]
    ledger = ledger_path(place.git.git_dir)
    ledger.parent.mkdir(exist_ok=True)
    append(ledger, [entry(place, root, tip)])
    assert [audited(place, tip, root=root.id).judged for _ in range(2)] == [1, 0]
    more = place.on(tip, {"docs/more.md": Raw(b"x\n")}, "gao-yuan")
    place.write()
    append(ledger, [entry(place, tip, more)])
    assert audited(place, more, root=root.id).judged == 1
    ledger.unlink()
    assert audited(place, more, root=root.id).judged == 2


def test_where_nothing_can_be_remembered(place: Place, root: Commit) -> None:
    (place.git.git_dir / "orderctl").symlink_to(place.git.git_dir.parent)
    tip = place.on(root, MAIL)
    for _ in range(2):
        found = audited(place, tip, root=root.id)
        assert (codes(found), found.judged) == ([], 1)


def judged(place: Place, tasks: list[Task], jobs: int, tip: Commit) -> list[Judged]:
    ground = Ground(Git(place.git.git_dir, None), {}, tip.id, Catalogue({}).facts)
    return list(replay(ground, tasks, jobs))


def test_several_processes_say_what_one_says(place: Place, root: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    states = [root]
    for n in range(6):
        files = {f"docs/{n}.md": Raw(b"x\n")}
        states.append(place.on(states[-1], files, "gao-yuan" if n % 3 else "lin-xiao"))
    place.write()
    tasks = [Task(a.id, b.id, NOW) for a, b in pairwise(states)]
    alone = judged(place, tasks, 1, states[-1])
    assert [len(one.findings) for one in alone] == [1, 0, 0, 1, 0, 0]
    assert judged(place, [tasks[0], tasks[2], tasks[5]], 1, states[-1]) == [alone[0], alone[2], alone[5]]
    monkeypatch.setattr(sys.modules[replay.__module__], "CHUNK", 2)
    assert judged(place, tasks, 2, states[-1]) == alone
    assert judged(place, [], 2, states[-1]) == []


def test_a_crash_is_a_finding(place: Place, root: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise RuntimeError("out of\n" + "luck" * 99)

    monkeypatch.setattr(sys.modules[replay.__module__], "judge_step", crash)
    found = audited(place, place.on(root, MAIL), root=root.id)
    assert codes(found) == ["gate.crashed"]
    assert found.findings[0].params["problem"] == ("RuntimeError: out of " + "luck" * 99)[:200]


def test_an_approval_that_lost_its_proof_under_a_policy_that_nobody_can_read(place: Place) -> None:
    """It is open again all the same; what its order waits for can't be told."""
    key = signer("chen-jie").public()
    text = render(People()).decode()
    assert f'key: "{key}"}}' in text
    lost = text.replace(f'key: "{key}"}}', f'key: "{key}", compromised_since: 2024-05-01T00:00:00+08:00}}')
    files = {**start(), "policy/people.yaml": Raw(lost.encode())}
    base = place.made.store.commit((), files, DAY - 3600, "gao-yuan")
    waiting = place.on(base, {f"{CASE}/order.yaml": ORDER, **submitted()})
    decided = place.on(waiting, {p: d for p, d in approvals().items() if "supervisor" in p})
    found = audited(place, decided, root=base.id)
    assert codes(found) == ["audit.reopened", "key.compromised"]
    assert [m.stage for m in found.missing] == ["sales-supervisor", "finance", "production"]
    broken = place.on(decided, {"policy/flows.yaml": Raw(b"flows: none\n")}, "gao-yuan")
    found = audited(place, broken, root=base.id)
    assert {"audit.reopened", "key.compromised", "policy.invalid"} <= set(codes(found))
    assert found.missing == ()
