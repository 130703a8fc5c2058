"""What a step does to one case: revisions, the submission, new statements, documents that need an approval first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.approvals import StageState, choose, complete, stand
from orderctl.codes import approval as codes
from orderctl.digest import digest_without, immaterial_pointers, material_digest
from orderctl.model import Document, Finding, freeze
from orderctl.rule import Code
from orderctl.trust.context import Context, Signed
from orderctl.trust.evidence import detached
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import ORDER, State, seconds
from orderctl.trust.statement import context_findings, earlier_digests, judge_statement
from orderctl.trust.subject import Subject, of_case, statements_on
from orderctl.trust.vouch import SUBMISSION, misplaced


@dataclass(frozen=True, slots=True)
class Missing:
    """What a subject still waits for, who can give it, and until when (RFC 3339, "" if nothing says)."""

    subject: str
    stage: str
    role: str
    who: tuple[str, ...]
    due: str


def judge_case(
    context: Context, unit: str, changed: Sequence[str], signed: Sequence[Signed]
) -> tuple[list[Finding], list[Missing]]:
    """Return what is refused about a case that the step changed, and what its order still waits for."""
    order_path = f"{unit}/{ORDER}"
    old, new = context.before.document(order_path), context.after.document(order_path)
    findings: list[Finding] = []
    submission = context.after.document(f"{unit}/{SUBMISSION}")
    if new is not None and {order_path, f"{unit}/{SUBMISSION}", f"{unit}/{SUBMISSION}.sig"} & set(changed):
        findings += _order(context, unit, old, new, submission, signed)
    for path in dict.fromkeys(_subject_paths(context.after, unit, changed)):
        subject = of_case(context.after, unit, path)
        findings += _new_statements(context, unit, path, subject, submission, changed, signed)
    if new is None:
        return [*findings, *_without_order(context, unit, submission, changed)], []
    subject = of_case(context.after, unit, ORDER)
    assert subject is not None
    flow = choose(new, context.after) or {}
    stages = stand_of(context.after, subject, submission, flow)
    findings += _needs_approval(context, unit, old, new, subject, stages, flow, changed)
    return findings, missing_of(subject, stages) if submission is not None else []


def _without_order(
    context: Context, unit: str, submission: Document | None, changed: Sequence[str]
) -> Iterator[Finding]:
    """Yield what came to a case without an order: nothing could be held against it later, once it has landed."""
    if submission is not None and submission.path in changed:
        yield _at(context, codes.SUBMISSION_DIGEST, submission.path, "")
    needing = {r["kind"] for r in context.policy.flows.get("requires", ()) if r["subject"] == "order"}
    for document in context.after.documents(unit):
        if document.kind in needing and document.path in changed:
            params = {"subject": document.case, "stages": "-", "kind": document.kind}
            yield _at(context, codes.APPROVAL_MISSING, document.path, "", **params)


def stand_of(state: State, subject: Subject, submission: Document | None, flow: Any = None) -> tuple[StageState, ...]:
    """Return how a subject's approval stands in a state."""
    own = submission if submission is not None and submission["revision"] == subject.revision else None
    if flow is None:
        flow = choose(subject.document, state)
    return stand(subject.document, statements_on(state, subject), own, state) if flow else ()


def missing_of(subject: Subject, stages: Sequence[StageState]) -> list[Missing]:
    """Return what a subject waits for; nothing once a stage has rejected it."""
    if any(s.state == "rejected" for s in stages):
        return []
    return [
        Missing(subject.number, s.id, "/".join(s.roles) or s.role, s.who, s.due)
        for s in stages
        if s.state in ("open", "waiting")
    ]


def _subject_paths(state: State, unit: str, changed: Sequence[str]) -> Iterator[str]:
    """Yield the paths (relative to the case) of what the step's statements in this case are about."""
    for path in changed:
        if path.startswith(f"{unit}/approvals/") and path.endswith(".yaml"):
            statement = state.document(path)
            if statement is not None:
                yield str(statement.get("path", f"{statement['subject']}.yaml"))


def _new_statements(
    context: Context,
    unit: str,
    path: str,
    subject: Subject | None,
    submission: Document | None,
    changed: Sequence[str],
    signed: Sequence[Signed],
) -> Iterator[Finding]:
    flow = (choose(subject.document, context.after) if subject else None) or {}
    stages = stand_of(context.after, subject, submission, flow) if subject else ()
    for name in changed:
        if not name.startswith(f"{unit}/approvals/") or not name.endswith(".yaml"):
            continue
        statement = context.after.document(name)
        if statement is None or str(statement.get("path", f"{statement['subject']}.yaml")) != path:
            continue
        if context.before.entry(name) is not None:
            continue  # changed although it had landed: refused with its commit
        versions = [context.before.document(f"{unit}/{path}")]
        versions += [
            State(context.world, s.commit.tree, context.observed).document(f"{unit}/{path}")
            for s in signed
            if f"{unit}/{path}" in s.changed
        ]
        earlier = earlier_digests(versions, statement.get("immaterial", ()))
        who = committers(signed, name, context)
        yield from judge_statement(context, statement, subject, flow, stages, submission, who, earlier)
        yield from _used_twice(context, statement)


def committers(signed: Sequence[Signed], path: str, context: Context) -> list[str]:
    """Return the persons whose signed commits brought a file exactly as it is in the result."""
    entry = context.after.entry(path)
    return [s.person for s in signed if s.person and wrote(context, s, path) and s.changed[path][1] == entry]


def wrote(context: Context, signed: Signed, path: str) -> bool:
    """Tell whether a commit itself wrote what it has at a path: a merge that takes what one side has wrote nothing."""
    if path not in signed.changed:
        return False
    parents = signed.commit.parents if len(signed.commit.parents) > 1 else ()
    trees = (context.graph.commit(parent).tree for parent in parents)
    return all(context.world.trees.find(tree, path) != signed.changed[path][1] for tree in trees)


def _used_twice(context: Context, statement: Document) -> Iterator[Finding]:
    nonce = statement.get("nonce")
    for other in context.after.case(statement, "approval"):
        if other.path != statement.path and nonce is not None and other.get("nonce") == nonce:
            yield codes.APPROVAL_NONCE.at(
                statement.path, "/nonce", commit=context.after_id, person=statement["person"], other=other.path
            )
            return


def _order(
    context: Context,
    unit: str,
    old: Document | None,
    new: Document,
    submission: Document | None,
    signed: Sequence[Signed],
) -> Iterator[Finding]:
    """Yield what is refused about an order that came or changed: its revision, and its submission."""
    schema = context.world.parser.kinds["order"].schema
    digest = material_digest(schema, new.data)
    same = old is not None and material_digest(schema, old.data) == digest
    if old is not None:
        expected = old["revision"] + (0 if same else 1)
        if new["revision"] != expected:
            code = codes.REVISION_WITHOUT_CHANGE if same else codes.REVISION_NOT_RAISED
            yield _at(context, code, new.path, "/revision", expected=expected, revision=new["revision"])
    if old is None or old["date"] != new["date"]:
        yield from _dated_back(context, new)
    if submission is None or submission["revision"] != new["revision"]:
        if not same:
            number, revision = new.id, new["revision"]
            yield _at(context, codes.SUBMISSION_MISSING, new.path, "", number=number, revision=revision)
        elif submission is not None and context.before.entry(submission.path) != context.after.entry(submission.path):
            found, revision = submission["revision"], new["revision"]
            yield _at(context, codes.SUBMISSION_REVISION, submission.path, "/revision", found=found, expected=revision)
        return
    left_out = submission.get("immaterial")
    known = frozenset(immaterial_pointers(schema))
    expected = digest if left_out is None else digest_without(new.data, left_out)
    if submission["digest"] != expected or not known.issuperset(left_out or ()):
        yield _at(context, codes.SUBMISSION_DIGEST, submission.path, "/digest")
    listed = {*submission.get("authors", ()), submission["submitted_by"]}
    entered = {str(d["entered_by"]) for d in (old, new) if d is not None and "entered_by" in d.data}
    entered -= {str(new.get("entered_by"))}  # who no longer stands in the order still wrote it
    if left := sorted((_contributors(context, unit, signed) | entered) - listed):
        yield _at(context, codes.SOD_AUTHOR_MISSING, submission.path, "/authors", missing=", ".join(left))
    before = context.before.document(submission.path)
    if before is not None and (dropped := sorted({*before.get("authors", ()), before["submitted_by"]} - listed)):
        yield _at(context, codes.SOD_AUTHOR_MISSING, submission.path, "/authors", missing=", ".join(dropped))
    sides = [(s.entry(submission.path), s.entry(submission.path + ".sig")) for s in (context.before, context.after)]
    if sides[0] != sides[1]:
        yield from misplaced(context, submission)
        yield from _submitter(context, submission, signed)


def _dated_back(context: Context, order: Document) -> Iterator[Finding]:
    """Yield when an order's date, which its writer chooses, takes it out of the flow that holds for orders of today."""
    today = datetime.fromtimestamp(context.observed, ZoneInfo(context.policy.zone)).date().isoformat()
    chosen = choose(order, context.after) or {}
    now = choose(replace(order, data=freeze({**order.data, "date": today})), context.after) or {}
    if order["date"] < today and now.get("id") != chosen.get("id"):
        flow, other = str(chosen.get("id", "-")), str(now.get("id", "-"))
        yield _at(context, codes.ORDER_BACKDATED, order.path, "/date", date=order["date"], flow=flow, other=other)


def _contributors(context: Context, unit: str, signed: Sequence[Signed]) -> set[str]:
    """Return the persons whose signed commits changed the order's material content."""
    schema = context.world.parser.kinds["order"].schema
    found = set()
    for one in signed:
        old, new = one.changed.get(f"{unit}/{ORDER}", (None, None))
        if new is None or not one.person or not wrote(context, one, f"{unit}/{ORDER}"):
            continue
        state = State(context.world, one.commit.tree, context.observed)
        before, after = (state.parse(old).data if old else None), state.parse(new).data
        if (
            before is not None
            and after is not None
            and material_digest(schema, before) == material_digest(schema, after)
        ):
            continue
        found.add(one.person)
    return found


def _submitter(context: Context, submission: Document, signed: Sequence[Signed]) -> Iterator[Finding]:
    """Yield unless the submitter's signature, detached or on the commit, is behind the submission."""
    person = str(submission["submitted_by"])
    if person not in context.policy.people:
        yield _at(context, codes.PERSON_UNKNOWN, submission.path, "/submitted_by", who=person)
        return
    try:
        if detached(
            context, context.after, submission.path, person, seconds(submission["submitted_at"], context.policy.zone)
        ):
            return
    except Refusal as refusal:
        yield refusal.finding
        return
    if person not in committers(signed, submission.path, context):
        yield _at(context, codes.SUBMISSION_SIGNER, submission.path, "/submitted_by", who=person)


def _needs_approval(
    context: Context,
    unit: str,
    old: Document | None,
    new: Document,
    subject: Subject,
    stages: Sequence[StageState],
    flow: Any,
    changed: Sequence[str],
) -> Iterator[Finding]:
    """Yield for each document whose kind may land only when the order is approved; check what the approvals rest on
    in the state in which they become complete."""
    done = bool(stages) and complete(stages)
    names = ", ".join(s.id for s in stages if not s.ratify and s.state != "approved") or "-"
    order_changed = old is None or old.data != new.data
    needing = {r["kind"] for r in context.policy.flows.get("requires", ()) if r["subject"] == "order"}
    for document in context.after.documents(unit):
        if document.kind in needing and not done and (order_changed or document.path in changed):
            yield _at(
                context, codes.APPROVAL_MISSING, document.path, "", subject=new.id, stages=names, kind=document.kind
            )
    if flow.get("land") == "approved" and not done and any(p.startswith(unit + "/") for p in changed):
        yield _at(context, codes.APPROVAL_MISSING, new.path, "", subject=new.id, stages=names, kind="order")
    if done and not _was_complete(context, unit):
        for stage in stages:
            for statement in stage.decisions:
                if statement.path not in changed:
                    no = _refuse(context, statement)
                    yield from context_findings(context, context.after, statement, stage, no)
                    if "expires" in statement and context.after.passed(statement["expires"]):
                        yield no(codes.APPROVAL_EXPIRED, "/expires", expires=statement["expires"])


def _was_complete(context: Context, unit: str) -> bool:
    subject = of_case(context.before, unit, ORDER)
    if subject is None:
        return False
    stages = stand_of(context.before, subject, context.before.document(f"{unit}/{SUBMISSION}"))
    return bool(stages) and complete(stages)


def _refuse(context: Context, statement: Document) -> Any:
    def no(code: Code, pointer: str = "", **params: Any) -> Finding:
        return code.at(statement.path, pointer, commit=context.after_id, person=statement["person"], **params)

    return no


def _at(context: Context, code: Code, path: str, pointer: str, **params: Any) -> Finding:
    return code.at(path, pointer, commit=context.after_id, person="", **params)
