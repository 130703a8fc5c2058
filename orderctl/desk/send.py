"""How a commit gets to the others: the branch, its remote and what has landed in, a command to type out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderctl.desk.base import landed
from orderctl.desk.repository import repository, setting, user_git

if TYPE_CHECKING:
    from orderctl.workspace import Workspace

_MAIN = ("main", "master")


def push_command(workspace: Workspace, name: str = "", *, alone: bool = True) -> str:
    """Return the command that sends HEAD to the others, "" where there is nowhere to send it.

    On the main branch every commit lands by itself. What isn't complete ``alone`` (an order without its submission, a
    policy without its approvals) is sent as a branch called ``name``, or brought in as one merge.
    """
    branch = _said(workspace, "symbolic-ref", "--short", "-q", "HEAD")
    remotes = _said(workspace, "remote").split()
    remote = setting(workspace, f"branch.{branch}.remote") or (
        "origin" if "origin" in remotes else "".join(remotes[:1])
    )
    if not branch or not remote:
        return ""
    if branch in _MAIN and not alone:
        return f"git push {remote} HEAD:refs/heads/{name}"
    if branch in _MAIN and name and _ahead(workspace) > 1:
        merge = f"git merge --no-ff --no-edit -S {name}"
        return f"git branch -f {name} && git reset --keep {remote}/{branch} && {merge} && git push {remote} {branch}"
    return "git push" if setting(workspace, f"branch.{branch}.remote") else f"git push -u {remote} {branch}"


def _ahead(workspace: Workspace) -> int:
    """Return how many commits HEAD has that haven't landed."""
    git, _ = repository(workspace)
    head = git.resolve("HEAD") or ""
    base = landed(workspace, head)
    return len(git.run("rev-list", f"{base}..{head}").split()) if base else 0


def _said(workspace: Workspace, *args: str) -> str:
    return user_git(workspace, *args).stdout.decode(errors="replace").strip()
