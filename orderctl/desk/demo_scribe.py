"""The demo's steps in, signed commits in one pack out: whoever wrote a document commits it and signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from orderctl.desk.demo_bound import Binder
from orderctl.desk.demo_keys import COMMIT, STATEMENT, Pair, armor
from orderctl.desk.demo_pack import Files, Made, Pack
from orderctl.load import load
from orderctl.schema import Kind
from orderctl.trust.policy import MANIFEST

MERGER = ("GitHub", "noreply@github.com")
"""Who commits what a forge merges: nobody whom the policy knows."""


@dataclass(frozen=True, slots=True)
class Landing:
    """A state of the protected branch, who brought it, and the policy (version, digest) that let it land."""

    made: Made
    person: str
    policy: tuple[int, str]


@dataclass
class Scribe:
    """Writes commit after commit on main. ``names``: person → name and e-mail."""

    kinds: Mapping[str, Kind]
    pairs: Mapping[str, Pair]
    names: dict[str, tuple[str, str]]
    pack: Pack = field(default_factory=Pack)
    landed: list[Landing] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with no files."""
        self.files = Files(self.pack)

    @property
    def tip(self) -> str:
        """The newest commit of main."""
        return self.landed[-1].made.id

    def binder(self) -> Binder:
        """Return what statements made now are bound to."""
        return Binder(self.kinds, self.files.content)

    def land(self, person: str, at: datetime, message: str, files: Mapping[str, bytes]) -> Made:
        """Commit files on main, signed by ``person``."""
        policy = self._policy()
        made = self._commit(person, at, message, files, self._tip())
        self._landed(made, person, policy)
        return made

    def squash(self, person: str, at: datetime, message: str, files: Mapping[str, bytes]) -> None:
        """Land files as a forge's squash does: one commit that nobody signed."""
        policy = self._policy()
        made = self._commit(person, at, message, files, self._tip(), forge=True)
        self._landed(made, person, policy)

    def branch(self, person: str, at: datetime, message: str, files: Mapping[str, bytes]) -> Made:
        """Commit files on a branch of its own, signed by ``person``; ``merge`` lands it."""
        return self._commit(person, at, message, files, self._tip())

    def merge(self, branch: Made, person: str, at: datetime, message: str) -> None:
        """Land a branch by a merge commit that a forge made and nobody signed."""
        policy = self._policy()
        made = self._commit(person, at, message, {}, [*self._tip(), branch.id], forge=True)
        self._landed(made, person, policy)

    def aside(self, person: str, at: datetime, message: str, files: Mapping[str, bytes]) -> Made:
        """Commit files on top of main without keeping them there, signed by ``person``."""
        kept = self.files
        self.files = Files(self.pack)
        for path, data in kept.content.items():
            self.files.put(path, data)
        made = self._commit(person, at, message, files, self._tip())
        self.files = kept
        return made

    def sign(self, person: str, path: str, data: bytes) -> dict[str, bytes]:
        """Return a statement with its detached signature."""
        return {path: data, path + ".sig": armor(self.pairs[person], data, STATEMENT)}

    def _landed(self, made: Made, person: str, policy: tuple[int, str]) -> None:
        self.landed.append(Landing(made, person, policy if policy[0] else self._policy()))

    def _policy(self) -> tuple[int, str]:
        """Return the version and digest of the policy in force, (0, "") before the first commit."""
        raw = self.files.content.get(MANIFEST)
        if raw is None:
            return 0, ""
        return int((load(MANIFEST, raw)[0] or {})["version"]), sha256(raw).hexdigest()

    def _tip(self) -> list[str]:
        return [self.tip] if self.landed else []

    def _commit(
        self,
        person: str,
        at: datetime,
        message: str,
        files: Mapping[str, bytes],
        parents: Sequence[str],
        *,
        forge: bool = False,
    ) -> Made:
        for path, data in files.items():
            self.files.put(path, data)
        seconds = int(at.timestamp())
        author, committer = (
            f"{name} <{mail}> {seconds} +0800"
            for name, mail in (self.names[person], MERGER if forge else self.names[person])
        )
        pair = self.pairs[person]
        sign = None if forge else lambda payload: armor(pair, payload, COMMIT)
        return self.pack.commit(self.files.tree(), parents, author, committer, seconds, message, sign)
