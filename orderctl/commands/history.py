"""``orderctl history ID``: who changed and approved which field when, and what proves that it was them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from orderctl.commands.list import as_json
from orderctl.session import NOTHING, Command, Session, session, unknown
from orderctl.terminal import emit, visible

if TYPE_CHECKING:
    from orderctl.git import Git
    from orderctl.names import Names
    from orderctl.pipeline import Workspace
    from orderctl.schema import Kind
    from orderctl.tree import Tree
    from orderctl.trust.find import Place
    from orderctl.trust.history import Landing

COVERS = ("DAT-2",)

_LONG = 60
"""Characters of a value shown on a line of text; JSON has it whole."""
_SHORT = 10
"""Characters of a commit's id shown in text."""


@click.command(
    "history", cls=Command, help="Show who changed and approved which field of an order or document, and when."
)
@click.argument("id")
@click.option("--rev", metavar="REV", help="Up to this commit instead of HEAD.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(id: str, rev: str | None, output: str) -> int:
    """Exit 2 for an id that nothing has, 3 for something that was never committed."""
    from orderctl.audit import annotate
    from orderctl.catalogue import load_catalogue
    from orderctl.names import names_of
    from orderctl.objects import Objects
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import tree_of
    from orderctl.trust.account import teller
    from orderctl.workspace import read_config

    s = session()
    workspace = find_workspace()
    tree = tree_of(workspace, "HEAD" if rev is None else rev)
    git, kinds = workspace.git, load_catalogue(tree).kinds
    assert git is not None
    prefix = f"{workspace.prefix}/" if workspace.prefix else ""
    place, landed = _found(id, workspace, git, tree, prefix, kinds)
    with Objects(git) as objects:
        told = teller(objects, kinds, prefix, tree.revision)
        states, newest = told.tell(landed, place), told.policy(tree.revision)
    audited = annotate(git)
    for state in states:
        state["audit"] = audited(state["commit"])
    if output == "json":
        whole = {"id": place.id, "paths": list(place.paths), "commit": tree.revision, "states": states}
        emit(_plain(json.dumps(as_json(_titled(whole, kinds, s)), ensure_ascii=False, indent=2)) + "\n")
    elif states:
        people, flows = (newest.people_data, newest.flows) if newest is not None else (None, None)
        names = names_of(people, flows, kinds["people"].schema)
        view = _View(s, kinds, ZoneInfo(read_config(tree).zone), names)
        emit("".join(visible(line) + "\n" for line in view.lines(place, states)))
    else:
        s.say(s.texts.gettext("{id} was never committed.").format(id=place.id))
    return 0 if states else NOTHING


def _found(
    id: str, workspace: Workspace, git: Git, tree: Tree, prefix: str, kinds: Mapping[str, Kind]
) -> tuple[Place, list[Landing]]:
    """Return where the history of ``id`` lies, and its landings. The book is asked only for ids that are nobody's file
    or folder; what isn't there any more still has a history."""
    from orderctl.dossier import find as find_document
    from orderctl.dossier import ids
    from orderctl.pipeline import open_book
    from orderctl.trust.find import find, removed
    from orderctl.trust.history import landings

    def landed(place: Place) -> list[Landing]:
        return landings(git, tree.revision, [prefix + path for path in place.paths])

    place = find(git, tree.revision, prefix, kinds, id)
    if place is not None:
        return place, landed(place)
    with open_book(workspace, tree.revision) as run:
        document = find_document(id, run.catalogue, run.reader())
        near = list(ids(run.catalogue, run.reader()))
    place = find(git, tree.revision, prefix, kinds, document.unit) if document is not None else None
    if place is not None:
        return place, landed(place)
    for gone in removed(id.strip()):
        if states := landed(gone):
            return gone, states
    raise unknown(id, near)


def _plain(text: str) -> str:
    """Return JSON with every unseen character as its escape: nothing that a terminal would act on."""
    odd = {ord(c): json.dumps(c)[1:-1] for c in set(text) if c != "\n" and visible(c) != c}
    return text.translate(odd)


def _titled(whole: dict[str, Any], kinds: Mapping[str, Kind], s: Session) -> dict[str, Any]:
    """Return the account with each field's title beside its pointer."""
    for state in whole["states"]:
        for change in (*state["changes"], *(c for commit in state["commits"] for c in commit["changes"])):
            for row in change["fields"]:
                row["title"] = _title(kinds.get(change["kind"]), row["pointer"], s)
    return whole


def _title(kind: Kind | None, pointer: str, s: Session) -> str:
    """Return a field's name with those around it: “Lines 2 › Quantity”."""
    from orderctl.labels import field_name
    from orderctl.model import pointer_of, pointer_parts

    names: list[str] = []
    parts = pointer_parts(pointer)
    for depth, part in enumerate(parts, 1):
        if part.isdigit() and names:
            names[-1] += f" {int(part) + 1}"
        else:
            schema = kind.schema if kind is not None else {}
            names.append(field_name(schema, pointer_of(tuple(parts[:depth])), s.texts, s.language))
    return " › ".join(names)


@dataclass(frozen=True, slots=True)
class _View:
    """An account as lines of text in one language, times in the company's zone."""

    s: Session
    kinds: Mapping[str, Kind]
    zone: ZoneInfo
    names: Names
    """Names as the newest policy has them."""

    def lines(self, place: Place, states: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the lines, oldest state first."""
        yield f"{place.id}  {place.paths[0]}" if place.id != place.paths[0] else place.id
        for state in states:
            yield ""
            yield self._head(state)
            for statement in state["statements"]:
                yield "  " + self._decision(statement)
            decided = {statement["path"] for statement in state["statements"]}
            told = {change["path"] for change in state["changes"]}
            for change in state["changes"]:
                seal = change["path"].endswith(".sig") and change["path"].removesuffix(".sig") in told
                if change["path"] not in decided and not seal:
                    yield from (f"  {line}" for line in self._change(change, state))

    def _head(self, state: Mapping[str, Any]) -> str:
        _ = self.s.texts.gettext
        at = state["at"] and datetime.fromisoformat(state["at"]).astimezone(self.zone).strftime("%Y-%m-%d %H:%M")
        signed = self.names.person(state["person"], self.s.language)
        who = _("{person}, signed").format(person=signed) if signed else self._unproved(state)
        audit = {"": "", "allow": _("audited"), "deny": _("denied by the audit")}[state["audit"]]
        return "  ".join(part for part in (at, state["commit"][:_SHORT], who, audit, state["message"][:_LONG]) if part)

    def _unproved(self, state: Mapping[str, Any]) -> str:
        """Say what a signature lacks; the name in such a commit is only what somebody typed."""
        _ = self.s.texts.gettext
        said = {
            "sig.none": _("not signed"),
            "sig.unknown_key": _("signed with an unknown key"),
            "sig.bad": _("signature doesn't fit"),
            "key.expired": _("key retired"),
            "key.revoked": _("key revoked"),
            "key.compromised": _("key compromised"),
            "policy.missing": _("no policy to judge by"),
        }
        why = said.get(state["signature"]) or _("signature not accepted: {code}").format(code=state["signature"])
        return _("{why} (says “{name}”)").format(why=why, name=state["name"][:_LONG])

    def _decision(self, one: Mapping[str, Any]) -> str:
        _ = self.s.texts.gettext
        said = {"approve": _("approved"), "reject": _("rejected"), "withdraw": _("withdrawn")}
        known = {"signature": _("signature"), "commit": _("signed commit"), "review": _("review")}
        person = self.names.person(one.get("person", ""), self.s.language)
        if one.get("for"):
            other = self.names.person(one["for"], self.s.language)
            person = _("{person} for {other}").format(person=person, other=other)
        sentence = _("{decision}: {subject} revision {revision}, {stage}, by {person}: {opinion} [{proof}]")
        return sentence.format(
            decision=said.get(one.get("decision", ""), one.get("decision", "")),
            subject=self._kind(one.get("subject", "")),
            revision=one.get("revision", ""),
            stage=self.names.stage(one.get("stage", ""), self.s.language),
            person=person,
            opinion=str(one.get("opinion", ""))[:_LONG],
            proof=", ".join(known[e] for e in one["evidence"]) or _("no proof"),
        )

    def _change(self, change: Mapping[str, Any], state: Mapping[str, Any]) -> Iterator[str]:
        _ = self.s.texts.gettext
        said = {
            "added": _("{document} added"),
            "removed": _("{document} removed"),
            "moved": _("{document} moved from {place}"),
            "changed": _("{document} changed"),
        }
        head = said[change["change"]].format(document=change["document"], place=change.get("from", ""))
        if change["change"] == "changed" and change["fields"]:
            head = change["document"]
        yield head + (self._by(change, state) if not change["fields"] or change["change"] != "changed" else "")
        if change["change"] == "changed" or self.s.verbose > 0:
            for row in change["fields"]:
                title = _title(self.kinds.get(change["kind"]), row["pointer"], self.s)
                old, new = (self._value(row[name], change["kind"], row["pointer"]) for name in ("old", "new"))
                yield f"  {title}: {old} → {new}{self._by(row, state)}"

    def _by(self, one: Mapping[str, Any], state: Mapping[str, Any]) -> str:
        """Say which commit brought it, where that isn't the state's own."""
        if one["commit"] == state["commit"]:
            return ""
        person = self.names.person(one["person"], self.s.language) or self.s.texts.gettext("unproved")
        return f"  ({person}, {one['commit'][:_SHORT]})"

    def _kind(self, name: str) -> str:
        return self.kinds[name].title(self.s.language) if name in self.kinds else name

    def _value(self, value: Any, kind: str, pointer: str) -> str:
        from orderctl.labels import node_of, value_name

        schema = self.kinds[kind].schema if kind in self.kinds else {}
        call = self.names.caller(self.s.language)
        text = value_name(value, self.s.texts, self.s.language, node_of(schema, pointer), call=call) or "—"
        return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
