"""``orderctl show ID``: one document with its case: fields, what is computed, timeline, rows, findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any

import click

from orderctl.commands.list import as_json
from orderctl.model import Report
from orderctl.report import renderer
from orderctl.session import ERRORS, Command, Session, session, unknown
from orderctl.terminal import emit, table, technical, visible

_SAID = 4
"""Values shown of each document in the timeline."""
Words = Callable[[Any, Mapping[str, Any]], str]
"""Gives a value in words, by its schema."""


@click.command(
    "show", cls=Command, help="Show an order, requirement, ticket, customer, product … with what is known of it."
)
@click.argument("id")
@click.option("--rev", metavar="REV", help="As of this commit instead of the files on disk.")
@click.option("--as-of", metavar="DATE", help="With the clock at that day or time.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(id: str, rev: str | None, as_of: str | None, output: str) -> int:
    """Exit 2 for an id that nothing has, with the nearest; 10 with the findings for one that can't be read."""
    from orderctl.dossier import dossier, find, ids
    from orderctl.names import names_at
    from orderctl.pipeline import find_workspace, open_book
    from orderctl.shown import show

    s = session()
    with open_book(find_workspace(), rev, as_of) as run:
        book, found = run.reader(), run.catalogue
        document = find(id, found, book)
        if document is None:
            broken = [f for f in run.findings() if id.strip() in (*PurePath(f.path).parts, PurePath(f.path).stem)]
            if not broken:
                raise unknown(id, ids(found, book))
            shown = show(broken, run.tree.read, found.sentence, s.language)
            emit(renderer("concise")(Report(shown, 0, s.language)))
            return ERRORS
        data = dossier(document, found, book)
        unit = [f for f in run.findings() if f.path == document.unit or f.path.startswith(document.unit + "/")]
        findings = show(unit, run.tree.read, found.sentence, s.language)
        own = run.config.data.get("status_names") or {}
        call = names_at(run.tree, found.kinds, found.validator).caller(s.language)
    if output == "json":
        keys = ("rule", "severity", "path", "line", "column", "field", "message", "hint")
        data["findings"] = [
            {key: str(getattr(f, key)) if key == "severity" else getattr(f, key) for key in keys} for f in findings
        ]
        emit(json.dumps(as_json(data), ensure_ascii=False, indent=2) + "\n")
        return 0
    emit(_text(data, found.kinds, s, partial(_words, s, own, call)))
    if findings:
        emit("\n" + s.texts.gettext("Findings") + "\n")
        emit(table([["  " + f"{f.path}:{f.line}", f.rule, f.message] for f in findings]))
    return 0


def _words(
    s: Session, own: Mapping[str, Any], call: Callable[[str, str], str], value: Any, node: Mapping[str, Any]
) -> str:
    """Return a value in words; ``own``: the company's words for statuses, ``call``: names for ids."""
    from orderctl.labels import value_name

    return visible(value_name(value, s.texts, s.language, node, own, call))


def _text(data: Mapping[str, Any], kinds: Mapping[str, Any], s: Session, words: Words) -> str:
    from orderctl.digest import material_digest
    from orderctl.labels import fact_field, field_name, node_of
    from orderctl.names import ID_OF

    _ = s.texts.gettext
    kind = kinds[data["kind"]]

    def node(field: str) -> Mapping[str, Any]:
        found = node_of(kind.schema, f"/{field}")
        return {"x-id-of": ID_OF[field]} if not found and field in ID_OF else found  # facts have no schema

    def label(field: str) -> str:
        return field_name(kind.schema, f"/{field}", s.texts, s.language)

    parts = [f"{kind.title(s.language)} {visible(data['id'])}\n{visible(data['path'])}\n"]
    for fact, records in data["facts"].items():
        head = f"\n{_('Computed: {fact}').format(fact=fact_field(fact, s.texts))}\n"
        if len(records) > 1:
            parts.append(head + _records(records, label, s, words, node))
        elif rows := _fields(records[0], label, words, node, hidden=(data["kind"],)):
            lists = [_records(v, label, s, words, node) for v in records[0].values() if _nested(v)]
            parts.append(head + table(rows) + "".join("\n" + rows for rows in lists))
            if any("decision" in item for v in records[0].values() if _nested(v) for item in v):
                parts.append(f"  {_('Approvals are counted as they are filed; their proof is not verified.')}\n")
    parts.append(f"\n{_('Document')}\n" + table(_fields(data["document"], label, words, node, hidden=("schema",))))
    if kind.is_case:
        digest = material_digest(kind.schema, data["document"])
        parts.append(f"  {_('Digest (as a submission or approval names it): {digest}').format(digest=digest)}\n")
    for key, value in data["document"].items():
        if _nested(value):
            inner = partial(_inner, f"{key}/0/", label), partial(_inner, f"{key}/0/", node)
            parts.append(f"\n{label(key)}\n" + _records(value, inner[0], s, words, inner[1]))
    rows = []
    for event in data["timeline"]:
        schema = kinds[event["kind"]].schema
        said = (words(v, node_of(schema, p)) for p, v in event["says"].items())
        own = [event["id"]] if kinds[event["kind"]].key else []
        about = " ".join([*own, *list(said)[:_SAID]])
        rows.append(
            [f"  {event['at']}", kinds[event["kind"]].title(s.language), visible(about), visible(event["path"])]
        )
    parts += [f"\n{_('Timeline')}\n" + table(rows)] if rows else []
    for name, related in data["related"].items():
        cells = [["  " + visible(row[0]), *(visible(cell) for cell in row[1:])] for row in related]
        parts.append(f"\n{kinds[name].title(s.language)}\n" + table(cells))
    return "".join(parts)


def _inner(prefix: str, of: Callable[[str], Any], column: str) -> Any:
    return of(prefix + column)


def _fields(
    record: Mapping[str, Any],
    label: Callable[[str], str],
    words: Words,
    node: Callable[[str], Mapping[str, Any]],
    hidden: tuple[str, ...],
) -> list[list[str]]:
    """Return the simple fields of a record with their values in words; digests say nothing to people."""
    rows = []
    for key, value in record.items():
        if key in ("id", *hidden) or _nested(value) or technical(value):
            continue
        if isinstance(value, Mapping) and value:
            rows.append(["  " + label(key), ""])
            inner = _fields(value, partial(_inner, f"{key}/", label), words, partial(_inner, f"{key}/", node), ())
            rows += [["  " + head, said] for head, said in inner]
        elif said := words(value, node(key)):
            rows.append(["  " + label(key), said])
    return rows


def _nested(value: Any) -> bool:
    return isinstance(value, tuple | list) and any(isinstance(v, Mapping) for v in value)


def _records(
    rows: Any, label: Callable[[str], str], s: Session, words: Words, node: Callable[[str], Mapping[str, Any]]
) -> str:
    """Return rows of mappings as a table; deeper lists are left to the file, of two languages one is shown."""
    other = "en" if s.language == "zh" else "zh"
    both = any("zh" in r and "en" in r for r in rows)
    keys = list(dict.fromkeys(k for r in rows for k, v in r.items() if not _nested(v) and not (both and k == other)))
    cells = [[words(r.get(k), node(k)) for k in keys] for r in rows]
    kept = [i for i in range(len(keys)) if any(row[i] for row in cells)]
    body = [[label(keys[i]) for i in kept], *([row[i] for i in kept] for row in cells)]
    return table([["  " + row[0], *row[1:]] for row in body if row])
