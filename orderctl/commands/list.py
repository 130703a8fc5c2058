"""``orderctl list KIND``: the documents of a kind in columns, with what is computed about them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import click

from orderctl.session import Command, session, unknown
from orderctl.terminal import emit, table, visible, width


@click.command("list", cls=Command, help="List the documents of a kind with their main fields and their status.")
@click.argument("kind")
@click.option(
    "--where", "conditions", multiple=True, metavar="FIELD=VALUE", help="Only where the field has that value."
)
@click.option("--rev", metavar="REV", help="As of this commit instead of the files on disk.")
@click.option("--as-of", metavar="DATE", help="With the clock at that day or time.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(kind: str, conditions: tuple[str, ...], rev: str | None, as_of: str | None, output: str) -> int:
    """Exit 2 for an unknown kind or field."""
    from orderctl.labels import fact_field, field_name, node_of, value_name
    from orderctl.listing import chosen, listing
    from orderctl.pipeline import find_workspace, open_book

    s = session()
    _, ngettext = s.texts.gettext, s.texts.ngettext
    with open_book(find_workspace(), rev, as_of) as run:
        kinds = run.catalogue.kinds
        titles = {k.title(language): name for name, k in kinds.items() for language in ("zh", "en")}
        name = kind if kind in kinds else titles.get(kind, "")
        if not name:
            raise unknown(kind, kinds)
        found = listing(name, run.catalogue, run.reader())
        names = run.config.data.get("status_names") or {}
    fields = sorted({*found.columns, *(f for row in found.rows for f in row)})
    rows = chosen(found.rows, [_condition(c, fields) for c in conditions])
    if output == "json":
        emit(json.dumps([as_json(row) for row in rows], ensure_ascii=False, indent=2) + "\n")
        return 0
    schema = kinds[name].schema
    heads = [
        field_name(schema, pointer, s.texts, s.language) if pointer else fact_field(column, s.texts)
        for column, pointer in found.columns.items()
    ]
    cells = [
        [
            visible(
                value_name(row.get(column), s.texts, s.language, node_of(schema, pointer) if pointer else None, names)
            )
            for column, pointer in found.columns.items()
        ]
        for row in rows
    ]
    emit(table(_fitting([heads, *cells])))
    s.say(
        _("{kind}: {count}").format(
            kind=kinds[name].title(s.language),
            count=ngettext("{n} document", "{n} documents", len(rows)).format(n=len(rows)),
        )
    )
    return 0


def _fitting(rows: list[list[str]]) -> list[list[str]]:
    """Return the first columns that fit on the terminal; all of them when the output goes elsewhere."""
    if not sys.stdout.isatty():
        return rows
    room, kept = shutil.get_terminal_size().columns, 0
    for column in zip(*rows, strict=True):
        room -= max(width(cell) for cell in column) + 2
        if room < -2:
            break
        kept += 1
    return [row[: max(kept, 1)] for row in rows]


def _condition(text: str, fields: list[str]) -> tuple[str, str]:
    _ = session().texts.gettext
    field, equals, value = text.partition("=")
    field = field.strip()
    if not equals:
        raise click.UsageError(_("Write --where FIELD=VALUE, for example --where status=approved"))
    if field not in fields:
        message = _("There is no field “{field}” here. There are: {names}")
        raise click.UsageError(message.format(field=visible(field), names=_(", ").join(fields)))
    return field, value.strip()


def as_json(value: Any) -> Any:
    """Return JSON values; decimals as text, so that no cent is lost on the way."""
    if isinstance(value, Mapping):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(v) for v in value]
    return f"{value:f}" if isinstance(value, Decimal) else value
