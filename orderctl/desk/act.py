"""A decision from start to end: checked, put into words, and, once confirmed, signed and committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderctl.approvals import StageState, complete, stand
from orderctl.desk.decide import check_decision, check_flow, check_submitted, choose_stage, to_withdraw
from orderctl.desk.matter import check_committed, check_sound
from orderctl.desk.record import record
from orderctl.desk.send import step_onto
from orderctl.desk.sign import sign
from orderctl.desk.statements import Decision, Looked, digest_of, free_path, statement
from orderctl.load import load
from orderctl.model import Document, freeze

if TYPE_CHECKING:
    from orderctl.desk.matter import Desk, Matter
    from orderctl.desk.signer import Signer


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement that isn't signed yet: where it goes, its bytes, what it rests on, and what is decided."""

    path: str
    data: bytes
    looked: tuple[Looked, ...]
    said: Decision


def draft(at: Desk, matter: Matter, wanted: Decision, *, review: bool = False) -> Draft:
    """Return the statement for what is wanted. Raises SetupError where the gate would refuse it.

    ``review``: it is written for somebody whose forge review will prove it.
    """
    check_committed(at, matter.subject.document.path)
    check_flow(matter)
    if wanted.decision == "withdraw":
        taken, raw = to_withdraw(at, matter, wanted.stage, wanted.person)
        stage = str(taken["stage"])
        said = Decision("withdraw", stage, wanted.opinion, wanted.person, str(taken.get("for", "")), "", digest_of(raw))
        return _draft(at, matter, said, ())
    check_submitted(matter)
    stage_state = choose_stage(matter, wanted.stage, wanted.person, wanted.for_, at)
    said = Decision(wanted.decision, stage_state.id, wanted.opinion, wanted.person, wanted.for_, wanted.reason)
    check_decision(at, matter, said, stage_state, review=review)
    return _draft(at, matter, said, looked_at(at, matter, stage_state))


def _draft(at: Desk, matter: Matter, said: Decision, looked: tuple[Looked, ...]) -> Draft:
    subject = matter.subject
    folder = f"{subject.folder}/approvals"
    assert at.workspace.root is not None
    stem = f"{subject.document.kind}-{subject.revision}-{said.stage}"
    if subject.document.kind == "waiver":
        stem = f"{stem}.{subject.number}"
    known = {s.path for s in matter.statements}
    beside = at.workspace.root / folder
    known |= {f"{folder}/{p.name}" for p in beside.glob("*.yaml")} if beside.is_dir() else set()
    path = free_path(folder, stem, said.person, known)
    data = statement(subject, said, looked, at.policy, at.catalogue.kinds, at.now)
    check_sound(at, path, data)
    return Draft(path, data, looked, said)


def looked_at(at: Desk, matter: Matter, stage: StageState) -> tuple[Looked, ...]:
    """Return what a stage looks at, with the values as they are now."""
    from orderctl.trust.statement import looked_at as places

    doc = matter.subject.document
    about = Document("approval", "", "", doc.case, doc.unit, freeze({"path": matter.subject.path}))
    found = []
    for path, pointer in places(at.state, about, stage.looks_at):
        document = at.state.document(path)
        value = None if document is None else document.get(pointer) if pointer else document.data
        found.append((path, pointer, value))
    return tuple(found)


def finish(
    at: Desk,
    matter: Matter,
    made: Draft,
    signer: Signer,
    *,
    review: bool = False,
    commits: bool = True,
    as_of: str = "",
) -> tuple[str, Mapping[str, bytes]]:
    """Sign and commit a draft; return the commit ("" without) and the files. A statement for a review isn't signed."""
    files = {made.path: made.data}
    if not review:
        files[made.path + ".sig"] = sign(made.data, signer)
    verb = f"prepare {made.said.stage} for {made.said.person}" if review else f"{made.said.decision} {made.said.stage}"
    message, onto = f"{matter.subject.number}: {verb}", ""
    if matter.subject.document.kind == "policy" and complete(after(at, matter, made)):
        onto = step_onto(at.workspace, at.head)
    return record(at, files, message, signer, when=as_of, commits=commits, onto=onto), files


def after(at: Desk, matter: Matter, made: Draft) -> tuple[StageState, ...]:
    """Return how the flow stands once the draft counts."""
    subject = matter.subject.document
    data = freeze(load(made.path, made.data)[0] or {})
    new = Document("approval", made.path, made.path, subject.case, subject.unit if subject.case else made.path, data)
    own = matter.submission
    if own is not None and own["revision"] != matter.subject.revision:
        own = None
    return stand(subject, (*matter.statements, new), own, at.rules, digest=matter.subject.bytes_digest)
