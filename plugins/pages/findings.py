"""Everything that the checks found, worst first, each with its place and what to do instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Page, hookimpl

PAGE = Page(id="findings", on="", since="0.1", zh="检查结果", en="Findings", file="findings.html", covers=("WEB",))

WORST_FIRST = {"error": 0, "warning": 1, "info": 2}
MOST = 1000
"""More than anyone reads on a page; the worst come first, ``orderctl check`` lists all."""
SHOWN = ("rule", "severity", "path", "line", "pointer", "zh", "en", "hint_zh", "hint_en", "kind", "id", "unit")


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return the findings, and counts for the filters."""
    found = sorted(
        book.all("finding"), key=lambda f: (WORST_FIRST[str(f["severity"])], f["path"], f["line"], f["rule"])
    )
    return {
        "rows": [
            {k: f[k] for k in SHOWN} | {"page": _page(str(f["unit"]), str(f["kind"]), book)} for f in found[:MOST]
        ],
        "left_out": max(0, len(found) - MOST),
        "severities": {s: sum(1 for f in found if f["severity"] == s) for s in WORST_FIRST},
        "rules": sorted(Counter(str(f["rule"]) for f in found).items()),
    }


def _page(unit: str, kind: str, book: Book) -> str:
    """The page that tells more: the order of a case, or the customer; "" when there is none."""
    folder, _, name = unit.rpartition("/")
    name = name.removesuffix(".yaml")
    if folder.startswith("orders/") and book.fact("status", name):
        return f"orders/{name}.html"
    if kind == "customer" and book.doc("customer", name):
        return f"customers/{name}.html"
    return ""
