"""All history of a branch judged again: each first-parent step by the policy of its time, from a root that is trusted.

The steps are found here, from raw objects, and judged by ``replay``; the ledger says when each was seen; ``memory``
holds what the last run saw, so that the next one judges what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from orderctl.audit.memory import Memory, recall, remember
from orderctl.audit.replay import Ground, Judged, Task, replay
from orderctl.audit.root import Root, find_root
from orderctl.audit.rules import broken_rules
from orderctl.audit.verdict import digest, eased, knowledge_of, open_again
from orderctl.catalogue import Catalogue, digest_of, own_modules
from orderctl.codes.audit import AUDIT_UNPINNED, AUDIT_UNROOTED
from orderctl.codes.gate import REF_NON_FF
from orderctl.git import Git
from orderctl.model import Finding, SetupError, Severity
from orderctl.objects import Objects
from orderctl.pipeline import Workspace
from orderctl.resources import builtin
from orderctl.revisions import commit_of, git_of
from orderctl.tree import commit_tree
from orderctl.trust.case import Missing
from orderctl.trust.graph import Graph
from orderctl.trust.journey import disagreements, seen, within
from orderctl.trust.later import Lost
from orderctl.trust.ledger import Ledger, ledger_path, read_ledger
from orderctl.trust.refusal import Refusal
from orderctl.trust.server import read_server
from orderctl.workspace import clock, read_config

DENIED = 11
"""Exit code: history doesn't hold, or the audit can't be set up so that it could judge."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit says. ``commits``: how many lie behind the root, merged ones too; ``steps``: how many states the
    branch had since; ``judged``: how many of them this run judged."""

    ref: str
    root: str
    policy: str
    tip: str
    commits: int
    steps: int
    judged: int
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]

    @property
    def allow(self) -> bool:
        """Tell whether all of history holds."""
        return not any(f.severity is Severity.ERROR for f in self.findings)


def audit(
    workspace: Workspace,
    *,
    root: str | None = None,
    rev: str | None = None,
    as_of: str | None = None,
    rules: bool = False,
    ledger: Path | None = None,
    full: bool = False,
    jobs: int = 0,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Audit:
    """Judge all history from the root to ``rev`` (default: the protected branch). Raises SetupError (exit 11) where it
    refuses to judge. ``rules``: business rules too, at every state; ``full``: believe nothing that an earlier run
    saw."""
    git = _git(workspace)
    ref, tip, branch = _branch(workspace, git, rev)
    config = read_config(commit_tree(git, None, tip))
    if config.sample:
        raise _sample()
    now = clock(config, as_of) // 1_000_000
    with Objects(git) as objects:
        graph = Graph(objects)
        start = find_root(workspace, git, graph, objects, tip, root)
        commits, line, problem = _line(graph, start, tip)
        if problem is not None:
            return Audit(ref, start.commit, start.policy, tip, 0, 0, 0, (problem,), ())
        findings = [] if start.pinned else [_unpinned(start)]
        told, said = _ledger(git, ledger, branch, graph, tip, line, start.commit)
        findings += said
        tasks = _tasks(graph, told, [start.commit, *line], now)
        known = knowledge_of(git, graph, objects, tip)
        fresh = _fresh(ref, start.commit, tip, known, told, commits, len(line))
        old = recall(_folder(git)) if as_of is None and rev is None else None
        lost = _lost(graph, old, fresh, line)
        findings += [REF_NON_FF.at("", commit=tip, person="", head=tip[:12], base=id[:12]) for id in lost]
        todo = tasks if full or lost else _todo(old, fresh, tasks, told)
        ground = Ground(git, known, tip, Catalogue({}).facts)
        judged = list(replay(ground, todo, jobs, lambda done: progress("audit", done, len(todo))))
        findings += [finding for one in judged for finding in one.findings]
        again, missing = open_again(git, graph, objects, tip, now, [void for one in judged for void in one.void])
        findings = [*eased(findings, again), *again]
    if rules:
        findings += broken_rules(workspace, git, start.commit, line, now, progress)
    if as_of is None and rev is None:
        remember(_folder(git), replace(fresh, open=_open(judged), verdict=digest(findings), lost=lost))
    return Audit(ref, start.commit, start.policy, tip, commits, len(line), len(todo), tuple(findings), tuple(missing))


def annotate(git: Git) -> Callable[[str], str]:
    """Return a function that tells what the last audit said of a state (commit): allow, deny, "" if it saw none."""
    memory = recall(_folder(git))
    if memory is None:
        return lambda _commit: ""
    done = git.try_run("rev-list", "--first-parent", memory.tip, f"^{memory.root}")
    seen_states, denied = frozenset(done.stdout.decode().split()), memory.denied()
    return lambda commit: "deny" if commit in denied else "allow" if commit in seen_states else ""


def _git(workspace: Workspace) -> Git:
    from orderctl.gate import refuse_unsound

    git = git_of(workspace)
    refuse_unsound(git)
    if workspace.prefix:
        raise SetupError(
            "setup.prefix",
            "审计要求工作区就是仓库的根文件夹",
            "the audit needs the workspace to be the root of its repository",
            DENIED,
        )
    return git


def _sample() -> SetupError:
    return SetupError(
        "setup.sample",
        "这是样例工作区（sample: true），其审批未经签署，无从审计。orderctl demo 会建立一个可以审计的工作区",
        "this is a sample workspace (sample: true): its approvals are not signed, so there is nothing to audit. "
        "orderctl demo makes one that can be",
        DENIED,
    )


def _branch(workspace: Workspace, git: Git, rev: str | None) -> tuple[str, str, str]:
    """Return what is audited (the revision asked for, else the protected branch, else HEAD), its newest commit, and the
    protected branch that it is, "" if it is none."""
    protected = read_server(git).protected
    name = rev if rev is not None else protected[0] if git.resolve(protected[0]) else "HEAD"
    tip = commit_of(workspace, name)
    done = git.try_run("rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", name)
    full = done.stdout.decode(errors="replace").strip()
    return name, tip, full if full in protected else ""


def _folder(git: Git) -> Path:
    """Return where the memory lies: in the git directory, which no clone and no checkout brings along."""
    return git.git_dir / "orderctl"


def _line(graph: Graph, root: Root, tip: str) -> tuple[int, list[str], Finding | None]:
    """Return how many commits lie behind the root, the first-parent states since it (oldest first), and what makes it
    impossible to tell."""
    if root.problem is not None:
        return 0, [], root.problem
    line, at = [], tip
    try:
        members = set(graph.range(root.commit, tip))
        while at in members:
            line.append(at)
            parents = graph.links(at)[0]
            at = parents[0] if parents else ""
    except Refusal as refusal:
        return 0, [], refusal.finding
    if at != root.commit:
        return 0, [], AUDIT_UNROOTED.at("", commit=tip, person="", tip=tip[:12], root=root.commit[:12])
    return len(members), line[::-1], None


def _ledger(
    git: Git, file: Path | None, branch: str, graph: Graph, tip: str, line: Sequence[str], root: str
) -> tuple[Ledger, list[Finding]]:
    """Return the ledger, empty if there is none, and where it and the protected branch don't agree."""
    try:
        ledger = read_ledger(file or ledger_path(git.git_dir))
    except Refusal as refusal:
        return Ledger(), [refusal.finding]
    return ledger, list(disagreements(ledger, branch, graph, tip, line, root)) if branch else []


def _tasks(graph: Graph, ledger: Ledger, states: Sequence[str], now: int) -> list[Task]:
    """Return the steps between these states, each with the time when it was seen: by the ledger, else its own date."""
    times = seen(ledger, states[1:])
    return [
        Task(before, after, min(graph.links(after)[1] if at is None else at, now))
        for (before, after), at in zip(pairwise(states), times, strict=True)
    ]


def _unpinned(root: Root) -> Finding:
    return AUDIT_UNPINNED.at("", commit=root.commit, person="", root=root.commit, digest=root.policy)


def _fresh(
    ref: str, root: str, tip: str, known: Mapping[str, Lost], ledger: Ledger, commits: int, steps: int
) -> Memory:
    last = ledger.entries[-1].digest if ledger.entries else ""
    return Memory(
        ref=ref,
        root=root,
        tip=tip,
        code=_code(),
        known=digest_of([(print, repr(since).encode()) for print, since in known.items()]),
        ledger=(len(ledger.entries), last),
        commits=commits,
        steps=steps,
        open=(),
        verdict="",
    )


def _code() -> str:
    """Return one digest of all that judges: the package's modules, the built-in schemas and facts."""
    schemas = [(f"schemas/{f.name}", f.read_bytes()) for f in sorted(builtin("schemas").glob("*.json"))]
    facts = [(f"facts/{f.name}", f.read_bytes()) for f in sorted((builtin("plugins") / "facts").glob("*.py"))]
    return digest_of([*own_modules("**/*.py"), *schemas, *facts])


def _lost(graph: Graph, old: Memory | None, fresh: Memory, line: Sequence[str]) -> tuple[str, ...]:
    """Return the commits at which an earlier audit saw the branch and which aren't on its line any more."""
    if old is None or old.ref != fresh.ref:
        return ()
    states = {fresh.root, *line}
    ids = dict.fromkeys((*old.lost, old.tip))
    return tuple(id for id in ids if id not in states and not within(graph, id, fresh.root))


def _todo(old: Memory | None, fresh: Memory, tasks: Sequence[Task], ledger: Ledger) -> list[Task]:
    """Return the steps to judge: what is new, and what was denied (a receipt may have come since). All of them if
    anything else is in doubt."""
    if old is None or (old.ref, old.root, old.code, old.known) != (fresh.ref, fresh.root, fresh.code, fresh.known):
        return list(tasks)
    entries, last = old.ledger
    same = entries <= len(ledger.entries) and (not entries or ledger.entries[entries - 1].digest == last)
    if not same or (entries == 0) != (not ledger.entries):
        return list(tasks)
    done = next((place for place, task in enumerate(tasks, 1) if task.after == old.tip), 0)
    denied = old.denied()
    return [task for place, task in enumerate(tasks) if place >= done or task.after in denied]


def _open(judged: Sequence[Judged]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    bad = (one for one in judged if one.findings)
    return tuple((o.task.before, o.task.after, tuple(sorted({f.rule for f in o.findings}))) for o in bad)
