"""What people decide on: an order, the policy or a waiver, as it is committed, with all that was said about it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orderctl.desk.base import landed
from orderctl.desk.repository import changed, check_ready, in_repository, repository
from orderctl.model import Document, Finding, SetupError
from orderctl.names import Names, names_of
from orderctl.terminal import visible
from orderctl.tree import REGULAR, Entry, blob_id

if TYPE_CHECKING:
    from orderctl.approvals import StageState
    from orderctl.catalogue import Catalogue
    from orderctl.objects import Objects
    from orderctl.trust.policy import Policy
    from orderctl.trust.state import State
    from orderctl.trust.subject import Subject
    from orderctl.workspace import Workspace

POLICY = "policy/policy.yaml"
AHEAD = 600
"""Seconds that somebody's clock may be ahead."""
_PREVIOUS = re.compile(rb"(?m)^previous: ([0-9a-f]{64})$")


Before = Callable[["Workspace", str, "State"], str]
"""HEAD in, the commit whose policy is in force out."""


@dataclass(frozen=True, slots=True)
class Desk:
    """HEAD as everything at the desk sees it. ``now`` is in seconds since 1970; ``head`` is the commit.

    ``policy`` is the one in force and ``rules`` the state that holds it: HEAD, or where the policy itself is decided
    on, the state before it changed. ``names``: what that policy calls persons, stages and roles.
    """

    workspace: Workspace
    catalogue: Catalogue
    objects: Objects
    head: str
    state: State
    rules: State
    policy: Policy
    names: Names
    now: int


@dataclass(frozen=True, slots=True)
class Matter:
    """A document that is decided on, its bytes as committed, and what was said about it."""

    subject: Subject
    raw: bytes
    statements: tuple[Document, ...]
    submission: Document | None
    stages: tuple[StageState, ...]
    flow: Mapping[str, Any]


class Unsound(Exception):
    """What was going to be written isn't a sound document; ``findings`` say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(", ".join(f.rule for f in self.findings))


def check_sound(at: Desk, path: str, data: bytes) -> None:
    """Raise Unsound unless these bytes are a document that everybody can read at ``path``."""
    parsed = at.state.world.parser.parse(Entry(path, REGULAR, blob_id(data)), data)
    if parsed.document is None:
        raise Unsound(parsed.findings)


@dataclass(frozen=True, slots=True)
class Opened:
    """HEAD, before anybody asked for the policy."""

    workspace: Workspace
    catalogue: Catalogue
    objects: Objects
    head: str
    state: State
    now: int

    def desk(self, rules: State, policy: Policy) -> Desk:
        """Return the desk that goes by this policy."""
        names = names_of(policy.people_data, policy.flows, self.catalogue.kinds["people"].schema)
        return Desk(self.workspace, self.catalogue, self.objects, self.head, self.state, rules, policy, names, self.now)


class _Facts(Mapping[str, Any]):
    """The facts by id, loaded when somebody asks for one: a decision needs none."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __getitem__(self, id: str) -> Any:
        return self._catalogue.facts[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.facts)

    def __len__(self) -> int:
        return len(self._catalogue.facts)


@contextmanager
def opened(workspace: Workspace, as_of: str | None) -> Iterator[Opened]:
    """Open HEAD. Raises SetupError."""
    from orderctl.catalogue import load_catalogue
    from orderctl.objects import Objects
    from orderctl.tree import commit_tree
    from orderctl.trust.parser import Parser
    from orderctl.trust.state import State, World
    from orderctl.trust.trees import Trees
    from orderctl.workspace import clock, read_config

    git, _ = repository(workspace)
    head = git.resolve("HEAD") or check_ready(workspace)
    tree = commit_tree(git, workspace.root, head, workspace.prefix)
    catalogue = load_catalogue(tree)
    now = clock(read_config(tree), as_of) // 1_000_000
    if as_of is not None and now > time.time() + AHEAD:
        raise SetupError(
            "desk.ahead",
            f"{as_of} 还没有到：签名时间不能晚于现在",
            f"{as_of} is still to come: nothing can be signed for a time ahead",
        )
    with Objects(git) as objects:
        world = World(Trees(objects), Parser(catalogue.kinds), _Facts(catalogue))
        yield Opened(workspace, catalogue, objects, head, State(world, tree.tree_id, now), now)


@contextmanager
def desk(workspace: Workspace, as_of: str | None, rules_of: Before | None = None) -> Iterator[Desk]:
    """Open HEAD and the policy in force: HEAD's, or that of the commit which ``rules_of`` names.

    Raises SetupError, or PolicyError for a policy that isn't sound.
    """
    from orderctl.tree import commit_tree
    from orderctl.trust.state import State

    git, _ = repository(workspace)
    with opened(workspace, as_of) as at:
        rules = at.state
        before = rules_of(workspace, at.head, at.state) if rules_of else at.head
        if before != at.head:
            tree = commit_tree(git, workspace.root, before, workspace.prefix)
            rules = State(at.state.world, tree.tree_id, at.now)
        yield at.desk(rules, rules.policy())


def has_landed(workspace: Workspace, head: str, _state: State) -> str:
    """Return the newest commit that has landed, as far as is known here: what a new policy comes after."""
    return landed(workspace, head) or head


def in_force(workspace: Workspace, head: str, state: State) -> str:
    """Return the newest commit that holds the policy which HEAD's policy.yaml names as the one before it."""
    git, _ = repository(workspace)
    named = _PREVIOUS.search(state.read(POLICY) or b"")
    if named is None:
        return head
    path = in_repository(workspace, POLICY)
    for commit in git.run("rev-list", head, "--", path).decode().split():
        blob = git.resolve(f"{commit}:{path}", "")
        data = next((data for _, data in git.blobs([blob])), None) if blob else None
        if data is not None and sha256(data).hexdigest() == named[1].decode():
            return commit
    raise SetupError(
        "desk.policy_before",
        f"{POLICY} 的 previous 指向的旧政策不在历史中。请从上游分支重新运行 orderctl submit policy",
        f"the policy that {POLICY} names as previous isn't in this history. "
        "Start from the upstream branch and run orderctl submit policy again",
    )


def matter(at: Desk, id: str) -> Matter | None:
    """Return what ``id`` names: ``policy``, an order's number or a waiver's id; None if nothing has that name."""
    from orderctl.approvals import choose, stand
    from orderctl.trust.subject import statements_on

    subject = _subject(at, id.strip())
    if subject is None:
        return None
    submission = at.state.document(f"{subject.folder}/submission.yaml") if subject.document.case else None
    own = submission if submission is not None and submission["revision"] == subject.revision else None
    said = tuple(statements_on(at.state, subject))
    flow = choose(subject.document, at.rules)
    stages = stand(subject.document, said, own, at.rules, digest=subject.bytes_digest) if flow else ()
    raw = at.state.read(subject.document.path) or b""
    return Matter(subject, raw, said, submission, stages, flow or {})


def _subject(at: Desk, id: str) -> Subject | None:
    from orderctl.trust.subject import of_case, of_policy, of_waiver

    if is_policy(id):
        path = POLICY
        found = of_policy(at.state)
    elif "/" not in id and at.state.entry(f"waivers/{id}.yaml") is not None:
        path = f"waivers/{id}.yaml"
        found = of_waiver(at.state, path)
    elif unit := _case(at, id):
        path = f"{unit}/order.yaml"
        found = of_case(at.state, unit, "order.yaml")
    else:
        return None
    if found is None and at.state.entry(path) is not None:
        raise SetupError(
            "desk.broken",
            f"{visible(path)} 有错误，不能审批。请先运行 orderctl check {visible(path)}",
            f"{visible(path)} has errors, so it can't be decided on. See orderctl check {visible(path)}",
            10,
        )
    return found


def is_policy(id: str) -> bool:
    """Tell whether ``id`` means the policy itself."""
    return id.strip().casefold() == "policy"


def _case(at: Desk, number: str) -> str:
    """Return the case folder of an order's number, or ""."""
    from orderctl.trust.find import find

    git, _ = repository(at.workspace)
    prefix = f"{at.workspace.prefix}/" if at.workspace.prefix else ""
    place = find(git, at.head, prefix, at.catalogue.kinds, number) if "/" not in number else None
    paths = place.paths if place is not None and place.case else ()
    return next((p for p in paths if at.state.entry(f"{p}/order.yaml") is not None), "")


def check_committed(at: Desk, path: str) -> None:
    """Raise SetupError when a file differs from HEAD: what is decided on must be what others see."""
    if changed(at.workspace, path):
        raise SetupError(
            "desk.not_committed",
            f"{visible(path)} 有尚未提交的修改，而签名针对的是已提交的内容。"
            f"请先提交（git commit -S -- {visible(path)}）或放弃修改（git restore -- {visible(path)}）",
            f"{visible(path)} has changes that aren't committed, and a signature is for what is committed. "
            f"Commit them (git commit -S -- {visible(path)}) or drop them (git restore -- {visible(path)}) first",
        )
