"""plugin.duplicate: the id of a built-in rule."""

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="total-wrong",
    on="order",
    severity=Severity.WARNING,
    since="0.1",
    zh="{name}",
    en="{name}",
    hint_zh="无",
    hint_en="none",
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Never runs."""
    yield RULE.at(doc, "/total", name=doc.id)
