"""A book over plain documents, for tests of what reads a book: facts are computed when asked, nothing is stored."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from orderctl.model import Document, Row, Scalar, freeze

FACTS = Path(__file__).parent.parent / "plugins" / "facts"
BASE = Path(__file__).parent / "data" / "base"
KINDS = {"requirement": "number", "order": "number", "ticket": "number", "customer": "id", "product": "id"}
KINDS |= {"price-book": "id", "stock-count": "id", "calendar": "year"}
SINGLE = ("workspace", "people", "flows")


class _Loader(yaml.SafeLoader):
    """Dates and the key ``on`` stay text, numbers with a point become Decimal."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(("timestamp", "int", "float", "bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("!number", re.compile(r"^-?(0|[1-9]\d*)(\.\d+)?$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_constructor("!number", lambda _, node: Decimal(node.value) if "." in node.value else int(node.value))


def document(path: str, data: Mapping[str, Any]) -> Document:
    """Return the document that ``data`` is at ``path``."""
    kind = data["schema"].split("/")[0]
    parts = path.split("/")
    case = parts[3] if parts[0] == "orders" else ""
    id = kind if kind in SINGLE else str(data[KINDS[kind]]) if kind in KINDS else f"{case}/{Path(path).stem}"
    return Document(kind, id, path, case, "/".join(parts[:4]) if case else path, freeze(dict(data)))


def base_documents() -> dict[str, dict[str, Any]]:
    """Return the base workspace: path → plain data."""
    files = sorted(BASE.rglob("*.yaml"))
    return {f.relative_to(BASE).as_posix(): yaml.load(f.read_text("utf-8"), _Loader) for f in files}


class FakeBook:
    """The Book protocol over a dict of path → data."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], as_of: str = "2024-05-24") -> None:
        self.documents = [document(path, data) for path, data in sorted(documents.items())]
        self.now = _instant(as_of)
        self.modules: dict[str, ModuleType] = {f.stem: _module(f) for f in FACTS.glob("[!_]*.py")}
        self.files: dict[str, str] = {}
        self.values: dict[tuple[str, str], Any] = {}

    def doc(self, kind: str, id: str) -> Document | None:
        return next((d for d in self.documents if d.kind == kind and d.id == id), None)

    def case(self, doc: Document, kind: str) -> tuple[Document, ...]:
        return tuple(d for d in self.documents if d.kind == kind and d.case == doc.case and d.case)

    def all(self, name: str) -> tuple[Row, ...]:
        if name in self.modules:
            return tuple(self._fact_rows(name))
        kind, _, items = name.partition("/")
        docs = [d for d in self.documents if d.kind == kind]
        if not items:
            return tuple({**_flat(d.data), "id": d.id, "case": d.case, "path": d.path} for d in docs)
        return tuple(
            {**_flat(d.data), **_flat(item), "parent": d.id, "path": d.path, "index": n}
            for d in docs
            for n, item in enumerate(d.get("rows") or d.get("lines") or d.get("prices") or ())
        )

    def where(self, name: str, /, **equals: Scalar) -> tuple[Row, ...]:
        [(column, value)] = equals.items()
        if name in self.modules:
            assert column in self.modules[name].FACT.index, f"{name} has no index {column}"
        return tuple(row for row in self.all(name) if row.get(column) == value)

    def fact(self, name: str, id: str) -> Any:
        fact = self.modules[name].FACT
        if (name, id) not in self.values:
            doc = self.doc(fact.on, id)
            self.values[name, id] = freeze(self.modules[name].derive(doc, self)) if doc else None
        return self.values[name, id]

    def file(self, path: str) -> Mapping[str, Any] | None:
        return None if path not in self.files else {"sha256": self.files[path], "size": 1}

    def passed(self, instant: str) -> bool:
        return self.now >= _instant(instant)

    def _fact_rows(self, name: str) -> Iterable[Row]:
        ids = sorted(d.id for d in self.documents if d.kind == self.modules[name].FACT.on)
        for id in ids:
            value = self.fact(name, id)
            for record in value if isinstance(value, tuple) else () if value is None else (value,):
                yield {**record, "id": id}


def _instant(text: str) -> datetime:
    """Return an instant; a date is its end in company time."""
    if len(text) == 10:
        return datetime.fromisoformat(text + "T00:00:00+08:00") + timedelta(days=1)
    return datetime.fromisoformat(text)


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if not isinstance(v, Mapping | list | tuple)}


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fact_{file.stem}", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
