"""What has landed already, as far as this clone knows: the branch that everybody shares in, a commit out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orderctl.desk.repository import repository, user_git

if TYPE_CHECKING:
    from orderctl.workspace import Workspace


def landed(workspace: Workspace, head: str) -> str:
    """Return the commit at which this branch left what has landed (origin's main branch, or main), "" if none is known.

    What is on it already is HEAD itself where somebody works on the main branch.
    """
    git, _ = repository(workspace)
    for name in _main_branches(workspace):
        commit = git.resolve(name)
        if commit:
            done = git.try_run("merge-base", head, commit)
            return done.stdout.decode().strip() if done.returncode == 0 else ""
    return ""


def _main_branches(workspace: Workspace) -> Iterator[str]:
    yield from ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
    branch = user_git(workspace, "symbolic-ref", "-q", "HEAD").stdout.decode(errors="replace").strip()
    upstream = user_git(workspace, "rev-parse", "--symbolic-full-name", "@{upstream}")
    if upstream.returncode == 0:
        yield upstream.stdout.decode(errors="replace").strip()
    yield from (name for name in ("refs/heads/main", "refs/heads/master") if name != branch)
