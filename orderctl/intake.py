"""One path of the tree in, its line in the book out: classified, loaded, validated, projected to its index columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from orderctl.book.files import Parsed, storable
from orderctl.book.store import encode
from orderctl.check import as_data
from orderctl.classify import is_evidence, path_findings, unit_of
from orderctl.codes import tree as codes
from orderctl.load import load
from orderctl.model import Finding
from orderctl.schema import Kind, classifier
from orderctl.tree import Entry, Tree
from orderctl.validate import Validator

Templates = Mapping[str, tuple[str, ...]]
"""Kind → the path templates of its documents."""
Classify = Callable[[str], tuple[Kind, dict[str, str]] | None]


def parse_all(
    tree: Tree, kinds: Mapping[str, Kind], validator: Validator, entries: Iterable[Entry]
) -> Iterator[Parsed]:
    """Yield each entry parsed, contents read through one process."""
    classify = classifier(kinds.values())
    templates = {kind.name: kind.paths for kind in sorted(kinds.values(), key=lambda k: k.path)}
    for entry, data in tree.contents(entries):
        yield parse(entry, data, classify, templates, validator)


def parse(entry: Entry, data: bytes | None, classify: Classify, templates: Templates, validator: Validator) -> Parsed:
    """Return one file as the book holds it. Never raises, whatever the bytes."""
    path = storable(entry.path)
    findings = [replace(finding, path=path) for finding in path_findings(entry)]
    if data is None and not findings:
        findings.append(codes.TREE_UNREADABLE.at(path, line=1, column=1))
    place = classify(path)
    if place is None:
        if not is_evidence(path):
            nearest = _nearest(path, data or b"", templates)
            findings.append(codes.PATH_UNCLASSIFIED.at(path, line=1, column=1, nearest=nearest))
        content = ""
        if data is not None and entry.mode != "120000":
            content = encode({"sha256": sha256(data).hexdigest(), "size": len(data)})
            if data.startswith(b"version https://git-lfs.github.com/spec/"):
                findings.append(codes.TREE_LFS_POINTER.at(path, line=1, column=1))
        return Parsed(path, entry.mode, entry.blob, "file", data=content, findings=_stored(findings))
    kind, variables = place
    unit = unit_of(path, kind.is_case)
    value = None
    if not findings and data is not None:
        value, found = load(path, data)
        findings += found
    case = unit.rpartition("/")[2]
    names_case = kind.schema.get("x-names-case") is True
    id = case if names_case and not value else kind.identify(variables, value or {}, path)
    if value is None:
        return Parsed(path, entry.mode, entry.blob, "broken", kind.name, id, unit, findings=_stored(findings))
    wrong = validator.findings(kind.name, path, value)
    state = "flawed" if wrong else "ok"
    findings += wrong
    expected = {**variables, kind.key.lstrip("/"): case} if names_case else variables
    findings += _misnamed(path, expected["statement"], value) if "statement" in expected else ()
    findings += _mismatches(path, expected, value)
    lines = () if wrong else tuple(_lines(kind, path, id, unit, value))
    return Parsed(path, entry.mode, entry.blob, state, kind.name, id, unit, encode(value), _stored(findings), lines)


_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*schema: *([a-z][a-z0-9-]*)/[0-9]")


def _nearest(path: str, data: bytes, templates: Templates) -> str:
    """Return the place that the writer most likely meant: that of the kind that the file says it is, or a near name."""
    from difflib import get_close_matches

    first, parts = path.partition("/")[0], path.split("/")
    every = [t for several in templates.values() for t in several]
    near = [t for t in every if t.partition("/")[0] == first] or every
    declared = _DECLARED.match(data)
    own_places = templates.get(declared[1].decode(), ()) if declared else ()
    template = next((t for t in own_places if t in near), next(iter(own_places), ""))
    template = template or next(iter(get_close_matches(path, near, 1, 0.3)), "")
    if not template:
        return ", ".join(sorted(near)[:3])
    name = re.sub(r"\.ya?ml$", "", parts[-1], flags=re.IGNORECASE) + ".yaml"
    places = template.split("/")
    own = [*parts[:-1], *[""] * len(places)] if places[0] == first else [""] * len(places)
    found = [given if "{" in place and given else place for place, given in zip(places[:-1], own, strict=False)]
    return "/".join([*found, name if re.fullmatch(r"\{[a-z]+\}\.yaml", places[-1]) else places[-1]])


_STATEMENT = re.compile(
    r"(?P<subject>[a-z][a-z0-9-]*?)-(?P<revision>[1-9][0-9]{0,5})-(?P<stage>[a-z][a-z0-9-]*)(?:\..*)?"
)


def _misnamed(path: str, name: str, value: Mapping[str, Any]) -> list[Finding]:
    """Return where a statement's file name says something else than the statement about what it decides on."""
    if not {"subject", "revision", "stage"} <= set(value):
        return []
    start = f"{value['subject']}-{value['revision']}-{value['stage']}"
    if name == start or name.startswith(start + "."):
        return []
    said = _STATEMENT.fullmatch(name)
    if found := _mismatches(path, said.groupdict(), value) if said else []:
        return found
    return [codes.PATH_UNCLASSIFIED.at(path, line=1, column=1, nearest=f"{path.rpartition('/')[0]}/{start}.yaml")]


def _mismatches(path: str, variables: Mapping[str, str], value: Mapping[str, Any]) -> list[Finding]:
    """Return where a field that the path names says something else."""
    return [
        codes.ID_PATH_MISMATCH.at(path, f"/{name}", field=name, value=str(value[name])[:60], expected=expected)
        for name, expected in variables.items()
        if name in value and str(value[name]) != expected
    ]


def _stored(findings: Sequence[Finding]) -> str:
    return encode([as_data(f) for f in findings]) if findings else ""


Line = tuple[str, int, dict[str, Any], tuple[str, ...]]


def _lines(kind: Kind, path: str, id: str, unit: str, value: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the document's row and the rows of its items."""
    case = "" if unit == path else unit.rpartition("/")[2]
    columns = tuple(column for column, _ in kind.index)
    record: dict[str, Any] = {"id": id, "case": case, "path": path}
    for column, pointer in kind.index:
        record[column] = _at(value, pointer)
    yield kind.name, 0, record, columns
    items = kind.items
    if items is None:
        return
    parents = {column: _at(value, "/" + column) for column in items.parent}
    names = (*items.index, "parent")
    for place, item in enumerate(_at(value, items.pointer) or ()):
        fields = {k: v for k, v in item.items() if not isinstance(v, dict | list)}
        yield (
            f"{kind.name}/items",
            place,
            {"id": id, **parents, **fields, "parent": id, "path": path, "index": place},
            names,
        )


def _at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value if not isinstance(value, dict) else None


def line_columns(kinds: Mapping[str, Kind]) -> dict[str, tuple[str, ...]]:
    """Return the indexed columns of every kind and its items."""
    found = {kind.name: tuple(column for column, _ in kind.index) for kind in kinds.values()}
    found |= {f"{k.name}/items": (*k.items.index, "parent") for k in kinds.values() if k.items is not None}
    return found
