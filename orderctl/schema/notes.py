"""A schema file being read: its content and the findings about it, each at a place that exists in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.model import Finding, pointer_parts
from orderctl.rule import Code

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
FIELD_NAMES = ("写本对象已有的字段名", "name a field of this object")


@dataclass(slots=True)
class File:
    """One schema file. ``stem`` is the kind's name, or the extension's file name; ``data`` the JSON object."""

    stem: str
    data: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    quiet: bool = False
    """Built-in files are linted by a test, not at each run."""

    @property
    def path(self) -> str:
        """Return the file's path in the workspace."""
        return path_of(self.stem)

    def note(self, code: Code, pointer: str, **params: str) -> None:
        """Record a finding at ``pointer``, or at the nearest place above it that the file has."""
        self.findings.append(Finding(code.id, code.severity, self.path, self.place(pointer), params))

    def place(self, pointer: str) -> str:
        """Return ``pointer`` cut to what the file has (a field may come from a shared definition)."""
        value: Any = self.data
        found = ""
        for part, raw in zip(pointer_parts(pointer), pointer.split("/")[1:], strict=True):
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                break
            found += "/" + raw
        return found


def escaped(name: str) -> str:
    """Return a name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def path_of(stem: str) -> str:
    """Return the path of a schema file."""
    return f"schemas/{stem}.schema.json"


def stem_of(name: str) -> str:
    """Return the stem of a schema file's name or path."""
    return name.rpartition("/")[2].removesuffix(".json").removesuffix(".schema")


def read(name: str, raw: bytes, *, quiet: bool = False) -> File:
    """Return the file. What isn't a JSON object gives a finding and an empty object."""
    file = File(stem_of(name), {}, quiet=quiet)
    if quiet:
        file.data = json.loads(raw)
        return file
    line = column = 1
    try:
        data = json.loads(_text(raw), object_pairs_hook=_pairs, parse_constant=_constant)
        if _deeper(data, MAX_DEPTH):
            problem = "nested too deep"
        elif isinstance(data, dict):
            file.data = data
            return file
        else:
            problem = "not an object {…}"
    except json.JSONDecodeError as error:
        line, column, problem = error.lineno, error.colno, error.msg
    except UnicodeDecodeError as error:
        line, problem = raw[: error.start].count(b"\n") + 1, "not UTF-8"
    except RecursionError:
        problem = "nested too deep"
    except ValueError as error:
        problem = str(error)
    file.findings.append(codes.JSON.at(file.path, line=line, column=column, found=problem[:80]))
    return file


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise ValueError(f"{len(raw)} bytes, limit {MAX_BYTES}")
    return raw.decode("utf-8")


def _deeper(data: Any, limit: int) -> bool:
    level = [data]
    for _ in range(limit):
        level = [v for d in level for v in (d.values() if isinstance(d, dict) else d if isinstance(d, list) else ())]
        if not level:
            return False
    return True


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [k for k, _ in pairs]
        raise ValueError(f'"{next(k for k in names if names.count(k) > 1)}" twice')
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def shown(value: Any) -> str:
    """Return a short JSON form of a value, for a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
