"""A push in, what speaks against it out: every ref is judged before any of them moves, and all land or none."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from orderctl.catalogue import load_catalogue
from orderctl.codes.server import LEDGER_GAP, REF_MOVED, TIME_CLOCK
from orderctl.git import Git
from orderctl.hooks import pending
from orderctl.hooks.push import Denial, Update, judge_refs, present, read_updates, unreadable
from orderctl.hooks.signed import Signer, judge_certificate, judge_tag
from orderctl.load import load
from orderctl.model import Finding, Severity
from orderctl.tree import commit_tree, ls_tree
from orderctl.trust.ledger import Ledger, Record, append, ledger_path, locked, read_ledger
from orderctl.trust.refusal import Refusal
from orderctl.trust.server import (
    MANIFEST,
    ZERO,
    Server,
    is_ancestor,
    manifest_digest,
    partial_history,
    pin_problem,
)
from orderctl.workspace import Workspace

if TYPE_CHECKING:
    from orderctl.gate import Verdict
    from orderctl.trust.policy import Policy

SKEW = 600
"""Seconds by which the server's clock may be behind its own ledger."""


def judge(
    workspace: Workspace, server: Server, data: bytes, variables: Mapping[str, str], observed: int, process: int
) -> tuple[Denial, ...]:
    """Return why the push is refused; empty if it may land, and then its verdicts are written for post-receive.

    ``data``: what git hands over; ``variables``: what it says about the push; ``process``: the id of the process that
    will move the refs. Raises SetupError where nothing can be judged.
    """
    git = workspace.git
    assert git is not None
    try:
        updates = read_updates(data)
        ledger = _sound(git, server, observed)
    except Refusal as refusal:
        return (Denial("", refusal.finding),)
    denials = tuple(judge_refs(git, server, updates))
    if denials:
        return denials
    push = _Push(workspace, git, server, observed, process, pusher_of(variables))
    return tuple(push.judge(updates, ledger, variables))


def _sound(git: Git, server: Server, observed: int) -> Ledger:
    """Return the ledger. Raises Refusal for a server that nothing can be judged on."""
    for finding in (partial_history(git), pin_problem(git, server)):
        if finding is not None:
            raise Refusal(finding)
    ledger = read_ledger(ledger_path(git.git_dir))
    if observed < ledger.newest - SKEW:
        raise Refusal(TIME_CLOCK.at("", commit="", person="", now=_text(observed), newest=_text(ledger.newest)))
    return ledger


class _Push:
    """One push: what all its refs share."""

    def __init__(
        self,
        workspace: Workspace,
        git: Git,
        server: Server,
        observed: int,
        process: int,
        pusher: Mapping[str, str],
    ) -> None:
        self.workspace = workspace
        self.git = git
        self.server = server
        self.observed = observed
        self.process = process
        self.pusher = dict(pusher)

    def judge(self, updates: Sequence[Update], ledger: Ledger, variables: Mapping[str, str]) -> Iterator[Denial]:
        """Yield what is wrong; write the verdicts if nothing is."""
        guarded = [update for update in updates if update.ref in self.server.protected]
        state = ledger_path(self.git.git_dir).parent
        with locked(state, "push.lock") if guarded else nullcontext():  # one after the other: the first one wins
            moved = list(self._moved(state, guarded))
            yield from moved
            if moved:
                return
            denials = list(self._signatures(updates, self._trusted(ledger), variables))
            records = []
            for update in updates:
                if update in guarded and not denials:
                    found, record = self._protected(update)
                    denials += found
                    records += [record] if record else []
                elif update.ref.startswith("refs/heads/") and not update.deletes:
                    denials += self._branch(update)
            yield from denials
            if not denials:
                pending.reserve(state, records, self.process)

    def _moved(self, state: Path, guarded: Sequence[Update]) -> Iterator[Denial]:
        """Yield each protected branch that somebody else has moved since this push began, or is just moving."""
        tips = present(self.git, [update.ref for update in guarded])
        for update in guarded:
            there = tips.get(update.ref, ZERO)
            if (there != update.old) or pending.moving(state, update.ref, update.old, self.process):
                yield Denial(update.ref, REF_MOVED.at("", commit="", person="", ref=update.ref))

    def _trusted(self, ledger: Ledger) -> str:
        """Return the commit whose policy counts for what belongs to no protected branch."""
        first = self.server.protected[0]
        last = ledger.last(first)
        return present(self.git, [first]).get(first) or (last.new if last else self.server.root)

    def _signatures(self, updates: Sequence[Update], trusted: str, variables: Mapping[str, str]) -> Iterator[Denial]:
        """Yield what is wrong with tags and with the signature on the push itself."""
        tags = [update for update in updates if update.is_tag]
        wanted = self._permissions(trusted).get("signed_push") is True
        if not tags and not wanted:
            return
        policy = self._policy(trusted)
        if isinstance(policy, tuple):
            yield from (Denial("", finding) for finding in policy)
            return
        for tag in tags:
            try:
                judge_tag(self.git, tag, policy, self.observed)
            except Refusal as refusal:
                yield Denial(tag.ref, refusal.finding)
        if wanted:
            try:
                signer: Signer = judge_certificate(self.git, variables, updates, policy, self.observed)
                self.pusher |= {"person": signer.person, "key": signer.fingerprint}
            except Refusal as refusal:
                yield Denial("", refusal.finding)

    def _permissions(self, commit: str) -> Mapping[str, object]:
        raw = self.git.try_run("cat-file", "blob", f"{commit}:policy/permissions.yaml")
        return (load("policy/permissions.yaml", raw.stdout)[0] if raw.returncode == 0 else None) or {}

    def _policy(self, commit: str) -> Policy | tuple[Finding, ...]:
        from orderctl.trust.policy import PolicyError, load_policy

        tree = commit_tree(self.git, None, commit)
        entries = {e.path: e for e in ls_tree(self.git, tree.tree_id, ["policy", "orderctl.yaml"])}

        def read(path: str) -> tuple[str, bytes] | None:
            entry = entries.get(path)
            data = next((found for _, found in tree.contents([entry])), None) if entry else None
            return (entry.mode, data) if entry and data is not None else None

        try:
            return load_policy(read, load_catalogue(tree).kinds)
        except PolicyError as error:
            return tuple(error.findings)

    def _protected(self, update: Update) -> tuple[list[Denial], Record | None]:
        """Return what is wrong with one step of a protected branch, or the verdict to be written."""
        try:
            base = self._settled(update)
        except _Gap as gap:
            return [Denial(update.ref, finding) for finding in gap.findings], None
        if base == update.new:
            return [], self._record(update.ref, update.old, update.new, None)
        verdict = self._gate(base, update.new)
        if not verdict.allow:
            return [*_denials(update.ref, verdict)], None
        return [], self._record(update.ref, update.old, update.new, verdict)

    def _settled(self, update: Update) -> str:
        """Return the commit that the step is judged from, after the ledger caught up with the branch."""
        path = ledger_path(self.git.git_dir)
        with locked(path.parent):
            last = read_ledger(path).last(update.ref)
            known = last.new if last else self.server.root
            if update.creates or update.old == known:
                if update.creates and known != update.new and not is_ancestor(self.git, known, update.new):
                    raise _Gap(self._gap(update.ref, update.new, known))
                return known
            steps = pending.path_between(path.parent, update.ref, known, update.old)
            if steps:
                append(path, steps)
                return update.old
        if not is_ancestor(self.git, known, update.old):
            raise _Gap(self._gap(update.ref, update.old, known))
        verdict = self._gate(known, update.old)
        if not verdict.allow:
            raise _Gap(self._gap(update.ref, update.old, known), *(f for f in verdict.findings if _is_error(f)))
        record = self._record(update.ref, known, update.old, verdict)
        with locked(path.parent):
            last = read_ledger(path).last(update.ref)
            if last is None or last.new == known:
                append(path, [replace(record, recovered=True)])
        return update.old

    def _gap(self, ref: str, tip: str, last: str) -> Finding:
        return LEDGER_GAP.at("", commit=tip, person="", ref=ref, tip=tip[:10], last=last[:10])

    def _gate(self, base: str, head: str) -> Verdict:
        from orderctl.gate import gate

        return gate(self.workspace, base, head, observed=self.observed)

    def _record(self, ref: str, old: str, new: str, verdict: Verdict | None) -> Record:
        if verdict is None:  # the pinned root itself
            raw = self.git.run("cat-file", "blob", f"{new}:{MANIFEST}")
            version = (load(MANIFEST, raw)[0] or {}).get("version")
            policy, number = manifest_digest(self.git, new), version if isinstance(version, int) else 0
        else:
            policy, number = verdict.policy_digest, verdict.policy_version
        tree = self.git.resolve(new, "tree") or ""
        return Record(
            observed=self.observed,
            ref=ref,
            old=old,
            new=new,
            tree=tree,
            policy_version=number,
            policy_sha256=policy,
            pusher=self.pusher,
            verdict=digest_of(verdict) if verdict else "",
        )

    def _branch(self, update: Update) -> Iterator[Denial]:
        """Yield the new commits of an unprotected branch that could land nowhere, whatever they hold."""
        new = self.git.run("rev-list", "--max-count=10001", update.new, "--not", "--all").decode().split()
        yield from (Denial(update.ref, finding) for finding in unreadable(self.git, new))


class _Gap(Exception):
    """The branch isn't where the ledger left it, and what lies between doesn't pass."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = findings


def _denials(ref: str, verdict: Verdict) -> Iterator[Denial]:
    for finding in verdict.findings:
        if _is_error(finding):
            yield Denial(ref, finding)


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def digest_of(verdict: Verdict) -> str:
    """Return a SHA-256 of what was judged, when, by which policy, and what was found."""
    found = [[f.rule, f.path, f.pointer, sorted((k, str(v)) for k, v in f.params.items())] for f in verdict.findings]
    value = [verdict.base, verdict.head, verdict.observed, verdict.policy_version, verdict.policy_digest, sorted(found)]
    return sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")).hexdigest()


def pusher_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return who pushes, as far as the transport says; display only, nothing is decided by it."""
    names = ("REMOTE_USER", "GL_USER", "GITEA_PUSHER_NAME", "LOGNAME", "USER")
    found = next((variables[name] for name in names if variables.get(name)), "")
    return {"user": found[:100].encode("utf-8", "backslashreplace").decode()}


def now() -> int:
    """Return the server's clock, in seconds since 1970."""
    return int(time.time())


def _text(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
