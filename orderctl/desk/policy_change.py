"""The trusted files as they lie there in; the next version of the policy's manifest out, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderctl.desk.base import landed
from orderctl.desk.decide import denied
from orderctl.desk.matter import POLICY, check_sound, opened
from orderctl.desk.record import record
from orderctl.desk.repository import repository
from orderctl.desk.statements import instant
from orderctl.load import load
from orderctl.model import Finding
from orderctl.tree import REGULAR, Tree, commit_tree, work_tree

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk
    from orderctl.desk.signer import Signer
    from orderctl.schema import Kind
    from orderctl.workspace import Workspace


PEOPLE = "policy/people.yaml"


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
    if not changes and POLICY in old:
        raise denied(
            "policy_same",
            "政策文件没有改动，无须提交。请先修改 policy/ 等受信任的文件",
            "no trusted file has changed: nothing to submit. Edit policy/ or another trusted file first",
            2,
        )
    _check_still_there(content.get(PEOPLE, b""), person)
    raw = old.get(POLICY)
    was = (int((load(POLICY, raw)[0] or {}).get("version", 0)), raw) if raw is not None else None
    made = manifest(content, was, person, reason, instant(at.now, at.policy.zone))
    check_sound(at, POLICY, made)
    after = {**content, POLICY: made}

    if was is None:
        findings = _faults(after, at.catalogue.kinds)
    else:
        findings = policy_change(at.policy, _reading(old), _reading(after), after, at.catalogue.kinds)[1]
    differing = {path: data for path, data in after.items() if here.get(path) != data and path != POLICY}
    gone = tuple(path for path in sorted(here) if path not in after)
    version = int((load(POLICY, made)[0] or {}).get("version", 0))
    return PolicyDraft(version, made, differing, gone, changes, tuple(findings))


def _check_still_there(people: bytes, person: str) -> None:
    """Raise SetupError when whoever signs is no longer in the list: what they sign would name nobody."""
    listed = (load(PEOPLE, people)[0] or {}).get("people") or ()
    ids = [p.get("id") for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    if ids and person not in ids:
        raise denied(
            "policy_person",
            f"新的 policy/people.yaml 里没有您（{person}）了。人员编号永远不变，签过的文件都写着它："
            f"请保留 id: {person}，只改姓名等内容；离职者写 left_on",
            f"the new policy/people.yaml no longer has you ({person}). Ids are for ever, since what was signed names "
            f"them: keep id: {person} and change the name; who leaves gets left_on",
        )


@contextmanager
def first_desk(workspace: Workspace, as_of: str | None) -> Iterator[Desk]:
    """Open HEAD with the policy that the trusted files in the work tree would make: there is none yet to go by.

    Raises SetupError, or PolicyError.
    """
    from orderctl.trust.policy import is_trusted, load_policy, manifest

    git, _ = repository(workspace)
    assert workspace.root is not None
    with opened(workspace, as_of) as at:
        files = dict(_trusted(work_tree(git, workspace.root, workspace.prefix), is_trusted))
        files.pop(POLICY, None)
        people = (load(PEOPLE, files.get(PEOPLE, b""))[0] or {}).get("people") or [{}]
        anybody = str(people[0].get("id", "nobody")) if isinstance(people[0], dict) else "nobody"
        files[POLICY] = manifest(files, None, anybody, "first policy", instant(at.now, "UTC"))
        yield at.desk(at.state, load_policy(_reading(files), at.catalogue.kinds))


def _reading(files: Mapping[str, bytes]) -> Callable[[str], tuple[str, bytes] | None]:
    return lambda path: (REGULAR, files[path]) if path in files else None


def _faults(files: Mapping[str, bytes], kinds: Mapping[str, Kind]) -> list[Finding]:
    from orderctl.trust.policy import PolicyError, load_policy

    try:
        load_policy(_reading(files), kinds)
    except PolicyError as error:
        return list(error.findings)
    return []


def _trusted(tree: Tree, is_trusted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
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
    commit = record(at, files, message, signer, when=as_of, commits=commits, also=made.files, gone=made.gone)
    return commit, {**made.files, **files}
