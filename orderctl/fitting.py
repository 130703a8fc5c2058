"""One plugin file: its module in, and whether it is written as plugins are: a constant, a hook function, a page."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from dataclasses import fields
from string import Formatter
from types import ModuleType

import pluggy

from orderctl import hookspecs
from orderctl.codes import plugin as codes
from orderctl.model import Finding, Severity
from orderctl.rule import Fact, Page, Paper, Rule, Source

FOLDERS: Mapping[str, tuple[str, type, str]] = {
    "rules": ("RULE", Rule, "check"),
    "facts": ("FACT", Fact, "derive"),
    "papers": ("PAPER", Paper, "view"),
    "pages": ("PAGE", Page, "view"),
    "evidence": ("SOURCE", Source, "reviews"),
}
"""Folder → the constant's name, its type and the hook's name."""
_HOOKS = frozenset(hook for _, _, hook in FOLDERS.values())


class Unfit(Exception):
    """A plugin file that can't be used; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


class _Manager(pluggy.PluginManager):
    """Looks at a plugin's hook function only: ``_misspelt`` has already said that there is no other marked one."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Return the options of a hook function; None for every other name, at once."""
        return super().parse_hookimpl_opts(plugin, name) if name in _HOOKS else None


def new_manager() -> pluggy.PluginManager:
    """Return what checks hook functions."""
    manager = _Manager("orderctl")
    manager.add_hookspecs(hookspecs)
    return manager


def fitting(manager: pluggy.PluginManager, path: str, folder: str, get: Callable[[], ModuleType]) -> ModuleType:
    """Return the module of a plugin file; raise Unfit if it can't be loaded or isn't written as plugins are."""
    try:
        module = get()
    except Unfit:
        raise
    except (Exception, SystemExit) as error:  # whatever a plugin file does wrong is a finding about it
        line, problem = _line(error, path), one_line(error)
        raise Unfit(codes.PLUGIN_BROKEN.at(path, line=line, column=1, problem=problem)) from error
    if problem := _misspelt(manager, module, folder, path):
        raise Unfit(codes.PLUGIN_MISSPELT.at(path, line=1, column=1, problem=problem))
    return module


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
        return one_line(error)
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


def run_source(path: str, source: bytes) -> ModuleType:
    """Run a workspace's plugin from its bytes, whatever lies on the disk."""
    module = ModuleType("orderctl._workspace." + path.removesuffix(".py").replace("/", "."))
    module.__file__ = path
    text = source.decode()
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  trusted before
    return module


def one_line(error: BaseException) -> str:
    """Return an error as one short line."""
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
