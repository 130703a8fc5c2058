"""May this change land? base..head judged step by step: trust under each step's own base, business rules on its result.

The policy, people, kinds, rules and plugins are those of the base; the head is bytes to parse.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from orderctl.catalogue import Catalogue, load_catalogue
from orderctl.codes.gate import GATE_CRASHED, POLICY_MIXED_CHANGE, REF_NON_FF, REF_SIDEWAYS, REF_UNRELATED
from orderctl.codes.reviews import REVIEW_BASE
from orderctl.gather import fingerprint
from orderctl.git import HEX, Git
from orderctl.model import Finding, SetupError, Severity
from orderctl.objects import Objects
from orderctl.pipeline import Workspace, run, states
from orderctl.revisions import commit_of, git_of
from orderctl.tree import Tree
from orderctl.trust.case import Missing
from orderctl.trust.change import Step, judge_step
from orderctl.trust.graph import Graph
from orderctl.trust.parser import Parser
from orderctl.trust.policy import Policy, PolicyError, is_trusted
from orderctl.trust.refusal import Refusal
from orderctl.trust.reviews import Reviews, weigh
from orderctl.trust.server import partial_history
from orderctl.trust.state import State, World
from orderctl.trust.trees import Trees
from orderctl.workspace import CONFIG, config_of

DENIED = 11
"""Exit code: the gate denies, or can't be set up so that it could judge."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of base..head (commit ids) at a trusted time (seconds since 1970).

    ``missing`` is what subjects of the change still wait for: it may stand beside an allowing verdict.
    """

    base: str
    head: str
    observed: int
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    policy_version: int
    policy_digest: str

    @property
    def allow(self) -> bool:
        """Tell whether the change may land."""
        return not any(f.severity is Severity.ERROR for f in self.findings)


def gate(
    workspace: Workspace,
    base: str,
    head: str,
    *,
    observed: int | None = None,
    reviews: Sequence[Reviews] = (),
    jobs: int = 0,
    catalogue: Catalogue | None = None,
) -> Verdict:
    """Judge the change from ``base`` to ``head`` (revisions). Raises SetupError (exit 11) where it refuses to judge.

    ``catalogue``: what ``base`` goes by, if it is loaded already.
    """
    git = git_of(workspace)
    refuse_unsound(git)
    old, new = _commit(workspace, base), _commit(workspace, head)
    now = int(time.time()) if observed is None else observed
    if workspace.prefix:
        raise SetupError(
            "setup.prefix",
            "门禁要求工作区就是仓库的根文件夹",
            "the gate needs the workspace to be the root of its repository",
            DENIED,
        )
    with Objects(git) as objects:
        trees, graph = Trees(objects), Graph(objects)
        try:
            start = graph.commit(old).tree
            if config_of(_config(trees, start)).sample:
                raise _sample()
            tree = Tree(git, workspace.root, start, revision=old)
            kinds = catalogue or load_catalogue(tree, trusted=True)
            world = World(trees, Parser(kinds.kinds, kinds.validator), kinds.facts)
            policy = State(world, start, now).policy()
        except PolicyError as error:
            return Verdict(old, new, now, error.findings, (), 0, "")
        except Refusal as refusal:
            return Verdict(old, new, now, (refusal.finding,), (), 0, "")
        verdict = Verdict(old, new, now, (), (), policy.version, policy.digest)
        if old == new:
            return verdict
        steps, mixed = judge_range(world, graph, old, new, now, reviews)
        results = [(step.commit, graph.commit(step.commit).tree) for step in steps if step.changed]
    findings = [*(f for step in steps for f in step.findings), *mixed]
    repairs = any(is_trusted(path) for step in steps for path in step.changed)  # else nobody could
    findings += [] if repairs else _unusable(kinds.problems, new)
    if steps[-1].commit == new and not any(f.rule in _UNREADABLE for f in findings):
        findings += _business(workspace, tree, kinds, results, now, jobs)
    findings += [] if repairs else _unusable(kinds.ended, new)
    return replace(verdict, findings=tuple(_once(findings)), missing=steps[-1].missing)


_UNREADABLE = (
    "ref.non_ff",
    "ref.sideways",
    "ref.unrelated",
    "commit.missing",
    "tree.missing",
    "tree.malformed",
    "tree.duplicate",
)
"""After these there is no result that could be checked."""


def refuse_unsound(git: Git) -> None:
    """Raise SetupError for a repository whose history can't be told: shallow, or with grafts."""
    found = partial_history(git)
    if found is not None:
        name = found.params["file"]
        raise SetupError(
            found.rule,
            f"仓库的历史不完整（{name}）。请完整克隆：git fetch --unshallow",
            f"the repository's history is incomplete ({name}). Fetch all of it: git fetch --unshallow",
            DENIED,
        )


def judge_range(
    world: World, graph: Graph, old: str, new: str, now: int, reviews: Sequence[Reviews]
) -> tuple[list[Step], list[Finding]]:
    """Return the judged steps from ``old`` to ``new``, and what is refused about all of them together; trust only."""
    steps = list(_steps(world, graph, old, new, now, reviews))
    return steps, list(_mixed(steps))


def _steps(world: World, graph: Graph, old: str, new: str, now: int, reviews: Sequence[Reviews]) -> Iterator[Step]:
    """Yield the judged first-parent steps; one step for all when the base isn't on the first-parent line."""
    try:
        chain = graph.first_parents(old, new)
        if chain is None:
            graph.check(old, new)
            code = REF_SIDEWAYS if graph.is_ancestor(old, new) else REF_NON_FF
            code = code if graph.merge_bases(old, new) else REF_UNRELATED
            yield Step(new, (code.at("", commit=new, person="", head=new[:12], base=old[:12]),), (), ())
            return
    except Refusal as refusal:
        yield Step(new, (refusal.finding,), (), ())
        return
    before = old
    for after in chain:
        try:
            policy = State(world, graph.commit(before).tree, now).policy()
            proved, notes = _reviewers(graph, before, after, policy, reviews, now)
            step = judge_step(world, graph, before, after, now, partial(_proves, proved))
            yield replace(step, findings=(*step.findings, *notes))
        except PolicyError as error:
            yield Step(after, error.findings, (), ())
            return
        except Refusal as refusal:
            yield Step(after, (refusal.finding,), (), ())
            return
        except Exception as error:  # noqa: BLE001  whatever fails, the change is refused and says so
            problem = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            yield Step(after, (GATE_CRASHED.at("", commit=after, person="", problem=problem),), (), ())
            return
        before = after


def _proves(proved: frozenset[str], _statement: str, person: str) -> bool:
    return person in proved


def _reviewers(
    graph: Graph, before: str, after: str, policy: Policy, reviews: Sequence[Reviews], now: int
) -> tuple[frozenset[str], list[Finding]]:
    """Return who approved the pull request that a step lands, and why other approving reviews don't count.

    What was reviewed is the step's own commit, or of a merge its second parent.
    """
    heads = (after, *graph.commit(after).parents[1:])
    for facts in reviews:
        if facts.head in heads and facts.pull:
            if not _holds(graph, facts.base, before):
                return frozenset(), [_elsewhere(facts, after, before)]
            counted, notes = weigh(facts, facts.head, policy, observed=now)
            return frozenset(counted), notes
    return frozenset(), []


def _holds(graph: Graph, base: str, before: str) -> bool:
    """Tell whether what the forge compared with is part of what the step starts from."""
    try:
        return bool(base) and graph.is_ancestor(base, before)
    except Refusal:
        return False


def _elsewhere(facts: Reviews, after: str, before: str) -> Finding:
    return REVIEW_BASE.at(
        "",
        commit=after,
        person="",
        forge=facts.forge,
        pull=facts.pull,
        user=0,
        type="",
        state="",
        reviewed=facts.base[:12],
        head=facts.head[:12],
        base=before[:12],
    )


def _mixed(steps: Sequence[Step]) -> Iterator[Finding]:
    """Yield when one change brings policy and other documents in different steps."""
    changed = dict.fromkeys(path for step in steps for path in step.changed)
    trusted = [p for p in changed if is_trusted(p)]
    others = [p for p in changed if not is_trusted(p) and not p.startswith(("policy/approvals/", "policy/receipts/"))]
    if trusted and others and len(steps) > 1:
        commit = next(step.commit for step in steps if trusted[0] in step.changed)
        yield POLICY_MIXED_CHANGE.at(trusted[0], commit=commit, person="", other=others[0])


def _sample() -> SetupError:
    return SetupError(
        "setup.sample",
        "这是样例工作区（sample: true），其审批未经签署，门禁不予判断。orderctl demo 会建立一个可以判断的工作区",
        "this is a sample workspace (sample: true): its approvals are not signed, so the gate doesn't judge it. "
        "orderctl demo makes one that it does",
        DENIED,
    )


def _commit(workspace: Workspace, revision: str) -> str:
    """Return the commit that a revision names; a full id is one as it is."""
    return revision if HEX.fullmatch(revision) else commit_of(workspace, revision)


def _config(trees: Trees, tree: str) -> bytes | None:
    entry = trees.find(tree, CONFIG)
    return trees.objects.blob(entry.blob) if entry else None


def _business(
    workspace: Workspace,
    tree: Tree,
    kinds: Catalogue,
    results: Sequence[tuple[str, str]],
    now: int,
    jobs: int,
) -> Iterator[Finding]:
    """Yield the errors that each step's result (commit, tree) has and the base has not, both at the same time."""
    from datetime import UTC, datetime

    as_of = datetime.fromtimestamp(now, UTC).isoformat()
    git = git_of(workspace)
    with run(workspace, tree, as_of=as_of, jobs=jobs, catalogue=kinds) as base:
        known = {fingerprint(f) for f in base.findings()}
        trees = (Tree(git, workspace.root, tree_id, revision=commit) for commit, tree_id in results)
        for (commit, _), state in zip(results, states(base, trees), strict=True):
            for finding in state.findings():
                if finding.severity is Severity.ERROR and fingerprint(finding) not in known:
                    yield replace(finding, params={**finding.params, "commit": commit, "person": ""})


def _unusable(problems: Sequence[Finding], head: str) -> Iterator[Finding]:
    """Yield which of the base's own programs can't be used: what they would refuse must not pass without a word."""
    for finding in problems:
        yield replace(finding, params={**finding.params, "commit": head, "person": ""})


def _once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield each finding once: what the trust part and the check both say of a path, or several steps say again."""
    seen = set()
    for finding in findings:
        params = {k: v for k, v in finding.params.items() if k not in ("commit", "person")}
        what = (finding.rule, finding.path, finding.pointer, repr(sorted(params.items(), key=str)))
        if what not in seen:
            seen.add(what)
            yield finding
