"""Rules and facts as pure functions over the book: a document in, findings or a value out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from orderctl.codes.plugin import PLUGIN_CRASHED
from orderctl.hookspecs import Book
from orderctl.model import Document, Finding, Mend, Severity
from orderctl.rule import Fact, Rule

Check = Callable[..., Iterable[Finding]]


def check_unit(
    documents: Sequence[tuple[Document, bool]],
    book: Book,
    rules: Mapping[str, Sequence[tuple[Rule, Check]]],
    suspended: type[Exception],
) -> list[dict[str, Any]]:
    """Run every rule for every document of one unit (a case or a master document); return findings as plain data.

    ``rules``: kind → rules. A rule that meets a broken document (``suspended``) gives nothing for that document;
    one that trips over a document with schema errors too. Any other exception is a finding that names the rule.
    """
    found = []
    for document, valid in documents:
        for rule, check in rules.get(document.kind, ()):
            try:
                found += [as_data(finding) for finding in check(document, book)]
            except suspended:
                continue
            except Exception as error:  # noqa: BLE001  a plugin may fail in any way; it is named and nothing passes
                if valid:
                    found.append(as_data(_crashed(rule.id, document, error)))
    return found


def derive(fact: Fact, function: Callable[..., Any], document: Document, book: Book, suspended: type[Exception]) -> Any:
    """Return the fact's value; a fact that fails is suspended (its rules would only repeat the failure)."""
    try:
        return function(document, book)
    except suspended:
        raise
    except Exception as error:
        raise FactError(fact.id, document, error) from error


class FactError(Exception):
    """A fact's function failed: a bug in a plugin, named with the document."""

    def __init__(self, fact: str, document: Document, error: Exception) -> None:
        super().__init__(f"{fact} for {document.kind} {document.id}: {type(error).__name__}: {error}")
        self.finding = _crashed(fact, document, error)


def _crashed(plugin: str, document: Document, error: Exception) -> Finding:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f", {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    text = " ".join(str(error).split())[:120]
    return PLUGIN_CRASHED.at(document.path, rule=plugin, problem=f"{type(error).__name__}{line}: {text}")


def as_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data for the book."""
    data: dict[str, Any] = {"rule": finding.rule, "severity": str(finding.severity), "path": finding.path}
    if finding.pointer:
        data["pointer"] = finding.pointer
    if finding.params:
        data["params"] = dict(finding.params)
    if finding.line:
        data["line"], data["column"] = finding.line, finding.column
    if finding.mend:
        m = finding.mend
        data["mend"] = [m.action, m.value, m.pointer, m.start, m.end, m.safe]
    return data


def from_data(data: Mapping[str, Any]) -> Finding:
    """Return the finding that ``as_data`` made plain."""
    return Finding(
        data["rule"],
        Severity(data["severity"]),
        data["path"],
        data.get("pointer", ""),
        data.get("params", {}),
        data.get("line", 0),
        data.get("column", 0),
        Mend(*data["mend"]) if "mend" in data else None,
    )
