"""Business rules at every state of the line: errors that a state has and the one before it had not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from orderctl.bring import bring
from orderctl.catalogue import load_catalogue
from orderctl.gather import fingerprint
from orderctl.git import Git
from orderctl.model import Finding, Severity
from orderctl.pipeline import Run, Workspace, states
from orderctl.places import private_folder
from orderctl.tree import commit_tree
from orderctl.workspace import read_config


def broken_rules(
    workspace: Workspace, git: Git, root: str, line: Sequence[str], now: int, progress: Callable[[str, int, int], None]
) -> Iterator[Finding]:
    """Yield the errors that each state brings, by the rules of the newest one, all at the same time (seconds).

    One private book is written for the root and each state laid over the one before: the workspace's own book stays.
    """
    newest = commit_tree(git, workspace.root, line[-1] if line else root)
    kinds, config, clock = load_catalogue(newest, trusted=True), read_config(newest), now * 1_000_000
    tree = commit_tree(git, workspace.root, root)
    path = private_folder() / "book.db"
    store, log = bring(path, tree, kinds, config, clock, os.cpu_count() or 1, progress)
    base = Run(workspace, tree, config, kinds, clock, store, log)
    known = {fingerprint(f) for f in base.findings()}
    trees = (commit_tree(git, workspace.root, commit) for commit in line)
    for place, (commit, state) in enumerate(zip(line, states(base, trees), strict=True), 1):
        errors = {fingerprint(f): f for f in state.findings() if f.severity is Severity.ERROR}
        for print, finding in errors.items():
            if print not in known:
                yield replace(finding, params={**finding.params, "commit": commit, "person": ""})
        known = set(errors)
        progress("rules", place, len(line))
    for finding in kinds.ended:  # what every state has is new in none
        yield replace(finding, params={**finding.params, "commit": newest.revision, "person": ""})
