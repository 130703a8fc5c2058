"""Where the built-in schemas, plugins and templates lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def builtin(name: str) -> Path:
    """Return the folder of built-in ``name`` ("schemas", "plugins", "templates", "sample")."""
    shipped = PACKAGE / "_data" / name
    return shipped if shipped.is_dir() else PACKAGE.parent / name
