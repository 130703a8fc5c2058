"""Bytes of one path in, its document out: classified, loaded and validated once for each content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderctl.classify import folders_of, path_findings, unit_of
from orderctl.load import load
from orderctl.model import Document, Finding, freeze
from orderctl.schema import Kind, classifier
from orderctl.tree import Entry
from orderctl.validate import Validator


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file is: its kind ("" for none), its values (None: can't be read), its document if it is sound."""

    kind: str
    data: Mapping[str, Any] | None
    document: Document | None
    findings: tuple[Finding, ...]


class Parser:
    """Reads files by the trusted kinds. What a content means never changes, so each is read once."""

    def __init__(self, kinds: Mapping[str, Kind], validator: Validator | None = None) -> None:
        self.kinds = kinds
        self.classify = classifier(kinds.values())
        self.folders = folders_of(path for kind in kinds.values() for path in kind.paths)
        self.validator = validator or Validator(kinds)
        self._parsed: dict[tuple[str, str, str], Parsed] = {}

    def parse(self, entry: Entry, data: bytes | None) -> Parsed:
        """Return what the file at ``entry`` with the bytes ``data`` (None: missing) is. Never raises."""
        known = (entry.path, entry.mode, entry.blob)
        found = self._parsed.get(known)
        if found is None:
            found = self._parsed[known] = self._parse(entry, data)
        return found

    def _parse(self, entry: Entry, data: bytes | None) -> Parsed:
        findings = path_findings(entry)
        place = self.classify(entry.path)
        if place is None:
            return Parsed("", None, None, tuple(findings))
        kind, variables = place
        value = None
        if not findings and data is not None:
            value, found = load(entry.path, data)
            findings += found
        if value is None:
            return Parsed(kind.name, None, None, tuple(findings))
        findings += self.validator.findings(kind.name, entry.path, value)
        unit = unit_of(entry.path, kind.is_case)
        case = unit.rpartition("/")[2] if unit != entry.path else ""
        id = kind.identify(variables, value)
        sound = Document(kind.name, id, entry.path, case, unit, freeze(value)) if not findings else None
        return Parsed(kind.name, value, sound, tuple(findings))
