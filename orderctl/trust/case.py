"""What a step does to one case: revisions, the submission, new statements, documents that need an approval first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orderctl.approvals import StageState, choose, complete, stand
from orderctl.codes import approval as codes
from orderctl.codes.submission import SUBMISSION_DIGEST
from orderctl.model import Document, Finding
from orderctl.rule import Code
from orderctl.trust.context import Context, Signed
from orderctl.trust.state import ORDER, State
from orderctl.trust.statement import context_findings, earlier_digests, judge_statement
from orderctl.trust.subject import Subject, of_case, statements_on
from orderctl.trust.submission import judge_order
from orderctl.trust.vouch import SUBMISSION
from orderctl.trust.wrote import committers


@dataclass(frozen=True, slots=True)
class Missing:
    """What a subject still waits for, who can give it, until when (RFC 3339, "" if nothing says), and whether it is its
    turn."""

    subject: str
    stage: str
    role: str
    who: tuple[str, ...]
    due: str
    open: bool


def judge_case(
    context: Context, unit: str, changed: Sequence[str], signed: Sequence[Signed]
) -> tuple[list[Finding], list[Missing]]:
    """Return what is refused about a case that the step changed, and what its order still waits for."""
    order_path = f"{unit}/{ORDER}"
    old, new = context.before.document(order_path), context.after.document(order_path)
    findings: list[Finding] = []
    submission = context.after.document(f"{unit}/{SUBMISSION}")
    if new is not None and {order_path, f"{unit}/{SUBMISSION}", f"{unit}/{SUBMISSION}.sig"} & set(changed):
        findings += judge_order(context, old, new, submission, signed)
    for path in dict.fromkeys(_subject_paths(context.after, unit, changed)):
        subject = of_case(context.after, unit, path)
        findings += _new_statements(context, unit, path, subject, submission, changed, signed)
    if new is None:
        return [*findings, *_without_order(context, unit, submission, changed)], []
    subject = of_case(context.after, unit, ORDER)
    assert subject is not None
    flow = choose(new, context.after) or {}
    stages = stand_of(context.after, subject, submission, flow)
    findings += _needs_approval(context, unit, old, new, stages, flow, changed)
    return findings, missing_of(subject, stages) if submission is not None else []


def _without_order(
    context: Context, unit: str, submission: Document | None, changed: Sequence[str]
) -> Iterator[Finding]:
    """Yield what came to a case without an order: nothing could be held against it later, once it has landed."""
    if submission is not None and submission.path in changed:
        yield _at(context, SUBMISSION_DIGEST, submission.path, "")
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
        Missing(subject.number, s.id, "/".join(s.roles) or s.role, s.who, s.due, s.state == "open")
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


def _needs_approval(
    context: Context,
    unit: str,
    old: Document | None,
    new: Document,
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
                    yield from context_findings(context.after, statement, stage, no)
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
