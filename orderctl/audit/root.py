"""Where trust starts: the commit that the user names, the one pinned in the settings, or the first with a policy."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from orderctl.codes.policy import POLICY_MISSING
from orderctl.codes.tree import TREE_UNREADABLE
from orderctl.git import Git
from orderctl.model import Finding
from orderctl.objects import Objects
from orderctl.revisions import commit_of
from orderctl.trust.graph import Graph
from orderctl.trust.refusal import Refusal
from orderctl.trust.server import MANIFEST, pin_problem, read_server
from orderctl.trust.trees import Trees
from orderctl.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Root:
    """The root of trust: commit, SHA-256 of its policy, whether something outside the history says so, and why it
    can't be one."""

    commit: str
    policy: str
    pinned: bool
    problem: Finding | None = None


def find_root(workspace: Workspace, git: Git, graph: Graph, objects: Objects, tip: str, named: str | None) -> Root:
    """Return the root for the line that ends in ``tip``. Raises SetupError for a name that is no revision."""
    trees = Trees(objects)
    if named is not None:
        return _root(graph, trees, objects, commit_of(workspace, named), pinned=True)
    server = read_server(git)
    if server.root or server.policy:
        problem = pin_problem(git, server)
        if problem is not None:
            return Root(server.root, "", True, problem)
        return _root(graph, trees, objects, server.root, pinned=True)
    first = tip
    try:
        line = [tip]
        while parents := graph.links(line[-1])[0]:
            line.append(parents[0])
        first = next((id for id in reversed(line) if _manifest(graph, trees, objects, id)), tip)
    except Refusal as refusal:
        return Root(first, "", False, refusal.finding)
    return _root(graph, trees, objects, first, pinned=False)


def _root(graph: Graph, trees: Trees, objects: Objects, commit: str, *, pinned: bool) -> Root:
    try:
        digest = _manifest(graph, trees, objects, commit)
    except Refusal as refusal:
        return Root(commit, "", pinned, refusal.finding)
    problem = None if digest else POLICY_MISSING.at(MANIFEST, commit=commit, person="")
    return Root(commit, digest, pinned, problem)


def _manifest(graph: Graph, trees: Trees, objects: Objects, commit: str) -> str:
    """Return the SHA-256 of a commit's policy, "" if it has none. Raises Refusal for one that isn't there whole: the
    next one would be taken for the first."""
    entry = trees.find(graph.commit(commit).tree, MANIFEST)
    if entry is None:
        return ""
    data = objects.blob(entry.blob)
    if data is None:
        raise Refusal(TREE_UNREADABLE.at(MANIFEST, line=1, column=1, commit=commit, person=""))
    return sha256(data).hexdigest()
