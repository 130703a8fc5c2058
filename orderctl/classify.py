"""Which paths of a tree concern the workspace, and what is wrong with a path itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from orderctl.codes import tree as codes
from orderctl.model import Finding
from orderctl.tree import REGULAR, Entry

MAX_PATH = 200
MAX_PART = 100
MAX_DEPTH = 8
MAX_FILE_MB = 10
"""Megabytes (of 1,048,576 bytes) of a file, unless ``max_evidence_mb`` in policy/permissions.yaml says otherwise."""
CODE_FOLDERS = ("schemas", "plugins", "templates")
_CASES = ("orders", "archive")
# Control characters, quotes that shells and Windows trip over, bidi and zero-width characters, surrogates (not UTF-8).
_BAD = re.compile('[\x00-\x1f\x7f-\x9f"*:<>?|\\\\\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]')
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?|.*[. ]", re.DOTALL)  # what Windows can't store


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the first parts of the kinds' path templates: what the workspace's data lies in."""
    return frozenset(p.partition("/")[0] for p in paths) | set(_CASES)


def concerns(path: str, folders: frozenset[str]) -> bool:
    """Tell whether a path is data of the workspace; editors' and systems' own files are not.

    A YAML file in a folder whose name is nearly one of ours counts: it would be judged by no rule without a word.
    """
    first, _, _ = path.partition("/")
    if first not in folders and not (path.endswith((".yaml", ".yml")) and _misspelt(first, folders)):
        return False
    name = path.rpartition("/")[2]
    return not (name.startswith((".", "~$")) or name.endswith("~") or name in ("Thumbs.db", "desktop.ini"))


@lru_cache(maxsize=1000)
def _misspelt(name: str, folders: frozenset[str]) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(name.casefold(), folders, 1, 0.8))


def is_code(path: str) -> bool:
    """Tell whether a path is the workspace's own schema, plugin or template."""
    return path.partition("/")[0] in CODE_FOLDERS


def path_findings(entry: Entry) -> list[Finding]:
    """Return what is wrong with an entry's path and mode, whatever its content."""
    path, found = entry.path, []
    if bad := _BAD.search(path):
        found.append(codes.PATH_CHARSET.at(path, line=1, column=1, char=f"U+{ord(bad[0]):04X}"))
    parts = path.split("/")
    if reserved := next(filter(_RESERVED.fullmatch, parts), ""):
        found.append(codes.PATH_RESERVED.at(path, line=1, column=1, name=reserved))
    size = len(path.encode("utf-8", "surrogateescape"))
    for what, value, limit in (
        ("bytes", size, MAX_PATH),
        ("name", max(len(p.encode("utf-8", "surrogateescape")) for p in parts), MAX_PART),
        ("depth", len(parts), MAX_DEPTH),
    ):
        if value > limit:
            found.append(codes.PATH_LIMIT.at(path, line=1, column=1, what=what, size=value, limit=limit))
    if entry.mode != REGULAR:
        what = {"120000": "symlink", "160000": "submodule", "100755": "executable"}.get(entry.mode, "special file")
        found.append(codes.TREE_MODE.at(path, line=1, column=1, what=what))
    return found


def file_limit(permissions: Mapping[str, Any]) -> int:
    """Return how many bytes a file may have by the document policy/permissions.yaml ({}: there is none)."""
    return int(permissions.get("max_evidence_mb", MAX_FILE_MB)) << 20


def too_large(path: str, size: int, limit: int) -> Finding:
    """Return the finding that a file has ``size`` bytes, more than ``limit``."""
    return codes.LIMIT_FILE.at(path, line=1, column=1, size=size, limit=limit, limit_mb=limit >> 20)


def is_evidence(path: str) -> bool:
    """Tell whether a file may lie here without being a document: evidence, signatures, notes for people."""
    parts = path.split("/")
    return "evidence" in parts[1:-1] or path.endswith((".sig", ".md", ".txt"))


def in_evidence(path: str, folders: frozenset[str]) -> bool:
    """Tell whether a path lies in an evidence folder of the workspace's data; elsewhere the name means nothing."""
    first, *parts = path.split("/")
    return first in folders and "evidence" in parts[:-1]


def unit_of(path: str, is_case: bool) -> str:
    """Return the case folder that a case document belongs to, or the path itself."""
    return "/".join(path.split("/")[:4]) if is_case and path.startswith(tuple(f"{c}/" for c in _CASES)) else path
