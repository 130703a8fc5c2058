"""orderctl: a company's customer orders as files in a Git repository. These names are what plugins may use."""

from orderctl.hookspecs import Book, Forge
from orderctl.model import Document, Finding, Mend, Row, Scalar, Severity
from orderctl.rule import Fact, Page, Paper, Rule, Source, hookimpl

__all__ = [
    "Book",
    "Document",
    "Fact",
    "Finding",
    "Forge",
    "Mend",
    "Page",
    "Paper",
    "Row",
    "Rule",
    "Scalar",
    "Severity",
    "Source",
    "hookimpl",
]
