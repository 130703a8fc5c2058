"""All history of a branch judged again: each first-parent step by the policy of its time, from a root that is trusted.

The steps are found here, from raw objects, and judged by ``replay``; the ledger says when each was seen; ``memory``
holds what the last run saw, so that the next one judges what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orderctl.audit.memory import Memory, recall, remember
from orderctl.audit.replay import Ground, Judged, Task, replay
from orderctl.audit.root import Root, find_root
from orderctl.audit.rules import broken_rules
from orderctl.audit.verdict import digest, knowledge_of, open_again
from orderctl.catalogue import digest_of, own_modules
from orderctl.codes.audit import AUDIT_UNPINNED, AUDIT_UNROOTED
from orderctl.codes.gate import REF_NON_FF
from orderctl.git import Git
from orderctl.model import Finding, SetupError, Severity
from orderctl.objects import Objects
from orderctl.pipeline import Workspace
from orderctl.resources import builtin
from orderctl.tree import commit_tree
from orderctl.trust.case import Missing
from orderctl.trust.graph import Graph
from orderctl.trust.journey import disagreements, seen
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
    ref, tip = _branch(git, rev)
    config = read_config(commit_tree(git, None, tip))
    if config.sample:
        raise _sample()
    now = clock(config, as_of) // 1_000_000
    with Objects(git) as objects:
        graph = Graph(objects)
        start = find_root(git, graph, objects, tip, root)
        if start.problem is not None:
            return Audit(ref, start.commit, start.policy, tip, 0, 0, 0, (start.problem,), ())
        try:
            members = graph.range(start.commit, tip)
            line = _line(graph, start.commit, tip, set(members))
        except Refusal as refusal:
            return Audit(ref, start.commit, start.policy, tip, 0, 0, 0, (refusal.finding,), ())
        findings = [] if start.pinned else [_unpinned(start)]
        if line is None:
            findings.append(AUDIT_UNROOTED.at("", commit=tip, person="", tip=tip[:12], root=start.commit[:12]))
            return Audit(ref, start.commit, start.policy, tip, 0, 0, 0, tuple(findings), ())
        told, said = _ledger(git, ledger, ref, graph, tip, line, start.commit)
        findings += said
        times = seen(told, ref, {id: place for place, id in enumerate(line)}, len(line))
        befores = [start.commit, *line][:-1]
        observed = [min(at if at is not None else _dated(graph, id), now) for id, at in zip(line, times, strict=True)]
        tasks = [Task(*task) for task in zip(befores, line, observed, strict=True)]
        known = knowledge_of(git, graph, objects, tip)
        old = recall(_folder(git)) if as_of is None and rev is None and not full else None
        fresh = _fresh(ref, start.commit, tip, known, told, len(members), len(line))
        todo, lost = _todo(old, fresh, tasks, told)
        findings += [REF_NON_FF.at("", commit=tip, person="", head=tip[:12], base=id[:12]) for id in lost]
        count = len(todo)
        judged = list(replay(Ground(git, known, tip), todo, jobs, lambda done: progress("audit", done, count)))
        findings += [finding for one in judged for finding in one.findings]
        again, missing = open_again(git, graph, objects, tip, now, [void for one in judged for void in one.void])
        findings += again
        if rules:
            findings += broken_rules(workspace, git, start.commit, line, now, progress)
    result = Audit(
        ref, start.commit, start.policy, tip, len(members), len(line), len(todo), tuple(findings), tuple(missing)
    )
    if as_of is None and rev is None:
        remember(_folder(git), replace(fresh, open=_open(judged), verdict=digest(result.findings), lost=lost))
    return result


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
    from orderctl.pipeline import git_of

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


def _branch(git: Git, rev: str | None) -> tuple[str, str]:
    """Return the branch and its newest commit: the revision asked for, else the protected branch, else HEAD."""
    names = [rev] if rev is not None else [*read_server(git).protected[:1], "HEAD"]
    for name in names:
        tip = git.resolve(name)
        if tip is not None:
            return name, tip
    raise SetupError(
        "setup.revision",
        f"没有版本“{names[0]}”。请写提交号、分支或标签，git log --oneline --all 可以查看",
        f"there is no revision {names[0]!r}. Name a commit, branch or tag: git log --oneline --all shows them",
    )


def _folder(git: Git) -> Path:
    """Return where the memory lies: in the git directory, which no clone and no checkout brings along."""
    return git.git_dir / "orderctl"


def _line(graph: Graph, root: str, tip: str, members: set[str]) -> list[str] | None:
    """Return the first-parent states from ``root`` (exclusive) to ``tip``, oldest first; None if it lies elsewhere."""
    line, at = [], tip
    while at in members:
        line.append(at)
        parents = graph.links(at)[0]
        at = parents[0] if parents else ""
    return line[::-1] if at == root else None


def _ledger(
    git: Git, file: Path | None, ref: str, graph: Graph, tip: str, line: Sequence[str], root: str
) -> tuple[Ledger, list[Finding]]:
    """Return the ledger, empty if there is none, and where it and the branch don't agree."""
    try:
        ledger = read_ledger(file or ledger_path(git.git_dir))
    except Refusal as refusal:
        return Ledger(), [refusal.finding]
    places = {id: place for place, id in enumerate(line)}
    return ledger, list(disagreements(ledger, ref, graph, tip, places, root))


def _dated(graph: Graph, id: str) -> int:
    """Return the date that a commit says; 0 for one that can't be read, which its step then names."""
    return graph.links(id)[1]


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


def _todo(
    old: Memory | None, fresh: Memory, tasks: Sequence[Task], ledger: Ledger
) -> tuple[list[Task], tuple[str, ...]]:
    """Return the steps to judge, and the commits that the branch has lost since an earlier audit.

    Only what is new, and what was denied (a receipt may have come since), if nothing else is in doubt.
    """
    if old is None or (old.ref, old.root) != (fresh.ref, fresh.root):
        return list(tasks), ()
    states = {old.root, *(task.after for task in tasks)}
    lost = tuple(dict.fromkeys(id for id in (*old.lost, old.tip) if id not in states))
    entries, last = old.ledger
    same = entries <= len(ledger.entries) and (not entries or ledger.entries[entries - 1].digest == last)
    if lost or not same or (old.code, old.known) != (fresh.code, fresh.known) or (entries == 0) != (not ledger.entries):
        return list(tasks), lost
    done = next((place for place, task in enumerate(tasks, 1) if task.after == old.tip), 0)
    denied = old.denied()
    return [task for place, task in enumerate(tasks) if place >= done or task.after in denied], lost


def _open(judged: Sequence[Judged]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    bad = (one for one in judged if one.findings)
    return tuple((o.task.before, o.task.after, tuple(sorted({f.rule for f in o.findings}))) for o in bad)
