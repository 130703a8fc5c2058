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

    On the main branch every step lands by itself. What isn't complete ``alone`` (a policy without its approvals, a
    statement without its review) is sent as a branch called ``name``.
    """
    branch, remote = _branch(workspace), _remote(workspace)
    if not branch or not remote:
        return ""
    if branch in _MAIN and not alone:
        return f"git push {remote} HEAD:refs/heads/{name}"
    return "git push" if setting(workspace, f"branch.{branch}.remote") else f"git push -u {remote} {branch}"


def landing_command(workspace: Workspace) -> str:
    """Return the commands that bring the present branch into the main one as one step, "" on that branch itself."""
    branch, remote = _branch(workspace), _remote(workspace)
    git, _ = repository(workspace)
    known = (f"refs/remotes/{remote}/" if remote else "", "refs/heads/")
    main = next((m for where in known if where for m in _MAIN if git.resolve(where + m)), "")
    if not main or not branch or branch in _MAIN:
        return ""
    merge = f"git switch {main} && {{pull}}git merge --no-ff {branch}{{push}}"
    return merge.format(pull="git pull && ", push=" && git push") if remote else merge.format(pull="", push="")


def step_onto(workspace: Workspace, head: str) -> str:
    """Return the commit that has landed and that main's own commits come after: they land on it as one step, since a
    commit on the main branch must be able to stand alone. "" elsewhere, and where nothing came after it."""
    base = landed(workspace, head) if _branch(workspace) in _MAIN and _remote(workspace) else ""
    return "" if base == head else base


def is_one_step(workspace: Workspace, head: str) -> bool:
    """Tell whether what HEAD brings beyond what has landed is one step already."""
    base = step_onto(workspace, head)
    git, _ = repository(workspace)
    return not base or len(git.run("rev-list", "--first-parent", f"{base}..{head}").split()) == 1


def _branch(workspace: Workspace) -> str:
    return _said(workspace, "symbolic-ref", "--short", "-q", "HEAD")


def _remote(workspace: Workspace) -> str:
    """Return the remote that the present branch is sent to, "" where there is none."""
    remotes = _said(workspace, "remote").split()
    return setting(workspace, f"branch.{_branch(workspace)}.remote") or (
        "origin" if "origin" in remotes else "".join(remotes[:1])
    )


def _said(workspace: Workspace, *args: str) -> str:
    return user_git(workspace, *args).stdout.decode(errors="replace").strip()
