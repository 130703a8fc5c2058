"""Where the built-in schemas, plugins, templates and the sample lie: beside the package, or inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SAMPLE = ("orderctl.yaml", "policy", "calendar", "catalog", "customers", "stock", "orders")
"""What the sample workspace consists of."""


def builtin(name: str) -> Path:
    """Return the folder of built-in ``name`` ("schemas", "plugins", "templates")."""
    shipped = PACKAGE / "_data" / name
    return shipped if shipped.is_dir() else PACKAGE.parent / name


def sample_root() -> Path:
    """Return the folder that holds the sample workspace."""
    shipped = PACKAGE / "_data" / "sample"
    return shipped if shipped.is_dir() else PACKAGE.parent
