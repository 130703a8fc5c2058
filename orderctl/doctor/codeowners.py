"""CODEOWNERS: does the forge read it as it was meant? The policy decides either way; this is who gets asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from orderctl.codes import forge as codes
from orderctl.model import Finding

if TYPE_CHECKING:
    from orderctl.doctor import Context

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks; the first one there is counts."""
LARGEST = 3 * 1024 * 1024
_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9-]*)(?:/[A-Za-z0-9._-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")
_GUARDED = (
    "policy/people.yaml",
    "policy/flows.yaml",
    ".github/workflows/gate.yml",
    "orderctl.yaml",
    "schemas/order.schema.json",
)
"""Paths for which somebody should be asked."""


def check(context: Context) -> Iterator[Finding]:
    """Yield what the forge would skip or read otherwise."""
    found = [(path, data) for path in PLACES if (data := context.tree.read(path)) is not None]
    for path, _ in found[1:]:
        yield codes.CODEOWNERS_HIDDEN.at(path, line=1, column=1, commit="", person="", other=found[0][0])
    if found:
        yield from lint(*found[0])


def lint(path: str, data: bytes) -> Iterator[Finding]:
    """Yield the findings about one file."""
    if len(data) > LARGEST:
        yield codes.CODEOWNERS_SIZE.at(path, line=1, column=1, commit="", person="")
        return
    rules: list[tuple[int, re.Pattern[str], Sequence[str]]] = []
    for number, text in enumerate(data.decode(errors="replace").splitlines(), 1):
        words = text.partition(" #")[0].split()
        if not words or words[0].startswith("#"):
            continue
        pattern, *owners = words
        wrong = next((owner for owner in owners if not _OWNER.fullmatch(owner)), "")
        problem = pattern if pattern.startswith("!") or "[" in pattern else wrong
        if problem:
            yield codes.CODEOWNERS_LINE.at(path, line=number, column=1, commit="", person="", problem=problem)
        else:
            rules.append((number, _pattern(pattern), owners))
    for guarded in _GUARDED:
        last = next((rule for rule in reversed(rules) if rule[1].fullmatch(guarded)), None)
        if last is not None and not last[2]:
            yield codes.CODEOWNERS_UNOWNED.at(
                path, line=last[0], column=1, commit="", person="", number=last[0], guarded=guarded
            )


def _pattern(text: str) -> re.Pattern[str]:
    """Return what a pattern matches: as in .gitignore, anchored when it has a slash before its end."""
    anchored = "/" in text.rstrip("/")
    folder = text.endswith("/")
    body = text.strip("/")
    made = ""
    for part in re.split(r"(\*\*/?|\*|\?)", body):
        made += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    below = "/.*" if folder else "" if made.endswith("[^/]*") and anchored else "(?:/.*)?"
    return re.compile(("" if anchored else "(?:.*/)?") + made + below, re.DOTALL)
