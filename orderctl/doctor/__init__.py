"""Examines how a server or a computer is set up. One file a check, with ``check(context)``; found by listing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from orderctl.codes.doctor import DOCTOR_FAILED
from orderctl.git import Git
from orderctl.model import Finding
from orderctl.tree import Tree
from orderctl.trust.refusal import Refusal
from orderctl.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Context:
    """What is examined. ``tree``: the files on disk, or of a bare repository its newest state. ``server``: it receives
    pushes. ``live``: whose rulesets to look at, ``origin``, ``github:owner/name`` or a JSON file; "" nobody's.
    ``canary``: push a known-bad commit that must be refused."""

    workspace: Workspace
    git: Git
    tree: Tree
    server: bool
    live: str = ""
    canary: bool = False


def checks() -> tuple[str, ...]:
    """Return the checks' names, sorted."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_")))


def examine(context: Context) -> Iterator[Finding]:
    """Yield what every check finds. A check that fails is a finding itself: none is left out silently."""
    for name in checks():
        check: Callable[[Context], Iterator[Finding]] = import_module(f"orderctl.doctor.{name}").check
        try:
            yield from check(context)
        except Refusal as refusal:
            yield refusal.finding
        except Exception as error:  # noqa: BLE001  the other checks go on
            problem = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            yield DOCTOR_FAILED.at("", commit="", person="", name=name, problem=problem)
