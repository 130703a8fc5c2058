"""What doctor says of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orderctl.doctor import Context
from orderctl.model import Finding
from orderctl.tree import folder_tree
from orderctl.workspace import find_workspace
from tests.workspaces import git


def context(root: Path) -> Context:
    git(root, "init", "-q")
    workspace = find_workspace(root)
    assert workspace.git is not None
    return Context(workspace, workspace.git, folder_tree(root), False)


def codes(findings: Any) -> list[str]:
    found: list[Finding] = list(findings)
    return [f.rule for f in found]
