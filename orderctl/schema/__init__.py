"""Schema files in; kinds of document and findings about the schemas out."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.model import Finding
from orderctl.schema.complete import column_of, columns, complete, head
from orderctl.schema.extend import extend
from orderctl.schema.grammar import clean
from orderctl.schema.kinds import Items, Kind, classifier, overlap, pattern_of, places
from orderctl.schema.notes import File, read
from orderctl.schema.refs import Inliner

__all__ = ["Items", "Kind", "classifier", "load_kinds"]

SHARED = "_"
"""File names that start with this hold shared definitions, found by their ``$id``."""


def load_kinds(builtin: Mapping[str, bytes], own: Mapping[str, bytes]) -> tuple[dict[str, Kind], list[Finding]]:
    """Return the kinds by name, and what is wrong with the company's own schemas, sorted by place.

    ``builtin`` and ``own`` map a file's name (``order``, ``order.schema.json`` or a path) to its bytes. Built-in
    files are trusted here: a test lints them by passing them as ``own``. An own schema that is wrong in part is
    used without that part, so that its documents are not blamed for it.
    """
    files = [read(name, raw, quiet=True) for name, raw in sorted(builtin.items())]
    mine = [read(name, raw) for name, raw in sorted(own.items())]
    shared = {str(f.data.get("$id", "")): f.data for f in files if f.stem.startswith(SHARED)}
    for file in mine:
        if file.stem.startswith(SHARED):
            shared[str(file.data.get("$id", ""))] = clean(file.data, file)
    kinds: dict[str, Kind] = {}
    for file in files:
        if not file.stem.startswith(SHARED):
            kinds[file.stem] = _kind(Inliner(file, file.data, shared).run(), own=False)
    documents = [f for f in mine if not f.stem.startswith(SHARED) and f.data]
    for file in [f for f in documents if "x-extends" not in f.data]:
        _define(file, shared, kinds)
    extended: dict[str, str] = {}
    for file in [f for f in documents if "x-extends" in f.data]:
        _extend(file, shared, kinds, extended)
    return kinds, sorted((f for file in mine for f in file.findings), key=Finding.sort_key)


def _define(file: File, shared: Mapping[str, dict[str, Any]], kinds: dict[str, Kind]) -> None:
    """Add an own kind."""
    root = clean(file.data, file)
    schema = Inliner(file, root, shared).run()
    usable = head(schema, file)
    complete(schema, file)
    schema = columns(schema, file)
    if file.stem in kinds:
        file.note(codes.KIND_TAKEN, "/x-kind", kind=file.stem)
        return
    if not usable:
        return
    kind = _kind(schema, own=True)
    for other in kinds.values():
        if taken := next((theirs for theirs in other.paths for ours in kind.paths if overlap(ours, theirs)), ""):
            file.note(codes.PATH_OVERLAP, "/x-path", kind=other.name, found=taken)
            return
    kinds[kind.name] = kind


def _extend(file: File, shared: Mapping[str, dict[str, Any]], kinds: dict[str, Kind], extended: dict[str, str]) -> None:
    """Put an extension on top of its kind."""
    extra = Inliner(file, clean(file.data, file), shared).run()
    name = str(file.data["x-extends"])
    base = kinds.get(name)
    if base is None:
        near = (get_close_matches(name, kinds, 1, 0.4) or sorted(kinds))[0]
        file.note(codes.EXTENDS_UNKNOWN, "/x-extends", kind=name[:60], expected=near)
        return
    if name in extended:
        file.note(codes.EXTENDED_TWICE, "/x-extends", kind=name, other=extended[name])
        return
    extended[name] = file.path
    schema = extend(dict(base.schema), extra, file)
    complete(schema, file)
    schema = columns(schema, file)
    kinds[name] = _kind(schema, own=True)


def _kind(schema: dict[str, Any], *, own: bool) -> Kind:
    rows, paths = schema.get("x-items"), places(schema["x-path"])
    return Kind(
        name=schema["x-kind"],
        version=schema["x-version"],
        path=paths[0],
        key=schema.get("x-key", ""),
        number=schema.get("x-number", ""),
        index=tuple((column_of(p), p) for p in schema.get("x-index", ())),
        items=Items(rows["pointer"], tuple(rows.get("index", ())), tuple(rows.get("parent", ()))) if rows else None,
        schema=schema,
        covers=tuple(schema.get("x-covers", ())),
        own=own,
        paths=paths,
        _patterns=tuple(map(pattern_of, paths)),
    )
