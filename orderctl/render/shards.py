"""Data of a page as scripts: a list opens from a folder, where a page may load scripts but read no files.

Each name becomes ``data/<name>.js``, one call that hands its value to the page:
``orderctl.shard("orders-2024-05",{…});``
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def shard_path(name: str) -> str:
    """Return where the shard lies, from the site's root. Raises ValueError for a name that is no plain file name."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a shard name: {name!r}")
    return f"data/{name}.js"


def shard(name: str, value: Any) -> bytes:
    """Return the script's bytes, the same for the same value: sorted keys, no idle space, nothing that ends a script.

    ``value`` holds str, int, bool, None, lists, tuples and dicts; money comes as text. Raises TypeError for others.
    """
    _refuse_floats(value)
    shard_path(name)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    safe = "".join(_ESCAPED.get(c, c) for c in text)
    return f'orderctl.shard("{name}",{safe});\n'.encode()


def shards(view: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files that a page's view asks for beside the page: path from the site's root → bytes."""
    return {shard_path(name): shard(name, value) for name, value in sorted(view.get("shards", {}).items())}


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float is no exact number")
    if isinstance(value, Mapping):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
