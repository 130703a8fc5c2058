"""Every sentence that the machine says, gathered from its source: ``_("…")``, ``ngettext("…", "…")`` and ``help=``."""

from __future__ import annotations

import ast
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]


def said() -> set[str]:
    """Return the message ids in orderctl's source."""
    found: set[str] = set()
    for file in sorted((ROOT / "orderctl").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in ("_", "gettext", "ngettext"):
                found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
            elif name in ("command", "option", "Option") and "report" not in file.parts:
                helps = [k.value for k in node.keywords if k.arg == "help"]
                found |= {str(h.value) for h in helps if isinstance(h, ast.Constant)}
            elif name == "chosen_text":
                found |= {a.value for a in node.args[1:] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found | constants()


def constants() -> set[str]:
    """Return the group's help and epilog, which are constants of the module."""
    from orderctl.cli import _CODES, _HELP

    return {_HELP, _CODES}


def library() -> str:
    """Return the source of the command-line library, whose own sentences the catalogue translates too."""
    return "".join(p.read_text() for p in sorted(Path(click.__file__).parent.glob("*.py")))
