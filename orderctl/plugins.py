"""Plugin files in; rules, facts, papers and pages out, with a finding for every one that isn't as it should be."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from orderctl.codes import plugin as codes
from orderctl.fitting import FOLDERS, Unfit, fitting, new_manager, one_line, run_source
from orderctl.model import Finding
from orderctl.rule import Fact, Page, Paper, Rule, Source, layers_of

Execute = Callable[[str, bytes], ModuleType]
"""Makes a module of a plugin's path and source, and raises whatever that raises, or Unfit."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One loaded plugin file: what it declares, its function, where it comes from, its documentation page."""

    what: Rule | Fact | Paper | Page | Source
    run: Callable[..., Any]
    path: str
    origin: str
    page: str
    digest: str


def load_plugins(
    builtin: Path,
    own: Mapping[str, bytes],
    installed: Sequence[tuple[str, Callable[[], ModuleType], str]] = (),
    folders: Collection[str] = FOLDERS,
    execute: Execute | None = None,
) -> tuple[list[Plugin], list[Finding]]:
    """Load built-in plugin files, a workspace's own (path → source) and installed ones (origin, loader, name).

    Modules run under private names, never from the current folder. Findings carry the plugin's path. ``folders``: the
    built-in and own ones to look into, when not all are needed; ``execute``: what makes modules of the own ones, this
    process unless told otherwise.
    """
    manager = new_manager()
    execute = execute or run_source
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
            _add(manager, loaded, findings, path, "workspace", parts[1], partial(execute, path, source), source)
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
            findings.append(codes.PLUGIN_BROKEN.at(name, line=1, column=1, problem=one_line(error)))
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
        module = fitting(manager, path, folder, get)
    except Unfit as unfit:
        findings.append(unfit.finding)
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


def installed_plugins() -> list[tuple[str, Callable[[], ModuleType], str]]:
    """Return the plugins of installed packages (entry-point group "orderctl"): origin, loader, dotted name."""
    from importlib.metadata import entry_points

    found = []
    for point in sorted(entry_points(group="orderctl"), key=lambda p: p.name):
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        found.append((origin, point.load, point.value))
    return found


def load_all(
    builtin: Path, own: Mapping[str, bytes], folders: Collection[str] = FOLDERS, execute: Execute | None = None
) -> tuple[list[Plugin], list[Finding]]:
    """Load every plugin there is (of these ``folders``), facts that need each other left out; return them and what is
    wrong with any."""
    loaded, problems = load_plugins(builtin, own, installed_plugins(), folders, execute)
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
