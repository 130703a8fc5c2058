"""plugin.cycle: hen needs egg, which needs hen."""

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="hen", on="customer", since="0.1", needs=("egg",))


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, str]:
    """Never runs: the two wait for each other."""
    return {}
