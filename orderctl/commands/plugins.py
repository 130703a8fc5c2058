"""``orderctl plugins [list | trust]``: what runs here and where it comes from; permission for a workspace's own."""

from __future__ import annotations

import json
from pathlib import Path

import click

from orderctl.session import Command, effective, session
from orderctl.terminal import emit, table, visible


@click.command(
    "plugins",
    cls=Command,
    help="List rules, facts, papers, pages and evidence sources, or trust the workspace's own plugins.",
)
@click.argument("action", type=click.Choice(["list", "trust"]), default="list")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(action: str, output: str) -> int:
    """``trust`` remembers the digest of the plugins as they are now; a later change asks again."""
    from orderctl.trust_local import trust
    from orderctl.workspace import find_workspace

    s = session()
    _, ngettext = s.texts.gettext, s.texts.ngettext
    found = effective()
    if action == "trust":
        if not found.plugin_digest:
            s.say(_("The workspace has no plugins of its own: nothing to trust."))
            return 0
        root = find_workspace().root or Path.cwd()
        for file in sorted(root.glob("plugins/*/*.py")):
            s.say(f"  {visible(file.relative_to(root).as_posix())}")
        trust(found.plugin_digest, root)
        s.say(_("The plugins of {folder} may run on this computer, as they are now.").format(folder=root))
        s.say(_("Digest: {digest}").format(digest=found.plugin_digest))
        return 0
    names = {"RULE": _("rule"), "FACT": _("fact"), "PAPER": _("paper"), "PAGE": _("page"), "SOURCE": _("source")}
    rows = []
    for plugin in sorted(found.plugins, key=lambda p: (type(p.what).__name__, p.what.id)):
        kind = type(plugin.what).__name__
        origin = {"built-in": _("built-in"), "workspace": _("workspace")}.get(plugin.origin, plugin.origin)
        rows.append((kind, plugin.what.id, origin, " ".join(plugin.what.covers), plugin.path, plugin.origin))
    if output == "json":
        keys = ("type", "id", "origin", "covers", "path")
        data = [dict(zip(keys, (t.lower(), i, raw, c.split(), p), strict=True)) for t, i, _o, c, p, raw in rows]
        emit(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        return 0
    heads = [_("What"), _("Name"), _("From"), _("Fulfils"), _("File")]
    emit(table([heads, *([names[t.upper()], i, o, c, p] for t, i, o, c, p, _raw in rows)]))
    for problem in found.problems:
        s.say(f"{problem.path}: {problem.rule}")
    s.say(ngettext("{n} plugin", "{n} plugins", len(rows)).format(n=len(rows)))
    return 0
