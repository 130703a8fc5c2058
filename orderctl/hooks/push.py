"""The lines that git hands to pre-receive in, the changes of refs out, and what is wrong with the refs themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orderctl.codes.gate import REF_NON_FF, REF_UNRELATED
from orderctl.codes.server import (
    HOOK_INPUT,
    REF_CONFLICT,
    REF_COUNT,
    REF_DELETE,
    REF_FORBIDDEN,
    REF_MOVED,
    REF_NAME,
    REF_SHADOW,
    REF_SYMBOLIC,
    REF_TYPE,
    TAG_MOVED,
)
from orderctl.git import HEX, Git
from orderctl.model import Finding
from orderctl.objects import Objects
from orderctl.rule import Code
from orderctl.trust.graph import Graph
from orderctl.trust.refusal import Refusal
from orderctl.trust.server import ZERO, Server, is_ancestor, tips

MOST = 50
"""Refs in one push."""
LONGEST = 200
_ALLOWED = re.compile(r"refs/(?:heads|tags)/[A-Za-z0-9][A-Za-z0-9._/-]*")
_ZEROS = re.compile("0+")


@dataclass(frozen=True, slots=True)
class Update:
    """One ref that a push moves. ``old`` and ``new`` are hex ids, all zeros where there is nothing."""

    ref: str
    old: str
    new: str

    @property
    def creates(self) -> bool:
        """Tell whether the ref is new."""
        return _ZEROS.fullmatch(self.old) is not None

    @property
    def deletes(self) -> bool:
        """Tell whether the ref is to go."""
        return _ZEROS.fullmatch(self.new) is not None

    @property
    def is_tag(self) -> bool:
        """Tell whether the ref is a tag."""
        return self.ref.startswith("refs/tags/")


@dataclass(frozen=True, slots=True)
class Denial:
    """A finding about one ref of a push ("": about the push as a whole)."""

    ref: str
    finding: Finding


def read_updates(data: bytes) -> tuple[Update, ...]:
    """Return what git hands to a receiving hook. Raises Refusal for what isn't ``old new ref`` a line."""
    updates = []
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        if not line:
            continue
        old, _, rest = line.partition(" ")
        new, _, ref = rest.partition(" ")
        if not (HEX.fullmatch(old) and HEX.fullmatch(new) and len(old) == len(new) and ref):
            raise Refusal(HOOK_INPUT.at("", commit="", person="", text=line[:200]))
        updates.append(Update(ref, old, new))
    if len(updates) > MOST:
        raise Refusal(REF_COUNT.at("", commit="", person="", count=len(updates), limit=MOST))
    return tuple(updates)


def judge_refs(git: Git, server: Server, updates: Sequence[Update]) -> Iterator[Denial]:
    """Yield what is wrong with the refs, whatever the commits hold."""
    named = [u for u in updates if _name(u.ref, server) is None]
    there = present(git, [u.ref for u in named])
    types = _types(git, [u.new for u in named if not u.deletes])
    for update in updates:
        finding = _name(update.ref, server) or _place(git, update, updates, there)
        finding = finding or _step(git, server, update, types.get(update.new, "missing"))
        if finding is not None:
            yield Denial(update.ref, finding)


def _name(ref: str, server: Server) -> Finding | None:
    if not ref.startswith(("refs/heads/", "refs/tags/")):
        return _at(REF_FORBIDDEN, ref)
    parts = ref.split("/")
    odd = any(not p or p.startswith(".") or p.endswith((".lock", ".")) or ".." in p for p in parts)
    odd = odd or parts[2] == "refs"  # git would take refs/heads/refs/heads/main for main if that were gone
    shadows = any(ref != p and ref.casefold() == p.casefold() for p in server.protected)
    if odd or shadows or parts[-1] in {"HEAD", "FETCH_HEAD"} or len(ref) > LONGEST or not _ALLOWED.fullmatch(ref):
        return _at(REF_NAME, ref)
    hidden = next((p for p in server.protected if ref.startswith("refs/tags/") and _hides(ref, p)), None)
    return _at(REF_SHADOW, ref, other=hidden) if hidden else None


def _hides(tag: str, branch: str) -> bool:
    """Tell whether git would take a tag for a branch, in a clone of it (origin/main) or of a clone too."""
    return tag.casefold().endswith("/" + branch.removeprefix("refs/heads/").casefold())


def _place(git: Git, update: Update, updates: Sequence[Update], there: Mapping[str, str]) -> Finding | None:
    """Return what speaks against the place of the ref: another ref in the way, a link, a tip that has moved."""
    ref = update.ref
    file = git.git_dir / ref
    if file.is_symlink() or _starts_symbolic(file):
        return _at(REF_SYMBOLIC, ref)
    others = {*there, *(u.ref for u in updates if not u.deletes)}
    clash = next((o for o in sorted(others) if o.startswith(f"{ref}/") or ref.startswith(f"{o}/")), None)
    if clash and not update.deletes:
        return _at(REF_CONFLICT, ref, other=clash)
    if there.get(ref, ZERO) != update.old and not (update.creates and ref not in there):
        return _at(REF_MOVED, ref)
    return None


def _step(git: Git, server: Server, update: Update, type: str) -> Finding | None:
    ref = update.ref
    if update.is_tag:
        return None if update.creates and not update.deletes else _at(TAG_MOVED, ref)
    if ref in server.protected and update.deletes:
        return _at(REF_DELETE, ref)
    if update.deletes:
        return None
    if type != "commit":
        return _at(REF_TYPE, ref, type=type)
    if ref not in server.protected:
        return None
    if update.creates:
        descends = server.root == update.new or is_ancestor(git, server.root, update.new)
        return None if descends else _at(REF_UNRELATED, ref, commit=update.new)
    if is_ancestor(git, update.old, update.new):
        return None
    # what Git takes for a commit's parents may be what the commit doesn't say
    new = git.try_run("rev-list", "--max-count=10001", update.new, f"^{update.old}").stdout.decode().split()
    if (finding := next(unreadable(git, reversed(new)), None)) is not None:
        return finding
    code = REF_NON_FF if git.try_run("merge-base", update.old, update.new).returncode == 0 else REF_UNRELATED
    return _at(code, ref, commit=update.new, base=update.old[:10], head=update.new[:10])


def unreadable(git: Git, ids: Iterable[str]) -> Iterator[Finding]:
    """Yield why commits can't be read strictly."""
    wanted = list(ids)
    with Objects(git) as objects:
        objects.prefetch(wanted)
        graph = Graph(objects)
        for id in wanted:
            try:
                graph.commit(id)
            except Refusal as refusal:
                yield refusal.finding


def present(git: Git, refs: Sequence[str]) -> dict[str, str]:
    """Return the refs there are that could stand in the way of ``refs``, themselves included: name → id."""
    if not refs:
        return {}
    wanted = {"/".join(ref.split("/")[:n]) for ref in refs for n in range(3, ref.count("/") + 2)}
    return {r: i for r, i in tips(git, wanted).items() if r in wanted or any(r.startswith(f"{ref}/") for ref in refs)}


def _types(git: Git, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin="\n".join(ids).encode() + b"\n")
    return {id: type for id, _, type in (line.partition(" ") for line in rows.decode().splitlines())}


def _starts_symbolic(file: Path) -> bool:
    with suppress(OSError):  # none, a folder, or just removed by somebody else
        return file.read_bytes()[:4] == b"ref:"
    return False


def _at(code: Code, ref: str, *, commit: str = "", **params: Any) -> Finding:
    return code.at("", commit=commit, person="", ref=ref, **params)
