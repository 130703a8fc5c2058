"""Steps in, verdicts on them out. Each step is judged by itself, so that any number of processes may share them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from orderctl.book.pool import workers
from orderctl.catalogue import load_catalogue
from orderctl.codes.gate import GATE_CRASHED
from orderctl.git import Git
from orderctl.load import load
from orderctl.model import Finding
from orderctl.objects import Objects
from orderctl.tree import commit_tree
from orderctl.trust.change import judge_step
from orderctl.trust.graph import Graph
from orderctl.trust.later import Lost, Void, informed, voided
from orderctl.trust.parser import Parser
from orderctl.trust.policy import PolicyError
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import World
from orderctl.trust.trees import Trees

CHUNK = 200
"""Steps that one process judges in one go: what it has read of them it then forgets."""
_HINTED = 20_000
"""Objects that are read ahead of judging; a step that brings more has its files read one by one."""
_INHERITED: dict[str, Any] = {}
"""What forked workers find: set just before the pool starts, empty otherwise."""


@dataclass(frozen=True, slots=True)
class Task:
    """A step of the first-parent line, and when it was seen (seconds since 1970)."""

    before: str
    after: str
    observed: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a step, and which statements of it have lost their proof since."""

    task: Task
    findings: tuple[Finding, ...]
    void: tuple[Void, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every step is judged on: the repository, what is known of keys now, the newest commit, the built-in facts
    (no program of the history is run)."""

    git: Git
    known: Mapping[str, Lost]
    tip: str
    facts: Mapping[str, Any]


def replay(
    ground: Ground, tasks: Sequence[Task], jobs: int, progress: Callable[[int], None] = lambda _done: None
) -> Iterator[Judged]:
    """Yield each task judged, in order; in worker processes if there is enough to do."""
    chunks = [tasks[start : start + CHUNK] for start in range(0, len(tasks), CHUNK)]
    done = 0
    jobs = min(jobs or os.cpu_count() or 1, len(chunks))
    pool = None
    if jobs > 1:
        _INHERITED["ground"] = ground
        pool = workers(jobs)
    try:
        found = pool.map(_inherited, chunks) if pool else (_chunk(ground, chunk) for chunk in chunks)
        for judged in found:
            yield from judged
            done += len(judged)
            progress(done)
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
        _INHERITED.clear()


def _inherited(tasks: Sequence[Task]) -> list[Judged]:
    return _chunk(_INHERITED["ground"], tasks)


def _chunk(ground: Ground, tasks: Sequence[Task]) -> list[Judged]:
    with Objects(ground.git) as objects:
        objects.prefetch(_new_objects(ground.git, tasks))
        bench = Bench(ground, objects)
        return [bench.judge(task) for task in tasks]


def _new_objects(git: Git, tasks: Sequence[Task]) -> list[str]:
    """Return the objects that these steps bring, as git lists them in one go. A hint only: what it leaves out or makes
    up is asked for, or not, one by one."""
    if any(one.after != next_one.before for one, next_one in pairwise(tasks)):
        return [id for task in tasks for id in (task.before, task.after)]
    done = git.try_run("rev-list", "--objects", "--no-object-names", tasks[-1].after, f"^{tasks[0].before}")
    return [tasks[0].before, *done.stdout.decode(errors="replace").split()[:_HINTED]]


class Bench:
    """One process's objects, and the worlds that it judges in: one for each set of the company's schemas."""

    def __init__(self, ground: Ground, objects: Objects) -> None:
        self.ground = ground
        self.objects = objects
        self.graph = Graph(objects)
        self.trees = Trees(objects)
        self._worlds: dict[str | None, World] = {}

    def world(self, commit: str) -> World:
        """Return the world whose kinds are those that ``commit`` trusts."""
        schemas = self.trees.folder(self.graph.commit(commit).tree, "schemas")
        if schemas not in self._worlds:
            kinds = load_catalogue(commit_tree(self.ground.git, None, commit)).kinds
            self._worlds[schemas] = World(self.trees, Parser(kinds), self.ground.facts)
        return self._worlds[schemas]

    def judge(self, task: Task) -> Judged:
        """Return what is said of a step. Never raises: whatever fails is a finding about it."""
        try:
            world = self.world(task.before)
            findings = self._findings(world, task, frozenset())
            if receipts := self._receipts(findings):
                findings = self._findings(world, task, receipts)
            named = tuple(_of(task, finding) for finding in findings)
            return Judged(task, named, tuple(voided(world, self.graph, named)))
        except PolicyError as error:
            return Judged(task, tuple(_of(task, f) for f in error.findings))
        except Refusal as refusal:
            return Judged(task, (_of(task, refusal.finding),))
        except Exception as error:  # noqa: BLE001  whatever fails, the step is refused and says so
            problem = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            return Judged(task, (GATE_CRASHED.at("", commit=task.after, person="", problem=problem),))

    def _findings(self, world: World, task: Task, receipts: frozenset[tuple[str, str]]) -> tuple[Finding, ...]:
        """Return what is refused about a step, with what became known of the policy's keys later."""
        step = judge_step(
            world,
            self.graph,
            task.before,
            task.after,
            task.observed,
            lambda statement, person: (statement, person) in receipts,
            lambda policy: informed(policy, self.ground.known),
        )
        return step.findings

    def _receipts(self, findings: Sequence[Finding]) -> frozenset[tuple[str, str]]:
        """Return what receipts in the newest state say of the statements that nothing else proves: (SHA-256, person).

        A receipt itself is judged with the step that brought it: only the gate's own key may write one.
        """
        found = set()
        for finding in findings:
            if finding.rule == "approval.evidence":
                folder, _, name = finding.path.rpartition("/")
                place = f"{folder.rpartition('/')[0]}/receipts/{name.removesuffix('.yaml')}.receipt.yaml"
                for path in (place, "archive/" + place.removeprefix("orders/")):
                    data = self._newest(path)
                    if data.get("state") == "approved":
                        found.add((str(data.get("statement")), str(data.get("person"))))
        return frozenset(found)

    def _newest(self, path: str) -> Mapping[str, Any]:
        entry = self.trees.find(self.graph.commit(self.ground.tip).tree, path)
        raw = self.objects.blob(entry.blob) if entry else None
        return (load(path, raw)[0] if raw is not None else None) or {}


def _of(task: Task, finding: Finding) -> Finding:
    """Return the finding with the commit that it is about, if it doesn't say one."""
    params = {"person": "", **finding.params, "commit": finding.params.get("commit") or task.after}
    return replace(finding, params=params)
