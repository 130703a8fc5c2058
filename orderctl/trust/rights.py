"""Rights: may this person change these fields of this document, in this status? What no line covers is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orderctl.model import pointer_of

_MISSING = object()
Roles = Sequence[str]


@dataclass(frozen=True, slots=True)
class Able:
    """Which roles may do it: as it stands; in another status (statuses → roles); or, where a new document has fields
    that nobody may begin with, by changing these once it is in."""

    now: Roles = ()
    elsewhen: Mapping[tuple[str, ...], Roles] = field(default_factory=dict)
    change: Roles = ()


def changed_pointers(old: Any, new: Any) -> list[str]:
    """Return the JSON pointers at which two plain values differ, deepest first differences, sorted."""
    found: list[str] = []
    _differences(old, new, (), found)
    return sorted(found)


def _differences(old: Any, new: Any, parts: tuple[Any, ...], found: list[str]) -> None:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {**old, **new}:
            _differences(old.get(key, _MISSING), new.get(key, _MISSING), (*parts, key), found)
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            _differences(before, after, (*parts, place), found)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        found.append(pointer_of(parts))


def covered(
    rights: Iterable[Mapping[str, Any]],
    roles: frozenset[str],
    *,
    kind: str,
    path: str,
    status: str,
    action: str,
    pointers: Iterable[str],
) -> list[str]:
    """Return the pointers that no right covers ([""] when the whole action isn't); empty: all is allowed.

    ``kind`` is "" for a file that is no document, "evidence" for one in an evidence folder. ``action`` is add, change
    or remove. A right without ``fields`` covers every field; one that names fields covers only these, of a new
    document too.
    """
    granted: list[str] | None = None
    for right in rights:
        if not roles & frozenset(right["roles"]) or action not in right["do"]:
            continue
        if "status" in right and status not in right["status"]:
            continue
        if not _concerns(right, kind, path):
            continue
        if "fields" not in right:
            return []
        granted = (granted or []) + list(right["fields"])
    if granted is None or action == "remove":
        return [""]
    return [p for p in pointers if not _below(p, frozenset(granted))]


def able(
    rights: Sequence[Mapping[str, Any]], *, kind: str, path: str, status: str, action: str, pointers: Sequence[str]
) -> Able:
    """Return the roles each of which alone covers what is asked, in the order of the lines; see ``covered``. When else,
    and how else, is told only where there is none."""
    roles = dict.fromkeys(role for right in rights for role in right["roles"])

    def may(role: str, at: str, do: str) -> bool:
        asked: dict[str, Any] = {"kind": kind, "path": path, "status": at, "action": do, "pointers": pointers}
        return not covered(rights, frozenset([role]), **asked)

    now = [role for role in roles if may(role, status, action)]
    if now:
        return Able(now)
    others = dict.fromkeys(s for right in rights for s in right.get("status", ()) if s != "none") if status else ()
    elsewhen: dict[tuple[str, ...], list[str]] = {}
    for role in roles:
        if fitting := tuple(other for other in others if may(role, other, action)):
            elsewhen.setdefault(fitting, []).append(role)
    later = action == "add" and "" not in pointers
    return Able((), elsewhen, [role for role in roles if later and may(role, status, "change")])


def _below(pointer: str, fields: frozenset[str]) -> bool:
    """Tell whether a pointer is one of ``fields`` or lies below one."""
    while pointer and pointer not in fields:
        pointer = pointer.rpartition("/")[0]
    return bool(pointer)


def _concerns(right: Mapping[str, Any], kind: str, path: str) -> bool:
    if "kinds" in right:
        return kind in right["kinds"]
    return not kind and any(path == p or (p.endswith("/") and path.startswith(p)) for p in right.get("paths", ()))
