"""Random histories: the gate and the reference model say the same of every push. More: ``ORDERCTL_HISTORIES=10000``."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.trust.company import Company
from tests.trust.histories import Commit, described, instant
from tests.trust.judging import Gate
from tests.trust.model import Step, judge
from tests.trust.model_facts import POLICY, ancestors, changes
from tests.trust.play import NUMBERS, Play

HISTORIES = int(os.environ.get("ORDERCTL_HISTORIES", "200"))
SEEN: Counter[str] = Counter()


def expected(old: Commit, new: Commit, now: int) -> set[str]:
    """Return the codes that the model names of a push."""
    if old not in ancestors(new):
        return {"ref.non_ff"}
    chain = [new]
    while chain[-1] is not old and chain[-1].parents:
        chain.append(chain[-1].parents[0])
    if chain[-1] is not old:
        return {"ref.sideways"}
    chain.reverse()
    found: set[str] = set()
    changed: set[str] = set()
    for before, after in pairwise(chain):
        codes = judge(before, after, now)
        found |= codes
        changed |= set(changes(before.files, after.files))
        if "policy.unsatisfiable" in codes:
            break  # nothing can be judged by what comes of it
    others = {p for p in changed if p not in POLICY and not p.startswith("policy/approvals/")}
    return found | (
        {"policy.mixed_change"} if others and len(others) < len(changed) and changed & set(POLICY) else set()
    )


@settings(
    max_examples=HISTORIES,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(data=st.data())
def test_the_gate_says_what_the_model_says(gate: Gate, data: st.DataObject) -> None:
    """The same verdict, every code that the model knows among the gate's, and the state moves only when allowed."""
    gate.new()
    play = Play(gate.store, lambda limit: data.draw(st.integers(0, limit - 1)))
    for _ in range(1 + play.draw(6)):
        head = play.push()
        if head is play.main:
            continue
        want, got = expected(play.main, head, play.now), gate.codes(play.main, head, play.now)
        SEEN.update(want or {"allow"})
        if bool(want) != bool(got) or not want <= got:
            raise AssertionError(f"model {sorted(want)}\ngate {sorted(got)}\n{told(head)}")
        if not got:
            play.main = head
            SEEN.update(f"status {Step(head, head, play.now).status(head.files, number)}" for number in NUMBERS)


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    yield Gate()
    if os.environ.get("ORDERCTL_HISTORIES_SEEN"):
        Path(os.environ["ORDERCTL_HISTORIES_SEEN"]).write_text(repr(SEEN.most_common()))


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An empty repository for what a history made."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "keys").mkdir()
    made = Company(folder / "work", folder / "keys")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    return made


@pytest.mark.parametrize("number", range(20 if HISTORIES > 200 else 5))
def test_command_line_server_and_audit_say_what_the_gate_says_in_process(
    gate: Gate, firm: Company, number: int
) -> None:
    """The last push of a history, as real Git objects."""
    gate.new()
    play = Play(gate.store, Random(number).randrange)
    base, head = play.main, play.main
    while head is play.main or play.count < 12:
        base, head = play.main, play.push()
        got = gate.codes(play.main, head, play.now)
        if not got:
            play.main = head
    unpack = ["git", "unpack-objects", "-q"]
    subprocess.run(unpack, cwd=firm.root, input=gate.store.pack(), check=True, capture_output=True)
    firm.git("reset", "-q", "--hard", play.root.id)
    said = firm.everywhere(base.id, head.id, as_of=instant(play.now))
    assert got <= set(said)
    assert {code for code in said if "." in code} <= got | {"id.path_mismatch"}


def told(head: Commit) -> str:
    """Return what each commit of a history changed."""
    lines = []
    for commit in ancestors(head):
        if commit.parents:
            changed = {path: doc for path, (_, doc) in changes(commit.parents[0].files, commit.files).items() if doc}
            lines.append(f"{commit.id[:8]} by {commit.key or '-'}: {described(changed)}")
    return "\n".join(lines)
