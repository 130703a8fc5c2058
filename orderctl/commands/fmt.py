"""``orderctl fmt [PATH…] [--check]``: documents in their normal form; values and comments stay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from orderctl.session import ERRORS, NOTHING, Command, inside, on_disk, session
from orderctl.terminal import visible


@click.command("fmt", cls=Command, help="Write documents in their normal form: key order, indentation, line ends.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Change nothing; exit 10 if something would change.")
def command(paths: tuple[str, ...], check: bool) -> int:
    """Exit 10 when ``--check`` finds something to do, or when a file can't be formatted; 3 without documents."""
    from orderctl.formatting import formatted, key_order
    from orderctl.pipeline import find_workspace
    from orderctl.revisions import catalogue
    from orderctl.tree import read_file
    from orderctl.writing import write_inside

    s = session()
    _, ngettext = s.texts.gettext, s.texts.ngettext
    workspace = find_workspace()
    root, kinds = on_disk(workspace), catalogue(workspace).kinds
    changed = refused = seen = 0
    for path in _documents(root, inside(root, paths)):
        kind = next((k for k in kinds.values() if k.match(path) is not None), None)
        if kind is None:
            continue
        seen += 1
        data = read_file(root, path)
        after = formatted(data, key_order(kind.schema)) if data is not None else None
        if after is None:
            refused += 1
            s.say(
                _("{path}: left alone, it can't be read without doubt (see orderctl check)").format(path=visible(path))
            )
        elif after != data:
            changed += 1
            if not check:
                write_inside(root, path, after)
            s.say((_("would change: {path}") if check else _("formatted: {path}")).format(path=visible(path)))
    if not seen:
        s.say(_("No documents here."))
        return NOTHING
    s.say(
        ngettext("{n} document, {changed} changed", "{n} documents, {changed} changed", seen).format(
            n=seen, changed=changed
        ),
        level=0,
    )
    return ERRORS if refused or (check and changed) else 0


def _documents(root: Path, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yield the YAML files below ``wanted`` (everything if empty), sorted, never through a symlink."""
    from orderctl.tree import SKIPPED_FOLDERS

    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not Path(folder, f).is_symlink())
        for name in sorted(files):
            path = Path(folder, name).relative_to(root).as_posix()
            if path.endswith(".yaml") and _below(path, wanted):
                yield path


def _below(path: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(w in ("", path) or path.startswith(w + "/") for w in wanted)
