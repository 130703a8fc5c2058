"""Every rule explained: why it is bad, what fails, what passes, how to mend it. The text is the rule's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from orderctl import Book, Document, Page, hookimpl

PAGE = Page(id="rules", on="", since="0.1", zh="规则", en="Rules", file="rules.html", covers=("WEB",))


@hookimpl
def view(doc: Document | None, book: Book) -> Mapping[str, Any]:
    """Return business rules and codes of the machine apart, each with how often it was found just now."""
    found = Counter(str(f["rule"]) for f in book.all("finding"))
    rules = [
        {k: r[k] for k in ("id", "on", "severity", "zh", "en", "page")} | {"found": found[str(r["id"])]}
        for r in book.all("rule")
    ]
    return {
        "business": [r for r in rules if "." not in r["id"]],
        "machine": [r for r in rules if "." in r["id"]],
    }
