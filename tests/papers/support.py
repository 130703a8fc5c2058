"""A paper made from the base workspace, or from one that a test changed: view, HTML, PDF, and the PDF's text."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from orderctl.render.enums import Names, enum_names
from orderctl.render.paper import Origin, paper_html, render_paper
from tests.fake_book import FakeBook, base_documents

ROOT = Path(__file__).parent.parent.parent
CASE = "OD2024050012"
FOLDER = f"orders/2024/05/{CASE}"
ORIGIN = Origin("a095d00e12f3a4b5c6d7e8f90123456789abcdef", "2024-05-08T10:12:00+08:00")
DIGEST = "0fe9437c91c3d33cb7e0266e30c1ec6228487e11e7414abe73a232936067bc97"
SUBJECTS = {
    "requirement_confirmation": ("requirement", "KH2024050012"),
    "quotation": ("quotation", f"{CASE}/quotation-1"),
    "order_confirmation": ("order", CASE),
    "approval_form": ("order", CASE),
    "delivery_progress": ("shipment", f"{CASE}/shipment-1"),
}
Change = Callable[[dict[str, dict[str, Any]]], object]


@cache
def plugin(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"paper_{name}", ROOT / "plugins" / "papers" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def templates() -> Mapping[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((ROOT / "templates" / "papers").iterdir())}


@cache
def schemas() -> Mapping[str, Any]:
    return {f.name.split(".")[0]: json.loads(f.read_text("utf-8")) for f in (ROOT / "schemas").glob("*.schema.json")}


@cache
def names() -> Names:
    return enum_names({k: s for k, s in schemas().items() if k != "_types"}, schemas()["_types"])


def view(name: str, change: Change | None = None, as_of: str = "2024-05-24") -> Any:
    """Return the paper's view over the base workspace, changed by ``change`` (path → data, in place)."""
    documents = base_documents()
    if change:
        change(documents)
    book = FakeBook(documents, as_of)
    return plugin(name).view(book.doc(*SUBJECTS[name]), book)


def html(name: str, change: Change | None = None, *, origin: Origin | None = ORIGIN, as_of: str = "2024-05-24") -> str:
    shown = view(name, change, as_of)
    return paper_html(plugin(name).PAPER, shown, origin, DIGEST, templates(), names=names())


def pdf(name: str, change: Change | None = None, *, origin: Origin | None = ORIGIN, as_of: str = "2024-05-24") -> bytes:
    shown = view(name, change, as_of)
    return render_paper(plugin(name).PAPER, shown, origin, DIGEST, templates(), names=names())


def text(data: bytes) -> str:
    """Return the PDF's text in reading order; pages end with a form feed."""
    return tool("pdftotext", "-raw", "-", "-", data=data)


def tool(*command: str, data: bytes) -> str:
    """Run a poppler tool over ``data``."""
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def sixty_lines(documents: dict[str, dict[str, Any]]) -> None:
    """Give the order sixty lines of two rates; its total stays what is claimed."""
    order = documents[f"{FOLDER}/order.yaml"]
    order["lines"] = [{**order["lines"][n % 2], "line": n + 1, "tax_rate": 13 if n % 5 else 6} for n in range(60)]


CUSTOMER_PAPERS = [name for name in SUBJECTS if plugin(name).PAPER.audience == "customer"]
Documents = dict[str, dict[str, Any]]


def change(path: str, **values: Any) -> Any:
    def apply(documents: Documents) -> None:
        documents[path if path.endswith(".yaml") else f"{FOLDER}/{path}.yaml"].update(values)

    return apply


def remove(*stems: str) -> Any:
    def apply(documents: Documents) -> None:
        for path in [p for p in documents if p.startswith(tuple(f"{FOLDER}/{stem}" for stem in stems))]:
            del documents[path]

    return apply
