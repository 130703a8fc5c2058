"""Everything a run goes by: kinds, rules, facts, papers, pages, codes, and one digest over all of it.

The digest needs only bytes; kinds and plugins are loaded when something asks for them, so that a run with nothing to
do costs nothing.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderctl.book.store import VERSION
from orderctl.model import Finding
from orderctl.resources import PACKAGE, builtin
from orderctl.rule import Code, Fact, Page, Paper, Rule, Source
from orderctl.tree import Tree, ls_tree

if TYPE_CHECKING:
    from orderctl.plugins import Execute, Plugin
    from orderctl.sandbox.host import Sandbox
    from orderctl.schema import Kind
    from orderctl.validate import Validator

_CODE = ("schemas/", "plugins/", "templates/")


@dataclass(frozen=True)
class Catalogue:
    """The kinds and plugins of one tree. ``own``: the workspace's own files, path → bytes; ``trusted``: its plugins run
    although this machine was not asked, in a sandbox."""

    own: Mapping[str, bytes]
    trusted: bool = False

    @cached_property
    def digest(self) -> str:
        """What decides how documents are read and judged, as one SHA-256: any difference makes a book worthless."""
        return digest_of(
            [
                *((path, data) for path, data in self.own.items() if not path.startswith("templates/")),
                *_files("schemas", "*.schema.json").items(),
                *_files("plugins", "*/[!_]*.py").items(),
                *_machine(),
                ("trusted", str(bool(self.plugin_digest) and (self.trusted or self._allowed)).encode()),
                ("python", f"{sys.version_info[:2]} {VERSION} {_packages()}".encode()),
            ]
        )

    @cached_property
    def plugin_digest(self) -> str:
        """The SHA-256 over the workspace's own plugins that ``plugins trust`` remembers; "" if there are none."""
        plugins = self._own_plugins
        return digest_of(plugins.items()) if plugins else ""

    @property
    def templates(self) -> dict[str, bytes]:
        """The workspace's own templates: path below templates/ → source."""
        return {p.partition("/")[2]: data for p, data in self.own.items() if p.startswith("templates/")}

    @property
    def _own_plugins(self) -> dict[str, bytes]:
        return {p: data for p, data in self.own.items() if p.startswith("plugins/") and p.endswith(".py")}

    @cached_property
    def _allowed(self) -> bool:
        from orderctl.trust_local import is_trusted

        return bool(self.plugin_digest) and is_trusted(self.plugin_digest)

    @cached_property
    def _schemas(self) -> tuple[Mapping[str, Kind], list[Finding]]:
        from orderctl.schema import load_kinds

        own = {p.partition("/")[2]: d for p, d in self.own.items() if p.startswith("schemas/") and p.endswith(".json")}
        built = {name.partition("/")[2]: data for name, data in _files("schemas", "*.schema.json").items()}
        return load_kinds(built, own)

    @cached_property
    def _sandbox(self) -> Sandbox:
        from orderctl.sandbox.host import Sandbox

        return Sandbox()

    @property
    def _execute(self) -> Execute | None:
        return self._sandbox.load if self.trusted and self._own_plugins else None

    @property
    def ended(self) -> list[Finding]:
        """Return the plugins that ended the sandbox so far: what they should have said is not known."""
        return self._sandbox.ended() if "_sandbox" in self.__dict__ else []

    @property
    def lacking(self) -> bool:
        """Tell whether a plugin ended the sandbox while it was loaded: everything is judged without it."""
        ended = self.ended
        loaded = {p.path for p in (*self.rules.values(), *self.facts.values())} if ended else set()
        return any(f.path not in loaded for f in ended)

    @cached_property
    def _judging(self) -> tuple[Plugin, ...]:
        """The rules and facts alone: what judging needs, without papers, pages and sources."""
        from orderctl.plugins import load_all

        own = self._own_plugins if self.trusted or self._allowed else {}
        return tuple(load_all(builtin("plugins"), own, ("rules", "facts"), self._execute)[0])

    @cached_property
    def _loaded(self) -> tuple[tuple[Plugin, ...], list[Finding]]:
        from orderctl.codes.plugin import PLUGIN_UNTRUSTED
        from orderctl.plugins import load_all

        own, findings = self._own_plugins, []
        if own and not self.trusted and not self._allowed:
            findings.append(PLUGIN_UNTRUSTED.at(min(own), line=1, column=1, count=len(own)))
            own = {}
        loaded, problems = load_all(builtin("plugins"), own, execute=self._execute)
        return tuple(loaded), findings + problems

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Kinds of document by name."""
        return self._schemas[0]

    @cached_property
    def validator(self) -> Validator:
        """Judges documents against these kinds; each kind's schema is compiled once."""
        from orderctl.validate import Validator

        return Validator(self.kinds)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every loaded plugin."""
        return self._loaded[0]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Findings about schemas and plugins themselves."""
        return (*self._schemas[1], *self._loaded[1], *self._aimless)

    @property
    def _aimless(self) -> Iterator[Finding]:
        """Yield what names a kind that there isn't: such a plugin would never run, and nobody would notice."""
        from orderctl.codes.plugin import PLUGIN_MISSPELT

        for plugin in self.plugins:
            if isinstance(plugin.what, Source):
                continue
            on = (plugin.what.on,) if isinstance(plugin.what.on, str) else plugin.what.on
            for kind in on:
                if kind and kind not in self.kinds:
                    problem = f"on names {kind!r}, which is no kind of document"
                    yield PLUGIN_MISSPELT.at(plugin.path, line=1, column=1, problem=problem)

    def _of(self, kind: type[Any]) -> dict[str, Plugin]:
        judges = kind in (Rule, Fact) and "_loaded" not in self.__dict__
        return {p.what.id: p for p in (self._judging if judges else self.plugins) if isinstance(p.what, kind)}

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
        if "." in id:
            return self.codes.get(id)
        if "_loaded" not in self.__dict__ and not self._own_plugins:
            from orderctl.plugins import builtin_rule

            found = builtin_rule(builtin("plugins"), id)
            if found is not None:
                return found
        plugin = self.rules.get(id)
        return plugin.what if plugin is not None and isinstance(plugin.what, Rule) else None


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
    entries = {}
    if tree.git:
        entries = {e.path: e for e in ls_tree(tree.git, tree.tree_id, [f.rstrip("/") for f in _CODE])}
    for path, entry in tree.overlay.items():
        if path.startswith(_CODE):
            entries.pop(path, None)
            if entry is not None:
                entries[path] = entry
    wanted = [e for p, e in sorted(entries.items()) if e.mode in ("100644", "100755") and _is_code(p)]
    found = {}
    for entry, data in tree.contents(wanted):
        original = builtin(entry.path.partition("/")[0]) / entry.path.partition("/")[2]
        if data is not None and not (original.is_file() and original.read_bytes() == data):
            found[entry.path] = data
    return found


def _is_code(path: str) -> bool:
    """Tell whether a file of these folders is read: schemas, plugin files, and everything in templates/."""
    first, _, rest = path.partition("/")
    name = rest.rpartition("/")[2]
    return not name.startswith(".") and (first == "templates" or name.endswith((".json", ".py")))


def load_catalogue(tree: Tree, *, trusted: bool = False) -> Catalogue:
    """Return the catalogue for ``tree``. Its plugins run only if trusted on this machine, or ``trusted`` says so."""
    return Catalogue(own_code(tree), trusted)


def digest_of(parts: Any) -> str:
    """Return one SHA-256 over named contents, whatever their order."""
    whole = sha256()
    for name, data in sorted(parts):
        whole.update(f"{name}\0{sha256(data).hexdigest()}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _files(name: str, pattern: str) -> dict[str, bytes]:
    folder = builtin(name)
    return {f"{name}/{f.relative_to(folder).as_posix()}": f.read_bytes() for f in sorted(folder.glob(pattern))}


def _machine() -> list[tuple[str, bytes]]:
    """Return what decides how documents are read and judged beside plugins: the modules' own bytes."""
    return own_modules("*.py", "book/*.py", "sandbox/*.py", "schema/*.py")


def own_modules(*patterns: str) -> list[tuple[str, bytes]]:
    """Return the package's own modules that match: name → bytes."""
    files = [f for pattern in patterns for f in sorted(PACKAGE.glob(pattern))]
    return [(f.relative_to(PACKAGE).as_posix(), f.read_bytes()) for f in files]


def _packages() -> str:
    """Return when a package was last installed or removed: installed plugins may be other ones since."""
    times = []
    for name in ("purelib", "platlib"):
        try:
            times.append(Path(sysconfig.get_path(name)).stat().st_mtime_ns)
        except OSError:
            times.append(0)
    return str(times)
