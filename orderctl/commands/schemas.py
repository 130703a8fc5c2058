"""``orderctl schemas [list | show KIND | write]``: which documents there are, and their schemas for code editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderctl.session import Command, effective, on_disk, session, unknown
from orderctl.terminal import emit, table, visible

if TYPE_CHECKING:
    from orderctl.schema import Kind

_EXAMPLE = 40
"""Longest example shown, in characters."""


@click.command("schemas", cls=Command, help="List the kinds of document, show one's fields, or write them for editors.")
@click.argument("action", type=click.Choice(["list", "show", "write"]), default="list")
@click.argument("kind", required=False)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(action: str, kind: str | None, output: str) -> int:
    """Exit 2 for a kind that is not there."""
    from orderctl.workspace import find_workspace

    s = session()
    _ = s.texts.gettext
    if action == "write":
        for path in write_schemas(on_disk(find_workspace()), s.language):
            s.say(_("Written: {path}").format(path=path))
        return 0
    kinds = effective().kinds
    if action == "list":
        every = sorted(kinds.values(), key=lambda k: k.name)
        data = [{"kind": k.name, "title": k.title(s.language), "path": k.path, "paths": list(k.paths)} for k in every]
        rows = [
            ["" if n else k.name, "" if n else k.title(s.language), path]
            for k in every
            for n, path in enumerate(k.paths)
        ]
        heads = [_("Kind"), _("Name"), _("File")]
        emit(json.dumps(data, ensure_ascii=False, indent=2) + "\n" if output == "json" else table([heads, *rows]))
        return 0
    if kind is None:
        raise click.UsageError(_("Say which kind: orderctl schemas show KIND"))
    if kind not in kinds:
        raise unknown(kind, kinds)
    emit(_fields(kinds[kind], s.language) if output == "text" else _json(kinds[kind].schema, s.language))
    return 0


def _json(schema: Mapping[str, Any], language: str) -> str:
    from orderctl.editors import standalone

    return json.dumps(standalone(schema, language), ensure_ascii=False, indent=2) + "\n"


def _fields(kind: Kind, language: str) -> str:
    """Return the kind's fields as people read them: name, whether it is needed, what it means, an example."""
    _ = session().texts.gettext
    description = kind.schema.get("x-description-zh" if language == "zh" else "description", "")
    rows = [[_("Field"), _("Needed"), _("Meaning"), _("Example")], *_rows(kind.schema, "", language)]
    file = _("File: {path}").format(path=", ".join(kind.paths))
    head = f"{kind.name} · {kind.title(language)}\n{description}\n{file}\n\n"
    return head + table(rows)


def _rows(node: Mapping[str, Any], prefix: str, language: str) -> Iterator[list[str]]:
    from orderctl.schema import words

    _ = session().texts.gettext
    required = node.get("required", ())
    for name, field in node.get("properties", {}).items():
        title = field.get("x-title-zh" if language == "zh" else "title", "")
        description = field.get("x-description-zh" if language == "zh" else "description", "")
        if not title or not description or description.rstrip(".。") == title:
            meaning = description or title
        else:
            meaning = _("{title}: {description}").format(title=title, description=description)
        chosen = field["items"] if isinstance(field.get("items"), Mapping) else field
        if chosen.get("enum"):
            zh, en = words.listing(words.named(n, *t) for n, t in words.values(chosen).items())
            choices = zh if language == "zh" else en
            meaning = _("{meaning} Choose from: {values}").format(meaning=meaning, values=choices)
        example = json.dumps(field["examples"][0], ensure_ascii=False) if field.get("examples") else ""
        if len(example) > _EXAMPLE or "properties" in field:
            example = ""
        yield [prefix + name, _("yes") if name in required else "", visible(meaning), visible(example)]
        yield from _rows(field, f"{prefix}{name}.", language)
        if isinstance(field.get("items"), Mapping):
            yield from _rows(field["items"], f"{prefix}{name}[].", language)


def write_schemas(root: Path, language: str) -> list[str]:
    """Write every kind's schema below ``.orderctl/schemas`` and the editor's setting; return the paths written."""
    from orderctl.editors import FOLDER, settings
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import catalogue
    from orderctl.tree import read_file
    from orderctl.writing import write_inside

    _ = session().texts.gettext
    kinds = sorted(catalogue(find_workspace(root)).kinds.values(), key=lambda k: k.name)
    written = []
    for kind in kinds:
        path = f"{FOLDER}/{kind.name}.schema.json"
        write_inside(root, path, _json(kind.schema, language).encode())
        written.append(path)
    path = ".vscode/settings.json"
    existing = (read_file(root, path) or b"").decode(errors="replace")
    text = settings(existing, [(k.name, k.paths) for k in kinds])
    if text is None:
        raise click.UsageError(
            _("{path} is not plain JSON (comments?), so it was left alone. Add the files of {folder} there.").format(
                path=visible(path), folder=FOLDER
            )
        )
    if text != existing:
        write_inside(root, path, text.encode())
        written.append(path)
    return written
