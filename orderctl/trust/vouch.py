"""What speaks for itself: content bound by detached signatures, whoever committed it. A squash loses the commits'
signatures, not these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from orderctl.codes.submission import SUBMISSION_AHEAD, SUBMISSION_CONTEXT
from orderctl.model import Document, Finding
from orderctl.trust.context import AHEAD, Context, is_statement
from orderctl.trust.evidence import detached
from orderctl.trust.merge import Sides
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import ORDER, State, seconds

SUBMISSION = "submission.yaml"


def vouched(context: Context, state: State, changed: Mapping[str, Sides]) -> dict[str, str]:
    """Return the changed paths that a detached signature speaks for: path → the person who signed."""
    found: dict[str, str] = {}
    for path, (_, new) in changed.items():
        if new is not None and is_statement(path) and path.endswith(".yaml"):
            _by_signature(context, state, path, "person", "issued", found)
        elif new is not None and path.endswith("/" + SUBMISSION):
            _by_signature(context, state, path, "submitted_by", "submitted_at", found)
    for path in changed:
        unit = "/".join(path.split("/")[:4])
        submission = f"{unit}/{SUBMISSION}"
        person = found.get(submission, "")
        if path.endswith(".yaml.sig") and path.removesuffix(".sig") in found:
            found[path] = found[path.removesuffix(".sig")]
        elif person and path == f"{unit}/{ORDER}" and submitted(state, unit):
            found[path] = person
        elif person and path.startswith(f"{unit}/evidence/") and submitted(state, unit):
            order, data = state.read(f"{unit}/{ORDER}"), state.read(path)
            if data is not None and sha256(data).hexdigest().encode() in (order or b""):
                found[path] = person
    return found


def submitted(state: State, unit: str) -> bool:
    """Tell whether a case's submission is of exactly the order that is there, byte by byte: whoever has no key may
    change no field at all, material or not."""
    order, submission = state.read(f"{unit}/{ORDER}"), state.document(f"{unit}/{SUBMISSION}")
    return order is not None and submission is not None and submission.get("sha256") == sha256(order).hexdigest()


def misplaced(context: Context, submission: Document) -> Iterator[Finding]:
    """Yield where a submission isn't of this repository and order, or is dated later than now: its signature would
    speak for the same order wherever somebody carries it."""
    path, commit, person = submission.path, context.after_id, str(submission["submitted_by"])
    for name, expected in (("repository", context.policy.repository), ("number", submission.case)):
        if submission.get(name) != expected:
            named = str(submission.get(name, "-"))
            yield SUBMISSION_CONTEXT.at(path, f"/{name}", commit=commit, person=person, named=named, expected=expected)
    if seconds(submission["submitted_at"], context.policy.zone) > context.observed + AHEAD:
        said = str(submission["submitted_at"])
        yield SUBMISSION_AHEAD.at(path, "/submitted_at", commit=commit, person=person, submitted=said)


def _by_signature(context: Context, state: State, path: str, who: str, when: str, found: dict[str, str]) -> None:
    document = state.document(path)
    if document is None or document.kind not in ("approval", "submission"):
        return
    person = str(document[who])
    try:
        if detached(context, state, path, person, seconds(document[when], context.policy.zone)):
            found[path] = person
    except Refusal:
        return  # judged, and named, with the statement itself
