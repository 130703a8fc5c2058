"""plugin.cycle: egg needs hen, which needs egg."""

from orderctl import Book, Document, Fact, hookimpl

FACT = Fact(id="egg", on="customer", since="0.1", needs=("hen",))


@hookimpl
def derive(doc: Document, book: Book) -> dict[str, str]:
    """Never runs: the two wait for each other."""
    return {}
