"""What a user's words name in a workspace: its repository, a commit, a tree, and what that tree goes by."""

from __future__ import annotations

from orderctl.catalogue import Catalogue, load_catalogue
from orderctl.git import Git
from orderctl.model import SetupError
from orderctl.tree import Tree, commit_tree, folder_tree, index_tree, work_tree
from orderctl.workspace import Workspace, clock, read_config


def git_of(workspace: Workspace) -> Git:
    """Return the workspace's repository; raise SetupError if it is in none."""
    if workspace.git is None:
        raise SetupError(
            "setup.no_git",
            "这个工作区不在 Git 仓库里，没有版本可比",
            "this workspace is in no Git repository: there are no revisions",
        )
    return workspace.git


def commit_of(workspace: Workspace, revision: str) -> str:
    """Return the commit id that a user's ``revision`` names; raise SetupError if there is none, or several."""
    git = git_of(workspace)
    found = git.resolve(revision)
    if found is None:
        raise SetupError(
            "setup.revision",
            f"没有版本“{revision}”。请写提交号、分支或标签，git log --oneline --all 可以查看",
            f"there is no revision {revision!r}. Name a commit, branch or tag: git log --oneline --all shows them",
        )
    if git.is_ambiguous(revision):
        raise SetupError(
            "setup.ambiguous",
            f"“{revision}”既是分支名又是标签名，分不清指哪一个。请写全名（如 refs/heads/main）或提交号，并删掉同名标签",
            f"several refs are called {revision!r}, a tag perhaps beside the branch. Write the whole name (such as "
            "refs/heads/main) or a commit id, and delete the tag",
        )
    return found


def tree_of(workspace: Workspace, rev: str | None = None, index: bool = False) -> Tree:
    """Return the tree that a command names."""
    if rev is not None:
        return commit_tree(git_of(workspace), workspace.root, commit_of(workspace, rev), workspace.prefix)
    if workspace.root is None:
        return commit_tree(git_of(workspace), None, commit_of(workspace, "HEAD"))
    if index:
        return index_tree(git_of(workspace), workspace.root, workspace.prefix)
    if workspace.git is None:
        return folder_tree(workspace.root)
    return work_tree(workspace.git, workspace.root, workspace.prefix)


def catalogue(workspace: Workspace) -> Catalogue:
    """Return what the workspace goes by: kinds, rules, facts, papers, pages, codes."""
    return load_catalogue(tree_of(workspace))


def catalogue_at(workspace: Workspace, revision: str) -> Catalogue:
    """Return what a revision goes by, its own plugins included: for judging under it."""
    return load_catalogue(tree_of(workspace, revision), trusted=True)


def clock_at(workspace: Workspace, revision: str, as_of: str) -> int:
    """Return ``as_of`` in the company's zone, as microseconds since 1970."""
    return clock(read_config(tree_of(workspace, revision)), as_of)
