"""After a push: its verdicts go into the ledger, and the book is brought to the new state."""

from __future__ import annotations

from orderctl.catalogue import load_catalogue
from orderctl.git import Git
from orderctl.hooks import pending
from orderctl.hooks.push import read_updates
from orderctl.pipeline import run
from orderctl.tree import commit_tree
from orderctl.trust.ledger import append, ledger_path, locked, read_ledger
from orderctl.trust.server import read_server
from orderctl.workspace import Workspace


def record(git: Git, data: bytes) -> list[str]:
    """Write the steps that git has just made into the ledger; return the protected refs that moved.

    A step without a verdict (somebody went past pre-receive) is left to the next push, which judges it. Raises Refusal
    for a broken ledger, OSError for one that can't be written.
    """
    server = read_server(git)
    updates = [u for u in read_updates(data) if u.ref in server.protected and not u.deletes]
    path = ledger_path(git.git_dir)
    done = []
    with locked(path.parent):
        for update in updates:
            verdict = pending.pending(path.parent, update.ref, update.old, update.new)
            if verdict is None:
                continue
            last = read_ledger(path).last(update.ref)
            if last is None or last.new == update.old or update.creates:
                append(path, [verdict])
            done.append(verdict)
        pending.drop(path.parent, done)
        ledger = read_ledger(path)
        tips = {ref: entry.new for ref in server.protected if (entry := ledger.last(ref))}
        pending.sweep(path.parent, tips)
    return [update.ref for update in updates]


def catch_up(workspace: Workspace) -> None:
    """Bring the book to the first protected branch, so that the next push finds it current."""
    assert workspace.git is not None
    tip = workspace.git.resolve(read_server(workspace.git).protected[0])
    if tip is not None:
        tree = commit_tree(workspace.git, None, tip)
        with run(workspace, tree, catalogue=load_catalogue(tree, trusted=True)):
            pass
