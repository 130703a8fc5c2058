"""Before a commit: the index is judged, never the files on disk. Before a push: what the server will say, said here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from orderctl.git import Git
from orderctl.language import texts
from orderctl.pipeline import Outcome, check
from orderctl.tree import index_tree
from orderctl.trust.policy import is_trusted
from orderctl.trust.server import MAIN, MANIFEST, ZERO, user_setting
from orderctl.workspace import Workspace

if TYPE_CHECKING:
    from orderctl.gate import Verdict


def judge_index(workspace: Workspace) -> Outcome:
    """Return what a check says of the staged state, against HEAD if there is one."""
    assert workspace.git is not None
    base = "HEAD" if workspace.git.resolve("HEAD") else None
    return check(workspace, index=True, changed=base)


def warnings(workspace: Workspace, language: str) -> Iterator[str]:
    """Yield what the gate may refuse later although the documents are sound."""
    _ = texts(language).gettext
    git = workspace.git
    assert git is not None and workspace.root is not None
    paths = sorted(index_tree(git, workspace.root, workspace.prefix).overlay)
    policy = [p for p in paths if is_trusted(p)]
    others = [p for p in paths if p not in policy and not p.startswith("policy/")]
    tree = index_tree(git, workspace.root, workspace.prefix)
    if tree.read(MANIFEST) is None:
        return
    if policy and others:
        sentence = _("{path} is policy and travels alone: take {other} out of this commit, or the gate refuses both.")
        yield sentence.format(path=policy[0], other=others[0])
    if policy and MANIFEST not in paths:
        yield _("{path} is policy: orderctl submit policy raises its version first.").format(path=policy[0])
    if user_setting(workspace.root, "commit.gpgSign", "bool") != "true":
        yield _("Commits are not signed here, and the gate takes signed ones only: git config commit.gpgSign true")


def judge_outgoing(workspace: Workspace, data: bytes, settings: Mapping[str, str]) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdict for each protected branch that a push from here would move. Raises SetupError."""
    from orderctl.gate import gate

    git = workspace.git
    assert git is not None
    protected = settings.get("orderctl.protected", MAIN)
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        _local, new, ref, old = (line.split(" ") + [""] * 4)[:4]
        if ref == protected and new.strip("0") and old != ZERO and _is_here(git, old):
            yield ref, gate(workspace, old, new)


def _is_here(git: Git, id: str) -> bool:
    return git.resolve(id) is not None
