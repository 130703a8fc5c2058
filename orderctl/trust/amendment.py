"""A step that changes the policy: alone, one version on, approved by the people whom the present policy names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from orderctl.approvals import StageState, choose, complete, stand
from orderctl.codes import gate as codes
from orderctl.codes.policy import POLICY_ISSUED
from orderctl.codes.submission import REVISION_NOT_RAISED
from orderctl.codes.waiver import WAIVER_REQUESTER
from orderctl.model import Finding
from orderctl.trust.case import Missing, missing_of
from orderctl.trust.context import AHEAD, Context, Signed
from orderctl.trust.policy import MANIFEST, Policy, is_trusted, policy_change
from orderctl.trust.state import State, text_of
from orderctl.trust.statement import judge_statement
from orderctl.trust.subject import Subject, of_policy, of_waiver, statements_on
from orderctl.trust.wrote import committers, wrote


def judge_policy(
    context: Context, changed: Sequence[str], signed: Sequence[Signed]
) -> tuple[list[Finding], list[Missing]]:
    """Return what is refused about a step that changes trusted files, and whose approval it lacks.

    The flow, the people and the keys are those of the state before: nobody votes in their own rules.
    """
    others = [p for p in changed if not is_trusted(p) and not p.startswith(("policy/approvals/", "policy/receipts/"))]
    findings: list[Finding] = []
    trusted = [p for p in changed if is_trusted(p)]
    if others:
        findings.append(codes.POLICY_MIXED_CHANGE.at(trusted[0], commit=context.after_id, person="", other=others[0]))
    paths = [p for p in context.world.trees.files(context.after.tree) if is_trusted(p)]
    new, problems = policy_change(
        context.policy, _reading(context.before), _reading(context.after), paths, context.world.parser.kinds
    )
    findings += [_placed(f, context.after_id) for f in problems]
    if new is not None and new.issued > context.observed + AHEAD:
        findings.append(_ahead(context, new))
    subject = of_policy(context.after)
    if subject is None:
        return findings, []
    flow = choose(subject.document, context.before) or {}
    found = list(_statements(context, subject, flow, _standing(context, subject, ()), changed, signed))
    findings += found
    stages = _standing(context, subject, {f.path for f in found})
    if not stages or not complete(stages):
        names = ", ".join(s.id for s in stages if s.state != "approved") or "policy"
        findings.append(codes.POLICY_THRESHOLD_OLD.at(MANIFEST, commit=context.after_id, person="", stages=names))
    return findings, missing_of(subject, stages)


def _standing(context: Context, subject: Subject, refused: Collection[str]) -> tuple[StageState, ...]:
    """Return how the policy's approval stands without the statements that are refused."""
    statements = [d for d in statements_on(context.after, subject) if d.path not in refused]
    return stand(subject.document, statements, None, context.before, digest=subject.bytes_digest)


def judge_others(
    context: Context, changed: Sequence[str], signed: Sequence[Signed]
) -> tuple[list[Finding], list[Missing]]:
    """Return what is refused about new statements outside cases: on waivers, and on a policy that doesn't change."""
    findings: list[Finding] = []
    missing: list[Missing] = []
    for path in changed:
        findings += _waiver(context, path, signed)
        if not path.startswith(("waivers/approvals/", "policy/approvals/")) or not path.endswith(".yaml"):
            continue
        statement = context.after.document(path)
        if statement is None or context.before.entry(path) is not None:
            continue
        if path.startswith("policy/"):
            if not any(is_trusted(p) for p in changed):
                findings.append(_late(context, path, str(statement["person"])))
            continue
        subject = of_waiver(context.after, f"waivers/{statement.get('number', '')}.yaml")
        flow = (choose(subject.document, context.after) if subject else None) or {}
        stages = stand(subject.document, statements_on(context.after, subject), None, context.after) if subject else ()
        who = committers(signed, path, context)
        findings += judge_statement(context, statement, subject, flow, stages, None, who, {})
        missing += missing_of(subject, stages) if subject else []
    return findings, list(dict.fromkeys(missing))


def _waiver(context: Context, path: str, signed: Sequence[Signed]) -> Iterator[Finding]:
    """Yield what is refused about a changed waiver: each change is a new revision, by whom it says asked for it, since
    that person is who may not approve it."""
    old, new = context.before.document(path), context.after.document(path)
    if new is None or new.kind != "waiver":
        return
    if old is not None and old.data != new.data and new["revision"] != old["revision"] + 1:
        expected, revision = old["revision"] + 1, new["revision"]
        yield REVISION_NOT_RAISED.at(
            path, "/revision", commit=context.after_id, person="", expected=expected, revision=revision
        )
    asked = str(new["requested_by"])
    for person in sorted({s.person for s in signed if s.person and wrote(context, s, path)} - {asked}):
        yield WAIVER_REQUESTER.at(
            path, "/requested_by", commit=context.after_id, person=person, who=person, asked=asked
        )


def _statements(
    context: Context,
    subject: Subject,
    flow: Mapping[str, Any],
    stages: Sequence[StageState],
    changed: Sequence[str],
    signed: Sequence[Signed],
) -> Iterator[Finding]:
    for path in changed:
        if not path.startswith("policy/approvals/") or not path.endswith(".yaml"):
            continue
        statement = context.after.document(path)
        if statement is not None and context.before.entry(path) is None:
            who = committers(signed, path, context)
            yield from judge_statement(context, statement, subject, flow, stages, None, who, {})


def _ahead(context: Context, new: Policy) -> Finding:
    observed = text_of(context.observed)
    return POLICY_ISSUED.at(
        MANIFEST,
        "/issued",
        commit=context.after_id,
        person="",
        issued=text_of(new.issued),
        reason_zh=f"还没有到，现在是 {observed}",
        reason_en=f"which is still to come: it is {observed}",
    )


def _late(context: Context, path: str, person: str) -> Finding:
    return codes.POLICY_STATEMENT_ALONE.at(path, commit=context.after_id, person=person)


def _reading(state: State) -> Callable[[str], tuple[str, bytes] | None]:
    def read(path: str) -> tuple[str, bytes] | None:
        entry = state.entry(path)
        data = state.read(path)
        return (entry.mode, data) if entry and data is not None else None

    return read


def _placed(finding: Finding, commit: str) -> Finding:
    params = {"person": "", **finding.params, "commit": commit}
    return Finding(finding.rule, finding.severity, finding.path, finding.pointer, params, finding.line, finding.column)
