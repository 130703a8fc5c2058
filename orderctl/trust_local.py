"""Which workspace plugins this machine may run: digests kept outside every repository, in the user's data folder."""

from __future__ import annotations

import os
from pathlib import Path

from orderctl.writing import write_file


def is_trusted(digest: str) -> bool:
    """Tell whether the plugins with this digest (hex SHA-256) were trusted on this machine."""
    return any(line.split(" ", 1)[0] == digest for line in _lines())


def trust(digest: str, root: Path) -> None:
    """Remember that the plugins with this digest, seen in the workspace ``root``, may run. Raises OSError."""
    if is_trusted(digest):
        return
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = [*_lines(), f"{digest} {str(root)!r}"]
    write_file(file, "".join(row + "\n" for row in rows).encode(errors="backslashreplace"))


def _file() -> Path:
    home = os.environ.get("XDG_DATA_HOME", "")
    data = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"  # the standard: absolute or ignored
    return data / "orderctl" / "trusted"


def _lines() -> list[str]:
    try:
        return _file().read_text(encoding="utf-8", errors="replace").splitlines()
    except (OSError, RuntimeError):  # no file, or no home folder
        return []
