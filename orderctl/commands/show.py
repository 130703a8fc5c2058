"""``orderctl show ID``: one document with its case: fields, what is computed, timeline, rows, findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from orderctl.commands.list import as_json
from orderctl.session import Command, Session, session, unknown
from orderctl.terminal import emit, table, visible


@click.command(
    "show", cls=Command, help="Show an order, requirement, ticket, customer, product … with what is known of it."
)
@click.argument("id")
@click.option("--rev", metavar="REV", help="As of this commit instead of the files on disk.")
@click.option("--as-of", metavar="DATE", help="With the clock at that day or time.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(id: str, rev: str | None, as_of: str | None, output: str) -> int:
    """Exit 2 for an id that nothing has; the nearest ones are named."""
    from orderctl.dossier import dossier, find, ids
    from orderctl.pipeline import find_workspace, open_book
    from orderctl.shown import show

    s = session()
    with open_book(find_workspace(Path.cwd()), rev, as_of) as run:
        book, found = run.reader(), run.catalogue
        document = find(id, found, book)
        if document is None:
            raise unknown(id, ids(found, book))
        data = dossier(document, found, book)
        unit = [f for f in run.findings() if f.path == document.unit or f.path.startswith(document.unit + "/")]
        findings = show(unit, run.tree.read, found.sentence, s.language)
        names = run.config.data.get("status_names") or {}
    if output == "json":
        keys = ("rule", "severity", "path", "line", "column", "field", "message", "hint")
        data["findings"] = [
            {key: str(getattr(f, key)) if key == "severity" else getattr(f, key) for key in keys} for f in findings
        ]
        emit(json.dumps(as_json(data), ensure_ascii=False, indent=2) + "\n")
        return 0
    emit(_text(data, found.kinds, names, s))
    if findings:
        emit("\n" + s.texts.gettext("Findings") + "\n")
        emit(table([["  " + f"{f.path}:{f.line}", f.rule, f.message] for f in findings]))
    return 0


def _text(data: Mapping[str, Any], kinds: Mapping[str, Any], names: Mapping[str, Any], s: Session) -> str:
    from orderctl.labels import fact_field, field_name, node_of, value_name

    _ = s.texts.gettext
    kind = kinds[data["kind"]]

    def named(value: Any, pointer: str) -> str:
        return visible(value_name(value, s.texts, s.language, node_of(kind.schema, pointer), names))

    parts = [f"{kind.title(s.language)} {visible(data['id'])}\n{visible(data['path'])}\n"]
    for fact, records in data["facts"].items():
        simple = [r for r in records if any(not isinstance(v, Mapping | tuple | list) for v in r.values())]
        if len(simple) == 1:
            rows = [
                ["  " + fact_field(k, s.texts), visible(value_name(v, s.texts, s.language, None, names))]
                for k, v in simple[0].items()
                if k not in ("id", data["kind"]) and v not in (None, "", ()) and not _nested(v)
            ]
            parts.append(f"\n{_('Computed')}: {fact}\n" + table(rows))
        elif simple:
            parts.append(f"\n{_('Computed')}: {fact}\n" + _records(simple, lambda k: fact_field(k, s.texts), s, names))
    plain = {k: v for k, v in data["document"].items() if not _nested(v) and k != "schema"}
    rows = [["  " + field_name(kind.schema, f"/{k}", s.texts, s.language), named(v, f"/{k}")] for k, v in plain.items()]
    parts.append(f"\n{_('Document')}\n" + table([r for r in rows if r[1]]))
    for key, value in data["document"].items():
        if _nested(value):
            title = field_name(kind.schema, f"/{key}", s.texts, s.language)

            def label(column: str, key: str = key) -> str:
                return field_name(kind.schema, f"/{key}/0/{column}", s.texts, s.language)

            parts.append(
                f"\n{title}\n"
                + _records(value, label, s, names, lambda c, key=key: node_of(kind.schema, f"/{key}/0/{c}"))
            )
    if data["timeline"]:
        rows = [[f"  {e['at']}", kinds[e["kind"]].title(s.language), visible(e["path"])] for e in data["timeline"]]
        parts.append(f"\n{_('Timeline')}\n" + table(rows))
    for name, related in data["related"].items():
        base = name.partition("/")[0]
        title = kinds[base].title(s.language)
        parts.append(f"\n{title}\n" + table([["  " + visible(str(r)) for r in row] for row in related]))
    return "".join(parts)


def _nested(value: Any) -> bool:
    return isinstance(value, tuple | list) and any(isinstance(v, Mapping) for v in value)


def _records(rows: Any, label: Any, s: Session, names: Mapping[str, Any], node: Any = lambda _column: None) -> str:
    """Return rows of mappings as a table; deeper lists are left to the file."""
    from orderctl.labels import value_name

    columns = list(dict.fromkeys(k for r in rows for k, v in r.items() if not _nested(v)))
    cells = [[visible(value_name(r.get(c), s.texts, s.language, node(c), names)) for c in columns] for r in rows]
    kept = [i for i in range(len(columns)) if any(row[i] for row in cells)]
    body = [[label(columns[i]) for i in kept], *([row[i] for i in kept] for row in cells)]
    return table([["  " + row[0], *row[1:]] for row in body if row])
