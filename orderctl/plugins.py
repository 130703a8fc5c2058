"""Plugin files in; rules, facts, papers and pages out, with a finding for every one that isn't as it should be."""

from __future__ import annotations

import importlib.util
import linecache
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from hashlib import sha256
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pluggy

from orderctl import hookspecs
from orderctl.codes import plugin as codes
from orderctl.model import Finding, Severity
from orderctl.rule import Fact, Page, Paper, Rule, Source, layers_of

FOLDERS: Mapping[str, tuple[str, type, str]] = {
    "rules": ("RULE", Rule, "check"),
    "facts": ("FACT", Fact, "derive"),
    "papers": ("PAPER", Paper, "view"),
    "pages": ("PAGE", Page, "view"),
    "evidence": ("SOURCE", Source, "reviews"),
}
"""Folder → the constant's name, its type and the hook's name."""
_HOOKS = frozenset(hook for _, _, hook in FOLDERS.values())


@dataclass(frozen=True, slots=True)
class Plugin:
    """One loaded plugin file: what it declares, its function, where it comes from, its documentation page."""

    what: Rule | Fact | Paper | Page | Source
    run: Callable[..., Any]
    path: str
    origin: str
    page: str
    digest: str


class _Manager(pluggy.PluginManager):
    """Looks at a plugin's hook function only: ``_misspelt`` has already said that there is no other marked one."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Return the options of a hook function; None for every other name, at once."""
        return super().parse_hookimpl_opts(plugin, name) if name in _HOOKS else None


def load_plugins(
    builtin: Path,
    own: Mapping[str, bytes],
    installed: Sequence[tuple[str, Callable[[], ModuleType], str]] = (),
    folders: Collection[str] = FOLDERS,
) -> tuple[list[Plugin], list[Finding]]:
    """Load built-in plugin files, a workspace's own (path → source) and installed ones (origin, loader, name).

    Modules run under private names, never from the current folder. Findings carry the plugin's path. ``folders``: the
    built-in and own ones to look into, when not all are needed.
    """
    manager = _Manager("orderctl")
    manager.add_hookspecs(hookspecs)
    loaded: list[Plugin] = []
    findings: list[Finding] = []
    for folder in folders:
        for file in sorted((builtin / folder).glob("[!_]*.py")):
            path = f"plugins/{folder}/{file.name}"
            _add(manager, loaded, findings, path, "built-in", folder, partial(_import, file, folder), file.read_bytes())
    for path, source in sorted(own.items()):
        parts = path.split("/")
        if len(parts) != 3 or parts[1] not in FOLDERS or not path.endswith(".py"):
            if path.endswith(".py"):
                findings.append(
                    codes.PLUGIN_MISSPELT.at(path, line=1, column=1, problem=f"plugins/{{{','.join(FOLDERS)}}}/<id>.py")
                )
            continue
        if parts[1] in folders:
            _add(manager, loaded, findings, path, "workspace", parts[1], partial(_execute, path, source), source)
    for origin, get, name in installed:
        try:
            module = get()
            folder = next((d for d, (constant, _, _) in FOLDERS.items() if hasattr(module, constant)), "rules")
            file = Path(module.__file__ or "")
            _add(
                manager,
                loaded,
                findings,
                f"{name} ({file.name})",
                origin,
                folder,
                partial(_same, module),
                file.read_bytes(),
            )
        except (Exception, SystemExit) as error:  # noqa: BLE001  an installed plugin that fails is named like any other
            findings.append(codes.PLUGIN_BROKEN.at(name, line=1, column=1, problem=_one_line(error)))
    return loaded, findings


def _add(
    manager: pluggy.PluginManager,
    loaded: list[Plugin],
    findings: list[Finding],
    path: str,
    origin: str,
    folder: str,
    get: Callable[[], ModuleType],
    source: bytes,
) -> None:
    try:
        module = get()
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a plugin file does wrong is a finding about it
        findings.append(codes.PLUGIN_BROKEN.at(path, line=_line(error, path), column=1, problem=_one_line(error)))
        return
    problem = _misspelt(manager, module, folder, path)
    if problem:
        findings.append(codes.PLUGIN_MISSPELT.at(path, line=1, column=1, problem=problem))
        return
    constant, _, hook = FOLDERS[folder]
    what = getattr(module, constant)
    other = next((p for p in loaded if p.what.id == what.id and type(p.what) is type(what)), None)
    if other is not None:
        findings.append(
            codes.PLUGIN_DUPLICATE.at(path, line=1, column=1, id=what.id, other=f"{other.origin} {other.path}")
        )
        return
    loaded.append(Plugin(what, getattr(module, hook), path, origin, module.__doc__ or "", sha256(source).hexdigest()))


def _misspelt(manager: pluggy.PluginManager, module: ModuleType, folder: str, path: str) -> str:
    """Return what is wrong with how a plugin file is written, or ""."""
    constant, kind, hook = FOLDERS[folder]
    what = getattr(module, constant, None)
    if not isinstance(what, kind):
        return f"{constant} = {kind.__name__}(…) is missing"
    assert isinstance(what, Rule | Fact | Paper | Page | Source)
    if problem := _ill_declared(what):
        return f"{constant}: {problem}"
    stem = path.rpartition("/")[2].removesuffix(".py")
    if what.id.replace("-", "_") != stem:
        return f"the id {what.id!r} and the file name {stem!r} differ"
    marked = {n: f for n, f in vars(module).items() if hasattr(f, "orderctl_impl") and callable(f)}
    if list(marked) != [hook]:
        return f"exactly one @hookimpl function, named {hook!r}, is needed; found {sorted(marked)}"
    options = marked[hook].orderctl_impl
    if any(options.get(name) for name in ("wrapper", "hookwrapper", "tryfirst", "trylast", "optionalhook", "specname")):
        return "hook options (wrapper, tryfirst, trylast, optionalhook, specname) are not allowed"
    if not (module.__doc__ or "").strip():
        return "the docstring is missing: it is the documentation page"
    try:
        manager.register(module, name=module.__name__)  # a path may be a built-in's too
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        manager.unregister(module) if manager.is_registered(module) else None
        return _one_line(error)
    return ""


def _ill_declared(what: Rule | Fact | Paper | Page | Source) -> str:
    """Return which field of a plugin's constant holds something that its type doesn't allow, or ""."""
    for name in (f.name for f in fields(what)):
        value = getattr(what, name)
        if name == "severity":
            sound = isinstance(value, Severity)
        elif name == "waivable":
            sound = isinstance(value, bool)
        elif name in ("covers", "index", "needs") or (name == "on" and isinstance(what, Rule) and not _text(value)):
            sound = isinstance(value, tuple) and all(map(_text, value))
        else:
            sound = _text(value)
        if not sound:
            return f"{name}={value!r}"
        if name in ("zh", "en", "hint_zh", "hint_en", "file"):
            try:
                places = [place for _, place, _, _ in Formatter().parse(value) if place is not None]
            except ValueError as error:
                return f"{name}={value!r}: {error}"
            if not all(place.isidentifier() for place in places):
                return f"{name}={value!r}: a place is {{name}}"
        if name == "file" and (value.startswith("/") or ".." in value.split("/")):
            return f"{name}={value!r} leads out of the site"
    return ""


def _text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _same(module: ModuleType) -> ModuleType:
    return module


def _import(file: Path, folder: str) -> ModuleType:
    """Import a built-in plugin file (its compiled form is cached by Python)."""
    name = f"orderctl._plugins.{folder}.{file.stem}"
    known = sys.modules.get(name)
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[name] = module
    return module


def _execute(path: str, source: bytes) -> ModuleType:
    """Run a workspace's plugin from its bytes, whatever lies on the disk."""
    module = ModuleType("orderctl._workspace." + path.removesuffix(".py").replace("/", "."))
    module.__file__ = path
    text = source.decode()
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  trusted before
    return module


def installed_plugins() -> list[tuple[str, Callable[[], ModuleType], str]]:
    """Return the plugins of installed packages (entry-point group "orderctl"): origin, loader, dotted name."""
    from importlib.metadata import entry_points

    found = []
    for point in sorted(entry_points(group="orderctl"), key=lambda p: p.name):
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        found.append((origin, point.load, point.value))
    return found


def load_all(
    builtin: Path, own: Mapping[str, bytes], folders: Collection[str] = FOLDERS
) -> tuple[list[Plugin], list[Finding]]:
    """Load every plugin there is (of these ``folders``), facts that need each other left out; return them and what is
    wrong with any."""
    loaded, problems = load_plugins(builtin, own, installed_plugins(), folders)
    facts = {p.what.id: p for p in loaded if isinstance(p.what, Fact)}
    _, cycle = layers_of([p.what for p in facts.values() if isinstance(p.what, Fact)])
    if cycle:
        lacking = [
            codes.PLUGIN_MISSPELT.at(
                facts[id].path, line=1, column=1, problem=f"needs names {need!r}, which is no fact"
            )
            for id in cycle
            for need in getattr(facts[id].what, "needs", ())
            if need not in facts
        ]
        round = codes.PLUGIN_CYCLE.at(facts[cycle[0]].path, line=1, column=1, cycle=" → ".join(cycle))
        problems += lacking or [round]
        loaded = [p for p in loaded if not (isinstance(p.what, Fact) and p.what.id in cycle)]
    return loaded, problems


def builtin_rule(builtin: Path, id: str) -> Rule | None:
    """Return one built-in rule without loading the others, or None."""
    file = builtin / "rules" / f"{id.replace('-', '_')}.py"
    rule = getattr(_import(file, "rules"), "RULE", None) if file.is_file() else None
    return rule if isinstance(rule, Rule) else None


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}".encode(errors="backslashreplace").decode()[:300]


def _line(error: BaseException, path: str) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
