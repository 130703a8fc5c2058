"""An order as it is committed in; the submission of exactly this content, its authors named, out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orderctl.desk.authors import authors_of
from orderctl.desk.base import landed
from orderctl.desk.decide import denied
from orderctl.desk.matter import check_committed, check_sound
from orderctl.desk.record import record
from orderctl.desk.repository import in_repository, repository, user_git
from orderctl.desk.send import is_one_step, step_onto
from orderctl.desk.sign import sign
from orderctl.desk.statements import instant, written
from orderctl.digest import digest_without, immaterial_pointers
from orderctl.gather import is_below
from orderctl.load import load
from orderctl.model import Finding, Severity
from orderctl.pipeline import run
from orderctl.tree import REGULAR, Entry, Tree, commit_tree

if TYPE_CHECKING:
    from orderctl.catalogue import Catalogue
    from orderctl.desk.matter import Desk, Matter
    from orderctl.desk.signer import Signer


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that isn't signed yet: its bytes, and the commits whose signer nobody knows."""

    path: str
    data: bytes
    authors: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """What the check says about the case as it would be, the submission in it."""

    errors: tuple[Finding, ...]
    tree: Tree
    catalogue: Catalogue


def submission(at: Desk, matter: Matter, person: str, check_text: Mapping[str, str]) -> Submission:
    """Return the submission of an order. Raises SetupError where it can't be submitted as it is."""
    doc = matter.subject.document
    path = f"{matter.subject.folder}/submission.yaml"
    for place in (doc.path, path, path + ".sig"):
        check_committed(at, place)
    immaterial = immaterial_pointers(at.catalogue.kinds[doc.kind].schema)
    digest = digest_without(doc.data, immaterial)
    _check_revision(at, matter, digest, immaterial)
    made_by, unknown = authors_of(at, doc.path)
    before = matter.submission
    earlier = {*before.get("authors", ()), before["submitted_by"]} if before else set()
    authors = tuple(sorted({*made_by, *earlier, person}))
    data = {
        "schema": "submission/1",
        "repository": at.policy.repository,
        "number": matter.subject.number,
        "revision": matter.subject.revision,
        "digest": digest,
        "sha256": sha256(matter.raw).hexdigest(),
        "immaterial": immaterial,
        "submitted_by": person,
        "submitted_at": instant(at.now, at.policy.zone),
        "self_check": dict(check_text),
        "authors": list(authors),
        "policy": {"version": at.policy.version, "digest": at.policy.digest},
        "nonce": secrets.token_hex(16),
    }
    made = written(data, at.catalogue.kinds["submission"])
    check_sound(at, path, made)
    return Submission(path, made, authors, tuple(unknown))


def _check_revision(at: Desk, matter: Matter, digest: str, immaterial: list[str]) -> None:
    """Raise SetupError for what was submitted already, and for a revision that doesn't fit what has landed."""
    number, revision, before = matter.subject.number, matter.subject.revision, matter.submission
    if before is not None and is_submitted(at, matter, digest):
        by = str(before["submitted_by"])
        raise denied(
            "submitted",
            f"订单 {number} 第 {revision} 版已由 {at.names.person(by, 'zh')}于 {before['submitted_at']} 提交，无须重复",
            f"order {number}, revision {revision}, was submitted by {at.names.person(by, 'en')} "
            f"on {before['submitted_at']} already; nothing is left to do",
        )
    base = _landed(at, matter.subject.document.path)
    if base is not None:
        old = int(base.get("revision", 1))
        expected = old if digest_without(base, immaterial) == digest else old + 1
    elif before is not None and landed(at.workspace, at.head) == "":
        expected = int(before["revision"]) + (before["digest"] != digest)
    else:
        return
    if revision != expected:
        raise denied(
            "revision",
            f"订单 {number} 的 revision 应为 {expected}，现为 {revision}（每次修改内容加一）。请改好并提交后再运行一次",
            f"order {number} should say revision: {expected}, not {revision} (a change of content raises it by one). "
            "Mend it, commit it, then run again",
        )


def is_submitted(at: Desk, matter: Matter, digest: str) -> bool:
    """Tell whether the order is submitted as it is; once that has landed, for good."""
    revision, before = matter.subject.revision, matter.submission
    if before is None or before["revision"] != revision or before["digest"] != digest:
        return False
    same = before.get("sha256", "") in ("", sha256(matter.raw).hexdigest())
    return same or _has_landed(at, matter, digest)


def _has_landed(at: Desk, matter: Matter, digest: str) -> bool:
    path, revision = f"{matter.subject.folder}/submission.yaml", matter.subject.revision
    return _landed(at, path, revision=revision, digest=digest) is not None


def _landed(at: Desk, path: str, **fields: Any) -> Mapping[str, Any] | None:
    """Return a document as it has landed with these fields, None if it hasn't or nobody knows what has."""
    git, _ = repository(at.workspace)
    base = landed(at.workspace, at.head)
    place = in_repository(at.workspace, path)
    blob = git.resolve(f"{base}:{place}", "") if base and base != at.head else None
    raw = at.objects.blob(blob) if blob else None
    found = load(path, raw)[0] if raw is not None else None
    return found if found is not None and all(found.get(name) == value for name, value in fields.items()) else None


def judge(at: Desk, matter: Matter, made: Submission, as_of: str | None) -> Judged:
    """Return the errors of the case as it would be with the submission in it."""
    git, _ = repository(at.workspace)
    tree = commit_tree(git, at.workspace.root, at.head, at.workspace.prefix)
    added = {}
    for path, data in ((made.path, made.data),):
        blob = user_git(at.workspace, "hash-object", "-w", "--stdin", stdin=data).stdout.decode().strip()
        added[path] = Entry(path, REGULAR, blob)
    tree = replace(tree, overlay={**tree.overlay, **added})
    with run(at.workspace, tree, as_of=as_of) as it:
        found = [f for f in it.findings() if is_below(f.path, (matter.subject.folder,)) or not f.path]
        errors = tuple(f for f in found if f.severity is Severity.ERROR)
        return Judged(errors, tree, it.catalogue)


def finish(
    at: Desk, matter: Matter, made: Submission, signer: Signer, *, commits: bool = True, as_of: str = ""
) -> tuple[str, Mapping[str, bytes]]:
    """Sign and commit a submission; return the commit ("" without) and the files."""
    files = {made.path: made.data, made.path + ".sig": sign(made.data, signer)}
    message = f"{matter.subject.number}: submit revision {matter.subject.revision}"
    onto = step_onto(at.workspace, at.head)
    return record(at, files, message, signer, when=as_of, commits=commits, onto=onto), files


def join(at: Desk, matter: Matter, signer: Signer, *, as_of: str = "") -> str:
    """Make one step of the commits of a submission that came apart (a rebase drops merges); return the merge, "" where
    there is nothing to join."""
    doc = matter.subject.document
    digest = digest_without(doc.data, immaterial_pointers(at.catalogue.kinds[doc.kind].schema))
    if not is_submitted(at, matter, digest) or _has_landed(at, matter, digest) or is_one_step(at.workspace, at.head):
        return ""
    message = f"{matter.subject.number}: submit revision {matter.subject.revision}"
    return record(at, {}, message, signer, when=as_of, onto=step_onto(at.workspace, at.head))
