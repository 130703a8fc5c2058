"""Everything a run goes by: kinds, rules, facts, papers, pages, codes, and one digest over all of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from orderctl.book.store import VERSION
from orderctl.check import layers_of
from orderctl.codes.plugin import PLUGIN_CYCLE, PLUGIN_UNTRUSTED
from orderctl.model import Finding
from orderctl.plugins import Plugin, digest_of, installed_plugins, load_plugins
from orderctl.resources import PACKAGE, builtin
from orderctl.rule import Code, Fact, Page, Paper, Rule
from orderctl.schema import Kind, load_kinds
from orderctl.tree import Tree, ls_tree
from orderctl.trust_local import is_trusted


@dataclass(frozen=True)
class Catalogue:
    """The kinds and plugins of one tree. ``problems`` are findings about schemas and plugins themselves."""

    kinds: Mapping[str, Kind]
    plugins: tuple[Plugin, ...]
    problems: tuple[Finding, ...]
    digest: str
    plugin_digest: str
    templates: Mapping[str, bytes]
    """The workspace's own templates: path below templates/ → source."""

    def _of(self, kind: type[Any]) -> dict[str, Plugin]:
        return {p.what.id: p for p in self.plugins if isinstance(p.what, kind)}

    @cached_property
    def rules(self) -> dict[str, Plugin]:
        """Rules by id."""
        return self._of(Rule)

    @cached_property
    def facts(self) -> dict[str, Plugin]:
        """Facts by id."""
        return self._of(Fact)

    @cached_property
    def papers(self) -> dict[str, Plugin]:
        """Papers by id."""
        return self._of(Paper)

    @cached_property
    def pages(self) -> dict[str, Plugin]:
        """Pages by id."""
        return self._of(Page)

    @cached_property
    def codes(self) -> dict[str, Code]:
        """Codes of the machine's stages by id."""
        return machine_codes()

    def sentence(self, id: str) -> Rule | Code | None:
        """Return the rule or code with this id: both carry sentences and hints in two languages."""
        plugin = self.rules.get(id)
        if plugin is not None and isinstance(plugin.what, Rule):
            return plugin.what
        return self.codes.get(id)


def machine_codes() -> dict[str, Code]:
    """Return every machine code: the files of orderctl/codes/."""
    found = {}
    for file in sorted((PACKAGE / "codes").glob("[!_]*.py")):
        found.update({code.id: code for code in import_module(f"orderctl.codes.{file.stem}").CODES})
    return dict(sorted(found.items()))


def own_code(tree: Tree) -> dict[str, bytes]:
    """Return the workspace's own schemas, plugins and templates in ``tree``: path → bytes.

    A file equal to the built-in one at the same path is the built-in one (the project's own checkout).
    """
    folders = ("schemas/", "plugins/", "templates/")
    entries = {}
    if tree.git:
        entries = {e.path: e for e in ls_tree(tree.git, tree.tree_id, [f.rstrip("/") for f in folders])}
    for path, entry in tree.overlay.items():
        if path.startswith(folders):
            entries.pop(path, None)
            if entry is not None:
                entries[path] = entry
    wanted = [e for p, e in sorted(entries.items()) if e.mode in ("100644", "100755") and not p.endswith(".md")]
    found = {}
    for entry, data in tree.contents(wanted):
        original = builtin(entry.path.partition("/")[0]) / entry.path.partition("/")[2]
        if data is not None and not (original.is_file() and original.read_bytes() == data):
            found[entry.path] = data
    return found


def load_catalogue(tree: Tree, *, trusted: bool = False) -> Catalogue:
    """Return the catalogue for ``tree``. Its plugins run only if trusted on this machine, or ``trusted`` says so."""
    own = own_code(tree)
    schemas = {p.partition("/")[2]: d for p, d in own.items() if p.startswith("schemas/") and p.endswith(".json")}
    plugins = {p: d for p, d in own.items() if p.startswith("plugins/") and p.endswith(".py")}
    templates = {p.partition("/")[2]: d for p, d in own.items() if p.startswith("templates/")}
    built = _files(builtin("schemas"), "*.schema.json")
    kinds, problems = load_kinds(built, schemas)
    plugin_digest = digest_of(plugins.items()) if plugins else ""
    if plugins and not trusted and not is_trusted(plugin_digest):
        first = min(plugins)
        problems.append(PLUGIN_UNTRUSTED.at(first, line=1, column=1, count=len(plugins)))
        plugins = {}
    loaded, broken = load_plugins(builtin("plugins"), plugins, installed_plugins())
    problems += broken
    facts = {p.what.id: p for p in loaded if isinstance(p.what, Fact)}
    _, cycle = layers_of([p.what for p in facts.values() if isinstance(p.what, Fact)])
    if cycle:
        problems.append(PLUGIN_CYCLE.at(facts[cycle[0]].path, line=1, column=1, cycle=" → ".join(cycle)))
        loaded = [p for p in loaded if not (isinstance(p.what, Fact) and p.what.id in cycle)]
    digest = digest_of(
        [
            *((f"schemas/{name}", data) for name, data in {**built, **schemas}.items()),
            *((f"{p.origin}/{p.path}", p.digest.encode()) for p in loaded),
            *_machine(),
            ("python", f"{sys.version_info[:2]} {VERSION}".encode()),
        ]
    )
    return Catalogue(kinds, tuple(loaded), tuple(problems), digest, plugin_digest, templates)


def _files(folder: Path, pattern: str) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in sorted(folder.glob(pattern))}


def _machine() -> list[tuple[str, bytes]]:
    """Return what decides how documents are read and judged beside plugins: the modules' own bytes."""
    names = ["load.py", "load_slips.py", "validate.py", "classify.py", "intake.py", "check.py", "money.py", "workdays.py"]
    files = [PACKAGE / n for n in names] + sorted((PACKAGE / "book").glob("*.py")) + sorted(PACKAGE.glob("schema/*.py"))
    return [(str(f.relative_to(PACKAGE)), f.read_bytes()) for f in files if f.is_file()]
