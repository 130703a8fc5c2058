"""``orderctl next``: what waits for a person, until when and why, with the command that does it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import click

from orderctl.session import Command, Session, session, unknown
from orderctl.terminal import emit, visible

if TYPE_CHECKING:
    from orderctl.hookspecs import Book
    from orderctl.names import Names
    from orderctl.pipeline import Run
    from orderctl.todo import Todo
    from orderctl.workspace import Workspace

COVERS = ("APR-4", "APR-11")


@click.command("next", cls=Command, help="Show what waits for you: decisions due, and orders of yours to correct.")
@click.option("--for", "person", metavar="PERSON", help="For this person instead of the one that git is set up for.")
@click.option("--as-of", metavar="DATE", help="With the clock at that day or time.")
@click.option("--rev", metavar="REV", help="As of this commit instead of the files on disk.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(person: str | None, as_of: str | None, rev: str | None, output: str) -> int:
    """Exit 2 when the person isn't known."""
    from orderctl.names import names_at
    from orderctl.pipeline import find_workspace, open_book
    from orderctl.todo import todos

    s = session()
    workspace = find_workspace()
    with open_book(workspace, rev, as_of) as run:
        book = run.reader()
        document = book.doc("people", "people")
        people = {p["id"]: p for p in document["people"]} if document else {}
        who = _named(person, people) if person else _configured(workspace, people)
        manifest = sha256(run.tree.read("policy/policy.yaml") or b"").hexdigest()
        found = todos(who, book, _before(workspace, run), manifest)
        names = names_at(run.tree, run.catalogue.kinds, run.catalogue.validator)
        rows = [_row(s, todo, names, book) for todo in found]
    if output == "json":
        waiting = [{("for" if k == "for_" else k): v for k, v in asdict(todo).items()} for todo in found]
        emit(json.dumps({"person": who, "waiting": waiting}, ensure_ascii=False, indent=2) + "\n")
        return 0
    _, ngettext = s.texts.gettext, s.texts.ngettext
    name = visible(names.person(who, s.language))
    if not rows:
        emit(_("{name}: nothing waits for you.").format(name=name) + "\n")
        return 0
    head = ngettext("{name}: {n} thing waits for you", "{name}: {n} things wait for you", len(rows))
    emit("\n".join([head.format(name=name, n=len(rows)), "", *rows]))
    return 0


def _before(workspace: Workspace, run: Run) -> Book | None:
    """Return the book by the policy that has landed, if the run's tree holds another one that hasn't."""
    from orderctl.desk.base import landed
    from orderctl.load import load
    from orderctl.model import Document, freeze
    from orderctl.simulate import Proposed
    from orderctl.tree import commit_tree

    git = workspace.git
    head = git.resolve(run.tree.revision or "HEAD") if git is not None else None
    manifest = run.tree.read("policy/policy.yaml")
    if git is None or head is None or manifest is None:
        return None
    tree = commit_tree(git, workspace.root, landed(workspace, head) or head, workspace.prefix)
    if tree.read("policy/policy.yaml") in (None, manifest):
        return None
    documents = []
    for kind, path in (("flows", "policy/flows.yaml"), ("people", "policy/people.yaml")):
        value, _found = load(path, tree.read(path) or b"")
        documents.append(Document(kind, kind, path, "", path, freeze(value or {kind: []})))
    return Proposed(run.reader(), documents)


def _row(s: Session, todo: Todo, names: Names, book: Book) -> str:
    """Return what waits as a person reads it: what, until when, why, and the command."""
    from orderctl.workdays import company_time

    _ = s.texts.gettext
    place = visible(todo.subject if todo.kind in ("order", "policy") else f"{todo.kind} {todo.subject}")
    head = [place, visible(todo.zh if s.language == "zh" else todo.en)]
    if todo.due:
        due = company_time(book, todo.due)
        head.append(_("overdue since {due}").format(due=due) if todo.late else _("due {due}").format(due=due))
    about = [*_about(s, todo, book), _why(s, todo, names)]
    lines = ["  ".join(h for h in head if h), "  " + " · ".join(a for a in about if a), "  " + _command(s, todo)]
    return "\n".join(lines) + "\n"


def _about(s: Session, todo: Todo, book: Book) -> list[str]:
    """Return the customer and the total of an order."""
    from orderctl.words import money

    row = book.fact("status", todo.subject) if todo.kind == "order" else None
    if row is None:
        return []
    customer = book.doc("customer", str(row["customer"]))
    zh = customer["name"] if customer else str(row["customer"])
    name = zh if s.language == "zh" or customer is None else customer.get("name_en", zh)
    total = money(row["total"], row["currency"]) if row["total"] is not None else ""
    return [visible(str(name)), total, s.texts.gettext("urgent") if row["urgent"] else ""]


def _why(s: Session, todo: Todo, names: Names) -> str:
    _ = s.texts.gettext
    role = visible(names.role(todo.role, s.language))
    if todo.action == "submit":
        return _("not submitted yet: your order")
    if todo.action == "revise":
        return _("rejected: “{said}”").format(said=visible(todo.said))
    if todo.why == "deputy":
        sentence = _("you stand in for {name} ({role})")
        return sentence.format(name=visible(names.person(todo.for_, s.language)), role=role)
    if todo.why == "late":
        return _("late, so it passes on to you ({role}); say why in --reason").format(role=role)
    return _("to ratify afterwards, as {role}").format(role=role) if todo.action == "ratify" else role


def _command(s: Session, todo: Todo) -> str:
    """Return what to do next; the opinion is theirs to write."""
    if todo.revision:
        _ = s.texts.gettext
        sentence = _("mend order.yaml, write revision: {revision}, commit it, then run: orderctl submit {number}")
        return sentence.format(revision=todo.revision, number=visible(todo.subject))
    if todo.action in ("submit", "revise"):
        return f"orderctl submit {visible(todo.subject)}"
    more = (f" --for {todo.for_}" if todo.for_ else "") + (' --reason "…"' if todo.why == "late" else "")
    return f'orderctl approve {visible(todo.subject)} --stage {visible(todo.stage)}{visible(more)} --opinion "…"'


def _named(person: str, people: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the id of whoever has this id or name; raise a usage error that names the nearest."""
    wanted = person.strip().casefold()
    for id, entry in people.items():
        if wanted in (id.casefold(), str(entry["name"]).casefold(), str(entry.get("name_en", "")).casefold()):
            return id
    raise unknown(person, people)


def _configured(workspace: Workspace, people: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the person whose key git signs with, else whose e-mail it has; raise a usage error if nobody's."""
    blob, email = _git_identity(workspace)
    for id, entry in people.items():
        if blob and any(blob in str(key.get("key", "")).split() for key in entry.get("keys", ())):
            return id
    for id, entry in people.items():
        if email and str(entry.get("email", "")).casefold() == email.casefold():
            return id
    _ = session().texts.gettext
    message = _(
        "Git's key and e-mail belong to nobody in policy/people.yaml. Say for whom: --for PERSON, one of {names}"
    )
    names = (f"{id} ({visible(str(entry['name']))})" for id, entry in sorted(people.items()))
    raise click.UsageError(message.format(names=_(", ").join(names)))


def _git_identity(workspace: Workspace) -> tuple[str, str]:
    """Return the public key (its middle part) that git signs with and the e-mail it writes; "" for what isn't set."""
    from pathlib import Path

    from orderctl.desk.repository import setting

    if workspace.git is None:
        return "", ""
    key = setting(workspace, "user.signingKey").removeprefix("key::")
    if key and not key.startswith(("ssh-", "ecdsa-", "sk-")):
        file = Path(setting(workspace, "user.signingKey", "path"))
        public = file if file.suffix == ".pub" else file.with_name(file.name + ".pub")
        try:
            key = public.read_text(encoding="utf-8", errors="replace")
        except OSError:
            key = ""
    parts = key.split()
    return parts[1] if len(parts) > 1 else "", setting(workspace, "user.email")
