"""One statement that a step brings: is it about this, by somebody who may, proved, and does it count?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from orderctl.approvals import StageState, authors, is_bare, may_decide
from orderctl.codes import approval as codes
from orderctl.digest import digest_without, immaterial_pointers, value_digest
from orderctl.model import Document, Finding
from orderctl.rule import Code
from orderctl.seats import who_may_decide
from orderctl.trust.context import AHEAD, Context
from orderctl.trust.evidence import prove
from orderctl.trust.lateness import as_known
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import State, seconds
from orderctl.trust.subject import Subject, statements_on
from orderctl.workdays import moment

_NEEDED = ("repository", "number", "path", "immaterial", "policy", "nonce")
Refuse = Callable[..., Finding]


def judge_statement(
    context: Context,
    statement: Document,
    subject: Subject | None,
    flow: Mapping[str, Any],
    stages: Sequence[StageState],
    submission: Document | None,
    committers: Iterable[str],
    earlier: Mapping[int, frozenset[str]],
) -> Iterator[Finding]:
    """Yield what is wrong with a new statement. ``stages`` is how its flow stands in the resulting state.

    ``earlier``: revision → digests that the subject had before or within the step, for statements about those.
    """

    def no(code: Code, pointer: str = "", **params: Any) -> Finding:
        who = str(statement["person"])
        return code.at(statement.path, pointer, commit=context.after_id, person=who, **params)

    lacking = next((name for name in _NEEDED if name not in statement), "")
    if lacking:
        yield no(codes.APPROVAL_INCOMPLETE, field=lacking)
        return
    yield from _used_twice(context, statement, no)
    if statement["repository"] != context.policy.repository:
        yield no(codes.APPROVAL_CONTEXT, "/repository", named=statement["repository"])
        return
    named = f"{statement['subject']} {statement['number']} {statement['path']}"
    if subject is None or _name_of(subject) != named:
        expected = _name_of(subject) if subject else statement.path.rpartition("/approvals/")[0]
        yield no(codes.APPROVAL_SUBJECT, named=named, expected=expected)
        return
    person = str(statement["person"])
    if person not in context.policy.people:
        yield no(codes.PERSON_UNKNOWN, "/person", who=person)
        return
    found = [
        *_content(context, statement, subject, earlier, no),
        *_policy(context, statement, flow, no),
        *_time(context, statement, no),
    ]
    if is_bare(statement["opinion"]) and statement["decision"] != "withdraw":
        found.append(no(codes.APPROVAL_OPINION, "/opinion", opinion=statement["opinion"]))
    yield from found
    stage = next((s for s in stages if s.id == statement["stage"]), None)
    if stage is None:
        names = ", ".join(s.id for s in stages) or "-"
        yield no(codes.APPROVAL_STAGE, "/stage", stage=statement["stage"], stages=names, subject=subject.number)
        return
    if statement["decision"] == "withdraw":
        yield from _withdrawal(context, statement, subject, no)
    person_found = list(_person(context, statement, subject, stage, stages, flow, submission, no))
    yield from person_found
    if statement["revision"] == subject.revision and statement["decision"] != "withdraw":
        yield from context_findings(context.after, statement, stage, no)
        if not found and not person_found and not _counts(context, statement, stage, stages):
            yield no(codes.APPROVAL_ORDER, "/stage", stage=stage.id)
    try:
        prove(context, statement, stage.evidence, tuple(committers))
    except Refusal as refusal:
        yield refusal.finding


def _name_of(subject: Subject) -> str:
    return f"{subject.document.kind} {subject.number} {subject.path}"


def _content(
    context: Context, statement: Document, subject: Subject, earlier: Mapping[int, frozenset[str]], no: Refuse
) -> Iterator[Finding]:
    """Yield whether the statement is of this content: digest, revision, and what it leaves out."""
    kind = context.world.parser.kinds[subject.document.kind]
    allowed = frozenset(immaterial_pointers(kind.schema))
    for pointer in statement["immaterial"]:
        if pointer not in allowed:
            yield no(codes.APPROVAL_IMMATERIAL, "/immaterial", left_out=pointer)
            return
    revision = int(statement["revision"])
    if revision == subject.revision:
        if subject.digest(statement["immaterial"]) != statement["digest"]:
            yield no(codes.APPROVAL_DIGEST, "/digest", subject=subject.number)
    elif statement["digest"] not in earlier.get(revision, frozenset()):
        yield no(
            codes.APPROVAL_REVISION, "/revision", named=revision, expected=subject.revision, subject=subject.number
        )


def _policy(context: Context, statement: Document, flow: Mapping[str, Any], no: Refuse) -> Iterator[Finding]:
    """Yield whether the policy that it was given under still holds for it."""
    version, now = int(statement["policy"]["version"]), context.policy.version
    if not known_policy(context, statement) or version < min(now, int(flow.get("since", 1))):
        yield no(codes.APPROVAL_POLICY, "/policy", named=version, expected=now)


def known_policy(context: Context, document: Document) -> bool:
    """Tell whether the policy that a statement or submission names is the one in force, or one before it."""
    version, now = int(document.get("/policy/version", 0)), context.policy.version
    return 0 < version < now or (version == now and document.get("/policy/digest") == context.policy.digest)


def _used_twice(context: Context, statement: Document, no: Refuse) -> Iterator[Finding]:
    """Yield when another statement or the submission beside it has the same nonce: it is a copy."""
    files = context.world.trees.files(context.after.tree, statement.path.rpartition("/")[0])
    beside = [path for path in sorted(files) if path.endswith(".yaml")]
    for other in map(context.after.document, [*beside, f"{statement.unit}/submission.yaml"]):
        if other is not None and other.path != statement.path and other.get("nonce") == statement["nonce"]:
            yield no(codes.APPROVAL_NONCE, "/nonce", other=other.path)
            return


def _withdrawal(context: Context, statement: Document, subject: Subject, no: Refuse) -> Iterator[Finding]:
    """Yield unless it takes back something: what its own person had decided at this stage on this revision by then."""
    named = str(statement.get("withdraws", ""))
    for other in statements_on(context.after, subject):
        if (
            other["decision"] != "withdraw"
            and all(other.get(name) == statement[name] for name in ("person", "stage", "revision", "path"))
            and moment(other["issued"]) <= moment(statement["issued"])
            and (not named or sha256(context.after.read(other.path) or b"").hexdigest() == named)
        ):
            return
    who, stage = str(statement["person"]), statement["stage"]
    yield no(codes.APPROVAL_WITHDRAWS, "/withdraws", named=named[:12] or "-", who=who, stage=stage)


def _time(context: Context, statement: Document, no: Refuse) -> Iterator[Finding]:
    zone = context.policy.zone
    if seconds(statement["issued"], zone) > context.observed + AHEAD:
        yield no(codes.APPROVAL_AHEAD, "/issued", issued=statement["issued"])
    if "expires" in statement and seconds(statement["expires"], zone) <= context.observed:
        yield no(codes.APPROVAL_EXPIRED, "/expires", expires=statement["expires"])


def _person(
    context: Context,
    statement: Document,
    subject: Subject,
    stage: StageState,
    stages: Sequence[StageState],
    flow: Mapping[str, Any],
    submission: Document | None,
    no: Refuse,
) -> Iterator[Finding]:
    """Yield whether this person may decide here: not their own work, one seat only, in the role, and in turn.

    Who has which role is what the state before says: nobody takes a seat by the change that gives it to them.
    """
    person = str(statement["person"])
    if statement["decision"] == "withdraw":
        return
    behind = {person, str(statement.get("for", person))}
    own = authors(subject.document, submission)
    if statement["decision"] == "approve" and behind & own:
        yield no(codes.SOD_SELF, "/person", who=person, subject=subject.number)
        return
    other = next((s.id for s in stages if s.id != stage.id and any(_same(d, statement) for d in s.decisions)), "")
    if other:
        yield no(codes.SOD_SAME_PERSON, "/person", who=person, stage=other)
        return
    if not context.policy.active(person, context.observed):
        yield no(codes.PERSON_LEFT, "/person", who=person)
        return
    by = str(statement.get("for", ""))
    times = (statement["issued"], "") if by else (statement["issued"],)  # a deputy's time is past for good

    def may(stage: StageState) -> bool:
        return all(may_decide(person, stage, subject.document, at, context.before, for_=by) for at in times)

    usual = replace(stage, escalate="")
    if may(usual):
        return
    able = ", ".join(who_may_decide(usual, subject.document, own, context.before.passed, context.before)) or "-"
    if not may(stage):
        yield no(codes.ROLE_INACTIVE, "/person", who=person, stage=stage.id, role=", ".join(stage.roles), able=able)
        return
    known = as_known(context, stage, stages, flow, submission)
    if not may(known):
        since, due = known.since, known.due or "-"
        yield no(codes.ROLE_EARLY, "/person", who=person, stage=stage.id, since=since, due=due, able=able)


def _counts(context: Context, statement: Document, stage: StageState, stages: Sequence[StageState]) -> bool:
    """Tell whether a statement counts, or did until its own person said something else."""
    if any(d.path == statement.path for s in stages for d in s.decisions):
        return True
    issued = moment(statement["issued"])
    if any(d["person"] == statement["person"] and moment(d["issued"]) >= issued for d in stage.decisions):
        return True
    return any(_withdraws(context.after, other, statement) for other in context.after.case(statement, "approval"))


def _same(one: Document, other: Document) -> bool:
    return one["person"] == other["person"] and one.path != other.path


def _withdraws(state: State, withdrawal: Document, statement: Document) -> bool:
    data = state.read(statement.path) or b""
    return bool(withdrawal["decision"] == "withdraw" and withdrawal.get("withdraws") == sha256(data).hexdigest())


def context_findings(state: State, statement: Document, stage: StageState, no: Refuse) -> Iterator[Finding]:
    """Yield where what the decision rests on isn't named, or has another value in ``state``."""
    named = {(c["path"], c.get("pointer", "")): c["digest"] for c in statement.get("context", ())}
    wanted = dict.fromkeys((*looked_at(state, statement, stage.looks_at), *named))
    for path, pointer in wanted:
        document = state.document(path)
        value = None if document is None else document.get(pointer) if pointer else document.data
        if named.get((path, pointer)) != value_digest(value):
            yield no(codes.APPROVAL_CONTEXT_DIGEST, "/context", basis=f"{path} {pointer}".rstrip())


def looked_at(state: State, statement: Document, looks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield (path, pointer) of what a stage looks at: documents that the subject names by kind (customer …)."""
    subject = state.document(f"{statement.unit}/{statement.get('path', '')}") if statement.case else None
    for look in looks:
        id = subject.get(str(look["kind"]).replace("-", "_")) if subject else None
        path = state.master(str(look["kind"]), id) if isinstance(id, str) else ""
        if path:
            yield path, str(look.get("pointer", ""))


def earlier_digests(documents: Iterable[Document | None], immaterial: Iterable[str]) -> dict[int, frozenset[str]]:
    """Return revision → digests of a subject's earlier contents."""
    found: dict[int, set[str]] = {}
    for document in documents:
        if document is not None:
            found.setdefault(int(document.get("revision", 1)), set()).add(digest_without(document.data, immaterial))
    return {revision: frozenset(digests) for revision, digests in found.items()}
