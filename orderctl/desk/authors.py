"""Who had a hand in an order: the persons whose signed commits changed its material content, in any revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderctl.desk.repository import in_repository, repository
from orderctl.digest import material_digest
from orderctl.load import load

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk


def authors_of(at: Desk, path: str) -> tuple[list[str], list[str]]:
    """Return the persons, sorted, and the commits that changed the order's content without a signature of any of them.

    The whole history of the file counts: a revision that landed long ago had its makers too.
    """
    git, _ = repository(at.workspace)
    place = in_repository(at.workspace, path)
    listed = git.run("rev-list", "--full-history", at.head, "--", place).decode().split()
    people, unknown = set(), []
    for commit in listed:
        if not _changes(at, commit, place):
            continue
        if person := _signer(at, commit):
            people.add(person)
        else:
            unknown.append(commit)
    return sorted(people), unknown


def _changes(at: Desk, commit: str, place: str) -> bool:
    """Tell whether a commit gave the order a content that none of its parents has."""
    git, _ = repository(at.workspace)
    own = _digest(at, commit, place)
    parents = git.run("rev-list", "--parents", "-n", "1", commit).decode().split()[1:]
    return own is not None and all(own != _digest(at, parent, place) for parent in parents)


def _digest(at: Desk, commit: str, place: str) -> str | None:
    """Return the digest of the order as a commit has it; its blob's id while it can't be read; None if it is gone."""
    git, _ = repository(at.workspace)
    blob = git.resolve(f"{commit}:{place}", "")
    raw = at.objects.blob(blob) if blob else None
    if raw is None:
        return None
    data, _findings = load(place, raw)
    return material_digest(at.catalogue.kinds["order"].schema, data) if data is not None else blob


def _signer(at: Desk, commit: str) -> str:
    """Return the person whose key signed a commit, "" if it isn't signed by any that the policy knows.

    A key that was retired since counts: who made something stays who made it.
    """
    from orderctl.trust.commit import parse_commit
    from orderctl.trust.refusal import Refusal
    from orderctl.trust.sshsig import verify

    found = at.objects.get(commit)
    if found is None:
        return ""
    try:
        parsed = parse_commit(commit, found[1])
        key = at.policy.ring.get(verify(parsed.armor or b"", parsed.payload, "git"))
    except Refusal:
        return ""
    return key.person if key else ""
