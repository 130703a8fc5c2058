"""What the newest state adds to the verdict: what is known of keys by now, and which approvals are open again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from orderctl.approvals import choose, stand
from orderctl.catalogue import Catalogue, load_catalogue
from orderctl.codes.audit import AUDIT_REOPENED
from orderctl.git import Git
from orderctl.model import Finding, Severity
from orderctl.objects import Objects
from orderctl.tree import commit_tree
from orderctl.trust.case import Missing, missing_of
from orderctl.trust.graph import Graph
from orderctl.trust.later import VOID, Lost, Void, knowledge
from orderctl.trust.parser import Parser
from orderctl.trust.policy import PolicyError
from orderctl.trust.refusal import Refusal
from orderctl.trust.state import State, World
from orderctl.trust.subject import statements_on, subject_of
from orderctl.trust.trees import Trees
from orderctl.trust.vouch import SUBMISSION


def knowledge_of(git: Git, graph: Graph, objects: Objects, tip: str) -> Mapping[str, Lost]:
    """Return what the newest policy says of keys that were lost; nothing if it can't be read: its step names that."""
    try:
        return knowledge(_newest(git, graph, objects, tip, 0).policy())
    except (PolicyError, Refusal):
        return {}


def open_again(
    git: Git, graph: Graph, objects: Objects, tip: str, now: int, voids: Sequence[Void]
) -> tuple[list[Finding], list[Missing]]:
    """Return a finding for each approval that lost its proof, and what their subjects wait for by that."""
    if not voids:
        return [], []
    findings = [
        AUDIT_REOPENED.at(
            void.path,
            commit=void.commit,
            person=void.person,
            who=void.person,
            subject=void.subject,
            number=void.number,
            revision=void.revision,
            stage=void.stage,
        )
        for void in dict.fromkeys(voids)
    ]
    try:
        state = _newest(git, graph, objects, tip, now)
        paths = {void.path for void in voids}
        missing = list(dict.fromkeys(_missing(state, paths)))
        anew = _decided_anew(state, paths)
    except (PolicyError, Refusal):
        return findings, []
    return [replace(f, severity=Severity.WARNING) if f.path in anew else f for f in findings], missing


def eased(findings: Iterable[Finding], again: Iterable[Finding]) -> list[Finding]:
    """Return the findings, those about a statement's lost proof as warnings where its stage was decided anew."""
    anew = {f.path for f in again if f.severity is Severity.WARNING}
    return [
        replace(f, severity=Severity.WARNING) if f.rule in VOID and f.path.removesuffix(".sig") in anew else f
        for f in findings
    ]


def _decided_anew(state: State, void: set[str]) -> set[str]:
    """Return those of the statements at ``void`` whose stage is approved in ``state`` without any of them."""
    return {path for path in void if any(_approved(state, path, void))}


def _approved(state: State, path: str, void: set[str]) -> Iterator[bool]:
    """Yield whether the stage that the statement at ``path`` decided is approved without those at ``void``."""
    places = {*void, *("archive/" + p.removeprefix("orders/") for p in void)}
    for place in (path, "archive/" + path.removeprefix("orders/")):
        subject, statement = subject_of(state, place), state.document(place)
        if subject is None or statement is None:
            continue
        own = state.document(f"{subject.folder}/{SUBMISSION}")
        submission = own if own is not None and own["revision"] == subject.revision else None
        left = [d for d in statements_on(state, subject) if d.path not in places]
        for stage in stand(subject.document, left, submission, state) if choose(subject.document, state) else ():
            if stage.id == statement["stage"]:
                yield stage.state == "approved"


def _missing(state: State, void: Iterable[str]) -> Iterator[Missing]:
    """Yield what each subject waits for in ``state`` when the statements at ``void`` don't count."""
    void = {*void, *("archive/" + path.removeprefix("orders/") for path in void)}
    for path in sorted(void):
        subject = subject_of(state, path)
        flow = choose(subject.document, state) if subject is not None else None
        if subject is None or not flow:
            continue
        own = state.document(f"{subject.folder}/{SUBMISSION}")
        submission = own if own is not None and own["revision"] == subject.revision else None
        left = [d for d in statements_on(state, subject) if d.path not in void]
        yield from missing_of(subject, stand(subject.document, left, submission, state))


def _newest(git: Git, graph: Graph, objects: Objects, tip: str, now: int) -> State:
    kinds = load_catalogue(commit_tree(git, None, tip)).kinds
    world = World(Trees(objects), Parser(kinds), Catalogue({}).facts)
    return State(world, graph.commit(tip).tree, now)


def digest(findings: Iterable[Finding]) -> str:
    """Return one SHA-256 over what was found."""
    said = (repr((f.rule, f.path, f.pointer, sorted(f.params.items(), key=str))) for f in findings)
    return sha256("\n".join(said).encode("utf-8", "surrogateescape")).hexdigest()
