"""What a step does to one case's order and its submission: revisions, authors, who submitted what, and once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.approvals import choose
from orderctl.codes import submission as codes
from orderctl.codes.approval import PERSON_UNKNOWN
from orderctl.digest import digest_without, immaterial_pointers, material_digest
from orderctl.model import Document, Finding, freeze
from orderctl.rule import Code
from orderctl.trust.context import Context, Signed
from orderctl.trust.evidence import detached
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import seconds
from orderctl.trust.statement import known_policy
from orderctl.trust.vouch import misplaced
from orderctl.trust.wrote import committers, contributors


def judge_order(
    context: Context, old: Document | None, new: Document, submission: Document | None, signed: Sequence[Signed]
) -> Iterator[Finding]:
    """Yield what is refused about an order that came or changed, or whose submission did."""
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
    yield from _authors(context, old if same else None, new, submission)
    yield from _left_out(context, old, new, submission, signed)
    sides = [(s.entry(submission.path), s.entry(submission.path + ".sig")) for s in (context.before, context.after)]
    if sides[0] != sides[1]:
        yield from _submitted(context, same, submission, signed)


def _authors(context: Context, old: Document | None, new: Document, submission: Document) -> Iterator[Finding]:
    """Yield when the same content gets somebody as its writer who wasn't: what they said of it would be void."""
    entered = str(new.get("entered_by", ""))
    if old is None or entered == str(old.get("entered_by", "")):
        return
    if entered not in {"", *submission.get("authors", ()), submission["submitted_by"]}:
        yield _at(context, codes.SOD_AUTHOR_ADDED, new.path, "/entered_by", who=entered, revision=new["revision"])


def _left_out(
    context: Context, old: Document | None, new: Document, submission: Document, signed: Sequence[Signed]
) -> Iterator[Finding]:
    """Yield the persons behind the content, in any revision, whom the submission doesn't name."""
    listed = {*submission.get("authors", ()), submission["submitted_by"]}
    entered = {str(d["entered_by"]) for d in (old, new) if d is not None and "entered_by" in d.data}
    entered -= {str(new.get("entered_by"))}  # who no longer stands in the order still wrote it
    if left := sorted((contributors(context, new.path, signed) | entered) - listed):
        yield _at(context, codes.SOD_AUTHOR_MISSING, submission.path, "/authors", missing=", ".join(left))
    before = context.before.document(submission.path)
    if before is not None and (dropped := sorted({*before.get("authors", ()), before["submitted_by"]} - listed)):
        yield _at(context, codes.SOD_AUTHOR_MISSING, submission.path, "/authors", missing=", ".join(dropped))


def _submitted(context: Context, same: bool, submission: Document, signed: Sequence[Signed]) -> Iterator[Finding]:
    """Yield what is wrong with a new submission: one that landed stays as long as its revision."""
    before = context.before.document(submission.path)
    if same and before is not None and before["revision"] == submission["revision"]:
        revision, who = submission["revision"], before["submitted_by"]
        yield _at(context, codes.SUBMISSION_AGAIN, submission.path, "/revision", revision=revision, who=who)
        return
    yield from misplaced(context, submission)
    if not known_policy(context, submission):
        named, now = str(submission.get("/policy/version", "-")), context.policy.version
        yield _at(context, codes.SUBMISSION_POLICY, submission.path, "/policy", named=named, expected=now)
    others = [*context.after.case(submission, "approval"), *([before] if before is not None else ())]
    nonce = submission.get("nonce")
    other = "-" if nonce is None else next((d.path for d in others if d.get("nonce") == nonce), "")
    if other:
        yield _at(context, codes.SUBMISSION_NONCE, submission.path, "/nonce", other=other)
    yield from _submitter(context, submission, signed)


def _submitter(context: Context, submission: Document, signed: Sequence[Signed]) -> Iterator[Finding]:
    """Yield unless the submitter's signature, detached or on the commit, is behind the submission."""
    person = str(submission["submitted_by"])
    if person not in context.policy.people:
        yield _at(context, PERSON_UNKNOWN, submission.path, "/submitted_by", who=person)
        return
    submitted = seconds(submission["submitted_at"], context.policy.zone)
    try:
        if detached(context, context.after, submission.path, person, submitted):
            return
    except Refusal as refusal:
        yield refusal.finding
        return
    if person not in committers(signed, submission.path, context):
        yield _at(context, codes.SUBMISSION_SIGNER, submission.path, "/submitted_by", who=person)


def _dated_back(context: Context, order: Document) -> Iterator[Finding]:
    """Yield when an order's date, which its writer chooses, takes it out of the flow that holds for orders of today."""
    today = datetime.fromtimestamp(context.observed, ZoneInfo(context.policy.zone)).date().isoformat()
    chosen = choose(order, context.after) or {}
    now = choose(replace(order, data=freeze({**order.data, "date": today})), context.after) or {}
    if order["date"] < today and now.get("id") != chosen.get("id"):
        flow, other = str(chosen.get("id", "-")), str(now.get("id", "-"))
        yield _at(context, codes.ORDER_BACKDATED, order.path, "/date", date=order["date"], flow=flow, other=other)


def _at(context: Context, code: Code, path: str, pointer: str, **params: Any) -> Finding:
    return code.at(path, pointer, commit=context.after_id, person="", **params)
