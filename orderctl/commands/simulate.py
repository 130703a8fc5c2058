"""``orderctl simulate``: what another approval policy would have meant for the orders there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderctl.commands.list import as_json
from orderctl.model import Document, Finding, freeze
from orderctl.session import ERRORS, Command, Session, session
from orderctl.terminal import emit, table, trouble, visible

if TYPE_CHECKING:
    from orderctl.pipeline import Run
    from orderctl.simulate import Asked, Change, Simulation
    from orderctl.workspace import Workspace

FILES = {"flows": "policy/flows.yaml", "people": "policy/people.yaml"}
"""What a policy consists of here: kind → where it lies."""

COVERS = ("APR-10",)


@click.command(
    "simulate", cls=Command, help="Show which approvals another policy would have asked for, order by order."
)
@click.option("--policy", metavar="PATH", help="The other policy: a flows.yaml, or a folder with flows.yaml in it.")
@click.option("--rev", metavar="REV", help="The other policy: the one of this commit.")
@click.option("--from", "first", default="", metavar="DATE", help="Only orders dated on that day or later.")
@click.option("--to", "last", default="", metavar="DATE", help="Only orders dated on that day or earlier.")
@click.option("--as-of", metavar="DATE", help="With the clock at that day or time.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(policy: str | None, rev: str | None, first: str, last: str, as_of: str | None, output: str) -> int:
    """Exit 10 for a policy that breaks its schema, with all that is wrong with it."""
    from orderctl.pipeline import find_workspace, open_book
    from orderctl.simulate import Proposed, simulate

    s = session()
    _ = s.texts.gettext
    if (policy is None) == (rev is None):
        raise click.UsageError(_("Name the other policy: --policy PATH or --rev REV."))
    for day in (first, last):
        _check_day(day)
    workspace = find_workspace()
    files = _of_path(Path(policy)) if policy is not None else _of_revision(workspace, str(rev))
    with open_book(workspace, None, as_of) as run:
        documents, found = _read(files, run)
        if found:
            _complain(s, found, files, run)
            return ERRORS
        book = run.reader()
        result = simulate(book, Proposed(book, documents), first, last)
    emit(_json(result) if output == "json" else _text(s, result))
    return 0


def _check_day(day: str) -> None:
    from datetime import date

    try:
        if day:
            date.fromisoformat(day)
    except ValueError:
        message = session().texts.gettext("“{day}” is no date. Write it as 2024-05-20")
        raise click.UsageError(message.format(day=visible(day))) from None


def _of_path(path: Path) -> dict[str, bytes]:
    """Return the policy files at a path: a flows.yaml alone, or those of a folder."""
    _ = session().texts.gettext
    named = {path.name if path.name in ("flows.yaml", "people.yaml") else "flows.yaml": path}
    if path.is_dir():
        folder = path if (path / "flows.yaml").is_file() else path / "policy"
        named = {name: folder / name for name in ("flows.yaml", "people.yaml") if (folder / name).is_file()}
    found = {}
    for kind, place in FILES.items():
        if (file := named.get(place.rpartition("/")[2])) is not None:
            try:
                found[kind] = file.read_bytes()
            except OSError as error:
                raise click.UsageError(f"{visible(str(file))}: {trouble(error, session().language)}") from error
    if not found:
        raise click.UsageError(_("There is no flows.yaml in {folder}").format(folder=visible(str(path))))
    return found


def _of_revision(workspace: Workspace, rev: str) -> dict[str, bytes]:
    from orderctl.revisions import tree_of

    tree = tree_of(workspace, rev)
    found = {kind: data for kind, path in FILES.items() if (data := tree.read(path)) is not None}
    if not found:
        message = session().texts.gettext("There is no policy in {rev}")
        raise click.UsageError(message.format(rev=visible(rev)))
    return found


def _read(files: dict[str, bytes], run: Run) -> tuple[list[Document], list[Finding]]:
    """Return the policy's documents, and what is wrong with them."""
    from orderctl.load import load
    from orderctl.validate import Validator

    validator = Validator(run.catalogue.kinds)
    documents, found = [], []
    for kind, data in files.items():
        value, wrong = load(FILES[kind], data)
        wrong += validator.findings(kind, FILES[kind], value) if value is not None else []
        found += wrong
        documents.append(Document(kind, kind, FILES[kind], "", FILES[kind], freeze(value or {})))
    return documents, found


def _complain(s: Session, found: list[Finding], files: dict[str, bytes], run: Run) -> None:
    from orderctl.model import Report
    from orderctl.report import renderer
    from orderctl.shown import show

    texts = {FILES[kind]: data for kind, data in files.items()}
    shown = show(found, texts.get, run.catalogue.sentence, s.language)
    emit(renderer("text")(Report(shown, len(files), s.language)))


def _json(result: Simulation) -> str:
    plain: dict[str, Any] = as_json(asdict(result))
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def _text(s: Session, result: Simulation) -> str:
    """Return the orders that would have gone another way, then the sums."""
    from orderctl.words import money

    _, ngettext = s.texts.gettext, s.texts.ngettext
    orders = ngettext("{n} order", "{n} orders", result.orders).format(n=result.orders)
    sentence = _("{orders}: {changed} would have been approved another way")
    parts = [sentence.format(orders=orders, changed=len(result.changes)) + "\n"]
    for change in result.changes:
        total = money(change.total, change.currency) if change.total is not None else ""
        flows = f"{change.flow or '–'} → {change.flow_then or '–'}" if change.flow != change.flow_then else change.flow
        parts.append("\n" + visible("  ".join(w for w in (change.order, change.date, total, flows) if w)) + "\n")
        parts.append("".join(f"  {line}\n" for line in _lines(s, change)))
    if result.without:
        sentence = _("No flow fits these, so nobody could approve them: {orders}")
        parts.append("\n" + sentence.format(orders=visible(_(", ").join(result.without))) + "\n")
    heads = [_("stage"), _("orders now"), _("then"), _("hours now"), _("then")]
    rows = [
        [visible(x.zh if s.language == "zh" else x.en), *map(str, (x.orders, x.orders_then, x.hours, x.hours_then))]
        for x in result.sums
    ]
    return "".join([*parts, "\n", table([heads, *rows])])


def _lines(s: Session, change: Change) -> list[str]:
    return [*(f"+ {_stage(s, a)}" for a in change.added), *(f"- {_stage(s, a)}" for a in change.removed)]


def _stage(s: Session, stage: Asked) -> str:
    """Return a stage in a line: its name, how many of whom, in how many hours."""
    _, ngettext = s.texts.gettext, s.texts.ngettext
    who = _names(stage.who) or _("nobody")
    parts = [
        stage.zh if s.language == "zh" else stage.en,
        _("{n} of {names}").format(n=stage.needs, names=who) if stage.needs > 1 else who,
        ngettext("{n} hour", "{n} hours", stage.hours).format(n=stage.hours) if stage.hours else "",
        _("afterwards") if stage.ratify else "",
    ]
    return visible(" · ".join(part for part in parts if part))


def _names(ids: Sequence[str]) -> str:
    return session().texts.gettext(", ").join(ids)
