"""Rules and facts as pure functions over the book: a document in, findings or a value out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from orderctl.codes.plugin import PLUGIN_CRASHED
from orderctl.hookspecs import Book
from orderctl.model import Document, Finding, Mend, Severity
from orderctl.rule import Code, Fact, Rule

Check = Callable[..., Iterable[Finding]]
Exceptions = tuple[type[BaseException], ...]
FAILURES: Exceptions = (Exception, SystemExit)
"""What a plugin may fail with: whatever it is, the plugin is named and nothing passes."""


class Told(Exception):
    """A plugin failed in another process: its message is what ``problem_of`` said there."""


class Ended(Exception):
    """The process that a plugin ran in has ended; ``code`` and ``params`` say why."""

    def __init__(self, code: Code, **params: Any) -> None:
        super().__init__(code.id)
        self.code = code
        self.params = params


def check_unit(
    documents: Sequence[tuple[Document, bool]],
    book: Book,
    rules: Mapping[str, Sequence[tuple[Rule, Check]]],
    suspended: type[Exception],
    unsound: Exceptions = (),
) -> list[dict[str, Any]]:
    """Run every rule for every document of one unit (a case or a master document); return findings as plain data.

    ``rules``: kind → rules. A rule that meets a broken document (``suspended``) gives nothing for that document;
    one that trips over a document with schema errors too. Any other exception is a finding that names the rule, but
    for those of a damaged book (``unsound``), which aren't the rule's.
    """
    found = []
    for document, valid in documents:
        for rule, check in rules.get(document.kind, ()):
            try:
                found += [as_data(sound(finding, rule.id, document)) for finding in check(document, book)]
            except suspended:
                continue
            except unsound:
                raise
            except FAILURES as error:
                if valid or isinstance(error, Ended):
                    found.append(as_data(_crashed(rule.id, check, document, error)))
    return found


def sound(finding: Any, rule: str, document: Document) -> Finding:
    """Return what a rule yielded if it is a finding of that rule in that document's unit; else raise."""
    if not isinstance(finding, Finding):
        raise TypeError(f"yields a {type(finding).__name__}, not a Finding")
    if finding.rule != rule or finding.severity not in tuple(Severity):
        raise ValueError(f"yields a finding of {finding.rule!r}, {finding.severity!r}: make it with RULE.at")
    unit = document.unit
    if finding.path != unit and not finding.path.startswith(unit + "/"):
        raise ValueError(f"yields a finding in {finding.path!r}, outside {unit}")
    if finding.pointer and not finding.pointer.startswith("/"):
        raise ValueError(f"yields a finding at {finding.pointer!r}, which is no JSON pointer")
    plain([dict(finding.params), finding.line, finding.column])
    if finding.mend is not None:
        plain([finding.mend.action, finding.mend.value, finding.mend.pointer, finding.mend.start, finding.mend.end])
    return finding


def derive(
    fact: Fact,
    function: Callable[..., Any],
    document: Document,
    book: Book,
    suspended: type[Exception],
    unsound: Exceptions = (),
) -> Any:
    """Return the fact's value; a fact that fails is suspended (its rules would only repeat the failure)."""
    try:
        return records(function(document, book))
    except (suspended, *unsound):
        raise
    except FAILURES as error:
        raise FactError(fact.id, function, document, error) from error


def records(value: Any) -> Any:
    """Return what a fact gave if the book can hold it; else raise."""
    if not all(isinstance(record, dict) for record in (value if isinstance(value, list | tuple) else [value or {}])):
        raise TypeError("a fact is a record (dict), a list of records or None")
    plain(value)
    return value


def plain(value: Any) -> None:
    """Raise TypeError or ValueError for what the book can't hold and give back unchanged."""
    kind = value.__class__
    if kind is int or kind is bool or value is None:
        return
    if isinstance(value, str):
        value.encode()  # a lone surrogate is no text
    elif kind is Decimal:
        if not value.is_finite():
            raise ValueError(f"{value} is no number")
    elif isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is no text")
            plain(key)
            plain(part)
    elif isinstance(value, list | tuple):
        for part in value:
            plain(part)
    else:
        raise TypeError(f"{kind.__name__} is no plain value")


class FactError(Exception):
    """A fact's function failed: a bug in a plugin, named with the document."""

    def __init__(self, fact: str, function: Callable[..., Any], document: Document, error: BaseException) -> None:
        super().__init__(f"{fact} for {document.kind} {document.id}: {type(error).__name__}: {error}")
        self.finding = _crashed(fact, function, document, error)


def _crashed(plugin: str, function: Callable[..., Any], document: Document, error: BaseException) -> Finding:
    if isinstance(error, Ended):
        return error.code.at(document.path, rule=plugin, **error.params)
    return PLUGIN_CRASHED.at(document.path, rule=plugin, problem=problem_of(error, function))


def problem_of(error: BaseException, function: Callable[..., Any]) -> str:
    """Return an error in one line, with the last place in the function's own file that led to it."""
    if isinstance(error, Told):
        return str(error)
    file = getattr(getattr(function, "__code__", None), "co_filename", "")
    line, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = f", {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    text = " ".join(str(error).encode(errors="backslashreplace").decode().split())[:120]
    return f"{type(error).__name__}{line}: {text}".rstrip()


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
