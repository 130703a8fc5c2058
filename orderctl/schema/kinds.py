"""A kind of document: where its files lie, what identifies one. Path template ↔ regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any

from orderctl.model import pointer_parts

VARIABLES: Mapping[str, str] = {
    "yyyy": "[12][0-9]{3}",
    "year": "[12][0-9]{3}",
    "mm": "0[1-9]|1[0-2]",
    "case": "[A-Za-z0-9][A-Za-z0-9-]{0,31}",
    "id": "[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "n": "[1-9][0-9]{0,3}",
    "subject": "[a-z][a-z0-9-]{0,31}?",
    "revision": "[1-9][0-9]{0,5}",
    "stage": "[a-z][a-z0-9-]{0,31}",
    "statement": "(?![a-z0-9._-]{101})[a-z](?:[._-]*[a-z0-9])*",
    "receipt": "(?![a-z0-9._-]{101})[a-z](?:[._-]*[a-z0-9])*",
}
"""What may stand in a path template, and what each place accepts."""

_PLACE = re.compile(r"\{([a-z]+)\}")
_ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Items:
    """The rows of a kind that is a list: where they are, which fields become columns, which of the parent's too."""

    pointer: str
    index: tuple[str, ...]
    parent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document with its effective schema (references put in, the company's extension on top)."""

    name: str
    version: int
    path: str
    """Template: ``orders/{yyyy}/{mm}/{case}/shipment-{n}.yaml``; of several places, the first."""
    key: str
    """Pointer of the id in the document, or ""."""
    number: str
    """Name of the number pattern in orderctl.yaml, or ""."""
    index: tuple[tuple[str, str], ...]
    """(column, pointer) of the fields that the book can look up by."""
    items: Items | None
    schema: Mapping[str, Any]
    covers: tuple[str, ...] = ()
    own: bool = False
    """Defined or extended by the workspace."""
    paths: tuple[str, ...] = ()
    """Every template, ``path`` first."""
    _patterns: tuple[re.Pattern[str], ...] = field(default=(), repr=False, compare=False)

    @property
    def is_case(self) -> bool:
        """Tell whether documents of this kind lie in a case folder."""
        return "{case}" in self.path

    def title(self, language: str) -> str:
        """Return the kind's name for people, "zh" or "en"."""
        return str(self.schema.get("x-title-zh" if language == "zh" else "title", self.name))

    def match(self, path: str) -> dict[str, str] | None:
        """Return the variables of a path of this kind, or None. Closed cases lie at the same place below archive/."""
        return next((found.groupdict() for p in self._patterns if (found := p.fullmatch(path))), None)

    def path_for(self, variables: Mapping[str, object]) -> str:
        """Return the path with these variables, in the first place that takes them all.

        ValueError if one is missing or doesn't fit.
        """
        fitting = (p for p in self.paths if set(_PLACE.findall(p)) == set(variables))
        path = fill(next(fitting, self.path), variables)
        if self.match(path) is None:
            raise ValueError(f"{path} is not a path of {self.name}")
        return path

    def identify(self, variables: Mapping[str, str], data: Mapping[str, Any], path: str = "") -> str:
        """Return the document's id: the value at ``key``, else the path's id, case and file stem, or the kind.

        Of a kind with several places, a document outside the case folders is its own path, so that no two share one.
        """
        if self.key:
            value: Any = data
            for part in pointer_parts(self.key):
                value = value.get(part) if isinstance(value, Mapping) else None
            if isinstance(value, str | int | Decimal) and not isinstance(value, bool) and value != "":
                return str(value)
        if "id" in variables:
            return str(variables["id"])
        if len(self.paths) > 1 and "case" not in variables:
            return path.removesuffix(".yaml")
        stem = fill(self.path.rpartition("/")[2].removesuffix(".yaml"), variables)
        if self.is_case:
            return f"{variables['case']}/{stem}"
        return stem if "{" in self.path else self.name


def fill(template: str, variables: Mapping[str, object]) -> str:
    """Return the template with its places filled. ValueError if a variable is missing."""
    try:
        return _PLACE.sub(lambda place: str(variables[place[1]]), template)
    except KeyError as missing:
        raise ValueError(f"{template} needs {missing}") from None


def places(value: object) -> tuple[str, ...]:
    """Return the path templates that an ``x-path`` gives: it is one or a list."""
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def faults(value: object) -> str:
    """Return what is wrong with the path templates of a kind: "" if nothing, else the offending part."""
    if not isinstance(value, list):
        return _fault(value)
    found = next(filter(None, map(_fault, value)), "") if value else "[]"
    return found or next((b for a, b in combinations(value, 2) if overlap(a, b)), "")


def _fault(template: object) -> str:
    if not isinstance(template, str) or not template.endswith(".yaml") or template.startswith("/"):
        return str(template)[:80]
    names: list[str] = _PLACE.findall(template)
    for name in names:
        if name not in VARIABLES or names.count(name) > 1:
            return "{" + name + "}"
    if odd := next((o for o in ("//", "..", "}{") if o in template), ""):
        return odd
    return re.sub("[A-Za-z0-9./_-]", "", _PLACE.sub("", template))[:20]


def pattern_of(template: str) -> re.Pattern[str]:
    """Return the regular expression of a path template. Case folders lie in their first folder or in archive/."""
    parts = _PLACE.split(template)
    body = "".join(f"(?P<{p}>{VARIABLES[p]})" if n % 2 else re.escape(p) for n, p in enumerate(parts))
    first, slash, rest = body.partition("/")
    if "{case}" in template and slash:
        body = f"(?:{first}|{_ARCHIVE})/{rest}"
    return re.compile(body, re.ASCII)


def overlap(one: str, other: str) -> bool:
    """Tell whether a path could match both templates; a doubt counts as yes."""
    ours, theirs = one.split("/"), other.split("/")
    return len(ours) == len(theirs) and all(_meet(a, b) for a, b in zip(ours, theirs, strict=True))


def _meet(one: str, other: str) -> bool:
    if "{" not in one and "{" not in other:
        return one == other
    if "{" not in one:
        one, other = other, one
    if "{" not in other:
        return pattern_of(one).fullmatch(other) is not None
    heads = sorted((one.partition("{")[0], other.partition("{")[0]), key=len)
    tails = sorted((one.rpartition("}")[2], other.rpartition("}")[2]), key=len)
    return heads[1].startswith(heads[0]) and tails[1].endswith(tails[0])


def classifier(kinds: Iterable[Kind]) -> Callable[[str], tuple[Kind, dict[str, str]] | None]:
    """Return a function path → (kind, variables) or None that tries only the kinds whose fixed parts fit."""
    buckets: dict[tuple[int, str], list[tuple[str, Kind]]] = {}
    for kind, path in [(k, p) for k in kinds for p in k.paths]:
        folders = path.count("/")
        first, _, _ = path.partition("/")
        start = path.rpartition("/")[2].partition("{")[0]
        for top in {first, _ARCHIVE} if "{case}" in path else {first}:
            buckets.setdefault((folders, "" if "{" in top else top), []).append((start, kind))

    def classify(path: str) -> tuple[Kind, dict[str, str]] | None:
        folders, first, name = path.count("/"), path.partition("/")[0], path.rpartition("/")[2]
        for bucket in ((folders, first), (folders, "")):
            for start, kind in buckets.get(bucket, ()):
                if name.startswith(start) and (variables := kind.match(path)) is not None:
                    return kind, variables
        return None

    return classify
