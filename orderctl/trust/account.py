"""Landings in, plain values out: who changed which field, who decided what, and what proves that it was them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orderctl.codes.approval import PERSON_LEFT
from orderctl.load import load
from orderctl.schema import Kind, classifier
from orderctl.trust.differences import Difference, differences
from orderctl.trust.find import Place
from orderctl.trust.history import Landing, Touch
from orderctl.trust.refusal import Refusal

if TYPE_CHECKING:
    from orderctl.objects import Objects
    from orderctl.trust.commit import Commit
    from orderctl.trust.graph import Graph
    from orderctl.trust.policy import Policy

COMMITS, STATEMENTS = "git", "orderctl-approval@v1"
"""The namespaces in which commits and statements are signed."""
VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Teller:
    """What an account is made with. ``policy`` gives the policy in force after a commit, None if there is no sound
    one; ``prefix`` is the workspace's place in its repository; ``tip`` reads a file of the newest state."""

    objects: Objects
    graph: Graph
    classify: Callable[[str], tuple[Kind, dict[str, str]] | None]
    prefix: str
    policy: Callable[[str], Policy | None]
    tip: Callable[[str], bytes | None]

    def tell(self, landings: Sequence[Landing], place: Place) -> list[dict[str, Any]]:
        """Return one record a first-parent state, oldest first."""
        touches = [touch for landing in landings for touch in (landing.touch, *landing.behind)]
        self.objects.prefetch(touch.commit for touch in touches)
        self.objects.prefetch(b for touch in touches for pair in touch.paths.values() for b in pair if b)
        return [self._state(landing, place) for landing in landings]

    def _state(self, landing: Landing, place: Place) -> dict[str, Any]:
        own = landing.touch
        observed = self._time(own.commit)
        policy = self.policy(own.parents[0] if own.parents else own.commit)
        signed = {t.commit: self._signed(t.commit, policy, observed) for t in (own, *landing.behind)}
        fields = {t.commit: {path: self._fields(path, pair) for path, pair in t.paths.items()} for t in landing.behind}
        changes = _moved([self._change(path, landing, place, signed, fields) for path in sorted(own.paths)])
        added = [change["path"] for change in changes if change["change"] == "added"]
        return {
            **self._commit(own, signed),
            "changes": changes,
            "statements": sorted(self._statements(added, landing, policy, observed, signed), key=_issued),
            "commits": [
                {**self._commit(t, signed), "changes": [self._brief(p, t, place, fields) for p in sorted(t.paths)]}
                for t in landing.behind
            ],
        }

    def _commit(self, touch: Touch, signed: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        commit = self._read(touch.commit)
        return {
            "commit": touch.commit,
            "at": instant(commit.committer.at) if commit else "",
            "merge": len(touch.parents) > 1,
            "name": commit.author.name if commit else "",
            "message": commit.message.strip().partition("\n")[0] if commit else "",
            **signed[touch.commit],
        }

    def _change(
        self,
        path: str,
        landing: Landing,
        place: Place,
        signed: Mapping[str, Mapping[str, str]],
        fields: Mapping[str, Mapping[str, Sequence[Difference]]],
    ) -> dict[str, Any]:
        """Return what this state changes in one file, each field with the commit that brought it."""
        pair = landing.touch.paths[path]
        sources = list(landing.source(path))

        def brought(pointer: str) -> dict[str, str]:
            own = (t for t in sources if any(d.pointer == pointer for d in fields.get(t.commit, {}).get(path, ())))
            commit = next(own, landing.touch).commit
            return {"commit": commit, "person": signed[commit]["person"]}

        rows = [{**_plain(one), **brought(one.pointer)} for one in self._fields(path, pair)]
        commit = sources[0].commit
        head = {**self._head(path, pair, place), "commit": commit, "person": signed[commit]["person"]}
        return {**head, "blobs": pair, "fields": rows}

    def _brief(
        self, path: str, touch: Touch, place: Place, fields: Mapping[str, Mapping[str, Sequence[Difference]]]
    ) -> dict[str, Any]:
        rows = [_plain(one) for one in fields[touch.commit][path]]
        return {**self._head(path, touch.paths[path], place), "fields": rows}

    def _head(self, path: str, pair: tuple[str, str], place: Place) -> dict[str, Any]:
        own = path.removeprefix(self.prefix)
        kind = self.classify(own)
        change = "changed" if all(pair) else "added" if pair[1] else "removed"
        return {"path": own, "document": place.relative(own), "kind": kind[0].name if kind else "", "change": change}

    def _fields(self, path: str, pair: tuple[str, str]) -> list[Difference]:
        if not path.endswith(".yaml"):
            return []
        old, new = (self._data(path, blob) for blob in pair)
        return list(differences(old or {}, new or {}))

    def _data(self, path: str, blob: str) -> dict[str, Any] | None:
        raw = self.objects.blob(blob) if blob else None
        return load(path, raw)[0] if raw is not None else None

    def _read(self, id: str) -> Commit | None:
        try:
            return self.graph.commit(id)
        except Refusal:
            return None

    def _time(self, id: str) -> int:
        commit = self._read(id)
        return commit.committer.at if commit else 0

    def _signed(self, id: str, policy: Policy | None, observed: int) -> dict[str, str]:
        """Return the state of a commit's signature: verified with the person, else the code of what is wrong."""
        from orderctl.trust.keys import signer
        from orderctl.trust.pgp import BEGIN as PGP
        from orderctl.trust.pgp import pgp_signer

        try:
            commit = self.graph.commit(id)
            if policy is None:
                return {"person": "", "signature": "policy.missing", "key": ""}
            armor, at = commit.armor, commit.committer.at
            if armor is not None and armor.startswith(PGP) and policy.permissions.get("gpg") is True:
                people, revoked = policy.people_data, policy.revoked
                key = pgp_signer(people, revoked, armor, commit.payload, at, observed, commit=id)
            else:
                key = signer(policy.ring, armor, commit.payload, COMMITS, at, observed, commit=id)
        except Refusal as refusal:
            return {"person": "", "signature": refusal.finding.rule, "key": ""}
        if not policy.active(key.person, observed):
            return {"person": "", "signature": PERSON_LEFT.id, "key": ""}
        return {"person": key.person, "signature": VERIFIED, "key": key.fingerprint}

    def _statements(
        self,
        added: Sequence[str],
        landing: Landing,
        policy: Policy | None,
        observed: int,
        signed: Mapping[str, Mapping[str, str]],
    ) -> Iterator[dict[str, Any]]:
        """Yield the decisions among the files that this state adds, each with what proves it."""
        names = ("subject", "revision", "stage", "decision", "opinion", "person", "for", "reason", "issued")
        for own in added:
            path = self.prefix + own
            kind = self.classify(own)
            if kind is None or kind[0].name != "approval":
                continue
            raw = self.objects.blob(landing.touch.paths[path][1]) or b""
            data = load(own, raw)[0] or {}
            person = str(data.get("person", ""))
            evidence = []
            if policy is not None and self._sealed(landing, path, raw, policy, observed) == person:
                evidence.append("signature")
            if any(signed[t.commit]["person"] == person for t in landing.source(path) if len(t.parents) < 2):
                evidence.append("commit")
            folder, _, name = own.rpartition("/")
            receipt = f"{folder.rpartition('/')[0]}/receipts/{name.removesuffix('.yaml')}.receipt.yaml"
            note = self.tip(receipt)
            if note is not None and (load(receipt, note)[0] or {}).get("person") == person:
                evidence.append("review")
            yield {"path": own, **{n: data[n] for n in names if n in data}, "evidence": evidence}

    def _sealed(self, landing: Landing, path: str, raw: bytes, policy: Policy, observed: int) -> str:
        """Return the person whose detached signature of the statement is good, or ""."""
        from orderctl.trust.keys import signer

        _, seal = landing.touch.paths.get(path + ".sig", ("", ""))
        armor = self.objects.blob(seal) if seal else None
        try:
            person = signer(policy.ring, armor, raw, STATEMENTS, observed, observed, path=path).person
        except Refusal:
            return ""
        return person if policy.active(person, observed) else ""


def _issued(statement: Mapping[str, Any]) -> tuple[str, str]:
    return str(statement.get("issued", "")), statement["path"]


def _plain(one: Difference) -> dict[str, Any]:
    return {"pointer": one.pointer, "old": one.old, "new": one.new}


def _moved(changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes with each removal and addition of the same content as one move."""
    gone = {(c["document"], c["blobs"][0]): c for c in changes if c["change"] == "removed"}
    found = []
    for change in changes:
        before = gone.get((change["document"], change["blobs"][1])) if change["change"] == "added" else None
        if before is not None:
            change |= {"change": "moved", "from": before["path"], "fields": []}
            before["change"] = ""
        found.append(change)
    return [{k: v for k, v in c.items() if k != "blobs"} for c in found if c["change"]]


def instant(at: int) -> str:
    """Return seconds since 1970 as RFC 3339; "" for a time that no calendar has."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return ""


def teller(objects: Objects, kinds: Mapping[str, Kind], prefix: str, tip: str) -> Teller:
    """Return what tells an account from a repository's objects. ``tip``: the newest commit looked at."""
    from orderctl.trust.graph import Graph
    from orderctl.trust.trees import Trees

    graph, trees = Graph(objects), Trees(objects)
    known: dict[tuple[str | None, str], Policy] = {}

    def tree_of(commit: str) -> str:
        return graph.commit(commit).tree

    def policy(commit: str) -> Policy | None:
        from orderctl.trust.policy import PolicyError, load_policy

        def read(path: str) -> tuple[str, bytes] | None:
            entry = trees.find(tree, prefix + path)
            content = objects.blob(entry.blob) if entry else None
            return (entry.mode, content) if entry is not None and content is not None else None

        try:
            tree = tree_of(commit)
            config = trees.find(tree, prefix + "orderctl.yaml")
            place = (trees.folder(tree, prefix + "policy"), config.blob if config else "")
            if place not in known:
                known[place] = load_policy(read, kinds)
        except (Refusal, PolicyError):
            return None
        return known[place]

    def file(path: str) -> bytes | None:
        try:
            entry = trees.find(tree_of(tip), prefix + path)
        except Refusal:
            return None
        return objects.blob(entry.blob) if entry else None

    return Teller(objects, graph, classifier(kinds.values()), prefix, policy, file)
