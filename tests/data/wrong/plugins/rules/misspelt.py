"""plugin.misspelt: pluggy would never call chek."""

from collections.abc import Iterator

from orderctl import Book, Document, Finding, Rule, Severity, hookimpl

RULE = Rule(
    id="misspelt",
    on="customer",
    severity=Severity.WARNING,
    since="0.1",
    zh="{name}",
    en="{name}",
    hint_zh="无",
    hint_en="none",
)


@hookimpl
def chek(doc: Document, book: Book) -> Iterator[Finding]:
    """Never runs."""
    yield RULE.at(doc, "/name", name=doc["name"])
