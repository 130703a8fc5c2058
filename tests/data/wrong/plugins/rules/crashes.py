"""plugin.crashed: it divides by nothing."""

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="crashes",
    on="calendar",
    severity=Severity.WARNING,
    since="0.1",
    zh="{name}",
    en="{name}",
    hint_zh="无",
    hint_en="none",
)


@hookimpl
def check(doc: Document, book: Book) -> Iterator[Finding]:
    """Raises ZeroDivisionError."""
    yield RULE.at(doc, "/year", name=doc["year"] / 0)
