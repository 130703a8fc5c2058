"""Every commit of a step: its grammar, time, signature, what a merge hides, and the rights behind each changed path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orderctl.classify import file_limit, in_evidence, is_evidence, path_findings, too_large, unit_of
from orderctl.codes import gate as codes
from orderctl.codes.approval import APPROVAL_IMMUTABLE, PERSON_LEFT
from orderctl.codes.tree import PATH_UNCLASSIFIED, TREE_UNREADABLE
from orderctl.model import Finding
from orderctl.tree import REGULAR, Entry
from orderctl.trust.commit import Commit
from orderctl.trust.context import AHEAD, Context, Signed, is_statement
from orderctl.trust.denial import denied
from orderctl.trust.keys import COMMITS, signer
from orderctl.trust.merge import Sides, deviations, retold
from orderctl.trust.parser import Parsed
from orderctl.trust.pgp import BEGIN as PGP
from orderctl.trust.pgp import pgp_signer
from orderctl.trust.policy import is_trusted
from orderctl.trust.refusal import Refusal
from orderctl.trust.rights import Able, able, changed_pointers, covered
from orderctl.trust.soundness import EVIDENCE
from orderctl.trust.state import State, text_of
from orderctl.trust.vouch import vouched

_OVERLAP = ("README.md", "LICENSE", ".gitignore")


def judge_commits(context: Context, ids: Sequence[str]) -> tuple[list[Signed], list[Finding]]:
    """Return the commits that could be read, with their signers, and what is refused about any."""
    signed: list[Signed] = []
    findings: list[Finding] = []
    for id in ids:
        try:
            commit = context.graph.commit(id)
            findings += _time(context, commit)
            one = _signed(context, commit)
        except Refusal as refusal:
            findings.append(refusal.finding)
            continue
        signed.append(one)
        findings += _judge(context, one)
    return signed, findings


def undone(context: Context, sides: Mapping[str, Sides], signed: Sequence[Signed]) -> Iterator[Finding]:
    """Yield each trusted file that a commit changes although the step, whose net change is ``sides``, doesn't: no state
    of the branch says so, so nobody approved it. What the branch says already, or a merge takes from its other side,
    is no such change."""
    trees, graph = context.world.trees, context.graph
    for one in signed:
        known = [context.before.tree, *(graph.commit(parent).tree for parent in one.commit.parents[1:])]
        for path, (_, new) in sorted(one.changed.items()):
            if is_trusted(path) and path not in sides and all(trees.find(tree, path) != new for tree in known):
                commit = one.commit.id
                yield codes.POLICY_UNDONE.at(path, commit=commit, person=one.person, commit_short=commit[:10])


def _signed(context: Context, commit: Commit) -> Signed:
    """Return the commit with its signer and what it changed. Raises Refusal for a tree that can't be read."""
    person, problem = "", None
    try:
        person = _signer(context, commit)
    except Refusal as refusal:
        problem = refusal.finding
    if not commit.parents:
        raise Refusal(codes.REF_UNRELATED.at("", commit=commit.id, person=person))
    if len(commit.parents) == 1:
        parent = context.graph.commit(commit.parents[0])
        return Signed(commit, person, context.world.trees.diff(parent.tree, commit.tree), problem)
    off, conflicts = deviations(context.world, context.graph, commit)
    if smuggled := sorted(off.keys() - conflicts):
        raise Refusal(codes.MERGE_UNCLEAN.at(smuggled[0], commit=commit.id, person=person))
    if problem is None:
        return Signed(commit, person, off)
    off |= retold(context.world, context.graph, commit)  # nobody answers for it
    idle = context.graph.is_ancestor(commit.parents[1], commit.parents[0])  # there was nothing to merge
    return Signed(commit, person, off, problem if off or idle else None)


def _signer(context: Context, commit: Commit) -> str:
    """Return the person who signed a commit; raise Refusal if that isn't proved."""
    armor, at, policy, observed = commit.armor, commit.committer.at, context.policy, context.observed
    if armor is not None and armor.startswith(PGP) and policy.permissions.get("gpg") is True:
        people, revoked = policy.people_data, policy.revoked
        key = pgp_signer(people, revoked, armor, commit.payload, at, observed, commit=commit.id)
    else:
        key = signer(policy.ring, armor, commit.payload, COMMITS, at, observed, commit=commit.id)
    if not context.policy.active(key.person, context.observed):
        raise Refusal(PERSON_LEFT.at("", commit=commit.id, person=key.person, who=key.person))
    return key.person


def _time(context: Context, commit: Commit) -> Iterator[Finding]:
    at = commit.committer.at
    if at > context.observed + AHEAD:
        yield codes.TIME_SKEW.at("", commit=commit.id, person="", at=text_of(at))
    hours = context.policy.permissions.get("max_age_hours")
    if hours is not None and at < context.observed - hours * 3600:
        yield codes.TIME_OLD.at("", commit=commit.id, person="", at=text_of(at), hours=hours)


def _judge(context: Context, signed: Signed) -> Iterator[Finding]:
    """Yield what is refused about a commit: who made it, and each path that it changed."""
    state = State(context.world, signed.commit.tree, context.observed)
    persons: Mapping[str, str] = {}
    if not signed.person and signed.changed:
        persons = vouched(context, state, signed.changed)
        if not persons.keys() >= signed.changed.keys():
            assert signed.problem is not None
            yield signed.problem
            return
    elif not signed.person and signed.problem:
        yield signed.problem  # it changes nothing, but nobody says who made it
    moved = _archived(context, signed)
    for path, (old, new) in sorted(signed.changed.items()):
        if new is not None:
            for finding in path_findings(new):
                yield _with(finding, signed.commit.id, signed.person)
        if path not in moved:
            yield from _size(context, signed, path, new)
            yield from _path(context, state, signed, path, (old, new), persons.get(path, signed.person))


def _size(context: Context, signed: Signed, path: str, new: Entry | None) -> Iterator[Finding]:
    """Yield that a file is too large. What is trusted is as large as those who approve it allow."""
    if new is None or new.mode != REGULAR or is_trusted(path):
        return
    data, limit = context.world.trees.objects.blob(new.blob), file_limit(context.policy.permissions)
    if data is None:
        yield _with(TREE_UNREADABLE.at(path, line=1, column=1), signed.commit.id, signed.person)
    elif len(data) > limit:
        yield _with(too_large(path, len(data), limit), signed.commit.id, signed.person)


def _path(context: Context, state: State, signed: Signed, path: str, sides: Sides, person: str) -> Iterator[Finding]:
    """Yield what is refused about one changed path. ``person`` changed it."""
    old, new = sides
    commit = signed.commit.id
    if is_statement(path):
        if old is not None:
            yield APPROVAL_IMMUTABLE.at(path, commit=commit, person=person)
        elif path.split("/")[-2] == "receipts" and "service" not in context.policy.roles(person, context.observed):
            yield denied(context, path, commit, person, action="add", what=path, status="", able=Able(("service",)))
        return
    if is_trusted(path):
        return  # the policy's own approvals decide
    before = state.parse(old) if old else None
    after = state.parse(new) if new else None
    kind = (after or before).kind if (after or before) else ""  # type: ignore[union-attr]
    if not kind and path.endswith(".sig"):
        place = context.world.parser.classify(path.removesuffix(".sig"))
        kind = place[0].name if place else ""
    if not kind and in_evidence(path, context.world.parser.folders):
        kind = EVIDENCE
    known = context.world.parser.kinds.get(kind)
    unit = unit_of(path, known.is_case if known else kind == EVIDENCE)
    status = context.before.status(unit) if unit != path else ""
    action = "add" if old is None else "remove" if new is None else "change"
    if action == "remove" and kind in ("order", "submission") and context.before.entry(path):
        yield codes.DOCUMENT_DELETED.at(path, commit=commit, person=person, kind=kind)
        return
    pointers = _pointers(before, after)
    rights = context.policy.permissions["rights"]
    roles = context.policy.roles(person, context.observed)
    left = covered(rights, roles, kind=kind, path=path, status=status, action=action, pointers=pointers)
    if left and not kind and not _known_place(context, path) and not _has_path_right(context, path):
        yield PATH_UNCLASSIFIED.at(path, line=1, column=1, nearest="", commit=commit, person=person)
    elif left:
        asked = pointers if left == [""] else left
        who = able(rights, kind=kind, path=path, status=status, action=action, pointers=asked)
        yield denied(context, path, commit, person, action=action, what=left[0] or path, status=status, able=who)


def _pointers(before: Parsed | None, after: Parsed | None) -> list[str]:
    """Return the fields that a change touches: [""] where that can't be told, a new document's own fields."""
    if after is None or after.data is None or (before is not None and before.data is None):
        return [""]
    old = {"schema": after.data.get("schema")} if before is None else before.data
    return changed_pointers(old, after.data)


def _known_place(context: Context, path: str) -> bool:
    """Tell whether files other than documents belong at a path."""
    return path in _OVERLAP or (is_evidence(path) and path.partition("/")[0] in context.world.parser.folders)


def _has_path_right(context: Context, path: str) -> bool:
    """Tell whether some line of the rights speaks of this path, for whatever role."""
    for right in context.policy.permissions.get("rights", ()):
        if any(path == p or (p.endswith("/") and path.startswith(p)) for p in right.get("paths", ())):
            return True
    return False


def _with(finding: Finding, commit: str, person: str) -> Finding:
    """Return the finding with the commit and person that it is about."""
    params = {**finding.params, "commit": commit, "person": person}
    return Finding(finding.rule, finding.severity, finding.path, finding.pointer, params, finding.line, finding.column)


def _archived(context: Context, signed: Signed) -> frozenset[str]:
    """Return the paths by which a commit moves whole closed cases to the archive, every blob equal, and nothing else;
    by somebody who may archive. Empty: it is judged like any change."""
    changed = [(path.partition("/"), old, new) for path, (old, new) in signed.changed.items()]
    gone = {name: old.blob for (top, _, name), old, new in changed if old and not new and top == "orders"}
    come = {name: new.blob for (top, _, name), old, new in changed if new and not old and top == "archive"}
    if not gone or gone != come or len(gone) + len(come) != len(changed):
        return frozenset()
    units = {unit_of(f"orders/{name}", True) for name in gone}
    whole = not any(context.world.trees.files(signed.commit.tree, unit) for unit in units)
    stand = {context.before.status(unit) for unit in units}
    roles = context.policy.roles(signed.person, context.observed)
    asked: dict[str, Any] = {"kind": "", "path": "archive/", "action": "add", "pointers": ("",)}
    may = not any(covered(context.policy.permissions["rights"], roles, status=status, **asked) for status in stand)
    return frozenset(signed.changed) if whole and may and stand <= {"closed", "cancelled"} else frozenset()
