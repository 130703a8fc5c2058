"""The trusted files as they lie there in; the next version of the policy's manifest out, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderctl.desk.base import landed
from orderctl.desk.decide import denied
from orderctl.desk.matter import POLICY
from orderctl.desk.record import record
from orderctl.desk.repository import repository
from orderctl.desk.statements import instant
from orderctl.load import load
from orderctl.model import Finding
from orderctl.tree import REGULAR, Tree, commit_tree, work_tree

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk
    from orderctl.desk.signer import Signer


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy that isn't committed yet: its manifest and the trusted files that differ from HEAD.

    ``changes``: path → added, changed or removed, compared with the policy before; ``gone``: files that disappear.
    """

    version: int
    manifest: bytes
    files: Mapping[str, bytes]
    gone: tuple[str, ...]
    changes: Mapping[str, str]
    findings: tuple[Finding, ...]


def policy_draft(at: Desk, person: str, reason: str) -> PolicyDraft:
    """Return the next version of the policy, made of the trusted files in the work tree. Raises SetupError when
    nothing changed."""
    from orderctl.trust.policy import is_trusted, manifest, policy_change

    git, _ = repository(at.workspace)
    root = at.workspace.root
    assert root is not None
    now = work_tree(git, root, at.workspace.prefix)
    head = commit_tree(git, root, at.head, at.workspace.prefix)
    base_id = landed(at.workspace, at.head) or at.head
    base = commit_tree(git, root, base_id, at.workspace.prefix)
    new, old, here = (dict(_trusted(tree, is_trusted)) for tree in (now, base, head))
    content = {path: data for path, data in new.items() if path != POLICY}
    before = {path: data for path, data in old.items() if path != POLICY}
    changes = {p: _change(before.get(p), content.get(p)) for p in sorted({*before, *content})}
    changes = {path: change for path, change in changes.items() if change}
    if not changes:
        raise denied(
            "policy_same",
            "政策文件没有改动，无须提交。请先修改 policy/ 等受信任的文件",
            "no trusted file has changed: nothing to submit. Edit policy/ or another trusted file first",
            2,
        )
    raw = old.get(POLICY)
    was = (int((load(POLICY, raw)[0] or {}).get("version", 0)), raw) if raw is not None else None
    made = manifest(content, was, person, reason, instant(at.now, at.policy.zone))
    after = {**content, POLICY: made}

    def reading(files: Mapping[str, bytes]):  # type: ignore[no-untyped-def]
        return lambda path: (REGULAR, files[path]) if path in files else None

    _, findings = policy_change(at.policy, reading(old), reading(after), after, at.catalogue.kinds)
    differing = {path: data for path, data in after.items() if here.get(path) != data and path != POLICY}
    gone = tuple(path for path in sorted(here) if path not in after)
    version = int((load(POLICY, made)[0] or {}).get("version", 0))
    return PolicyDraft(version, made, differing, gone, changes, tuple(findings))


def _trusted(tree: Tree, is_trusted) -> Iterator[tuple[str, bytes]]:  # type: ignore[no-untyped-def]
    wanted = [entry for entry in tree.entries() if is_trusted(entry.path)]
    for entry, data in tree.contents(wanted):
        if data is not None:
            yield entry.path, data


def _change(old: bytes | None, new: bytes | None) -> str:
    if old == new:
        return ""
    return "added" if old is None else "removed" if new is None else "changed"


def finish(
    at: Desk, made: PolicyDraft, signer: Signer, *, commits: bool = True, as_of: str = ""
) -> tuple[str, Mapping[str, bytes]]:
    """Commit the manifest with every trusted file that isn't committed yet; return the commit and the files."""
    files = {POLICY: made.manifest}
    message = f"policy: submit version {made.version}"
    commit = record(
        at.workspace, files, message, signer, at.policy, at=as_of, commits=commits, also=made.files, gone=made.gone
    )
    return commit, {**made.files, **files}
