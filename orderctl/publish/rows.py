"""What views read beside documents: findings and rules as rows of the book; and which stored views are still good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from orderctl.book.files import replace_lines
from orderctl.book.store import Store
from orderctl.book.update import result_row, unpack
from orderctl.book.work import Result
from orderctl.pipeline import Run
from orderctl.plugins import Plugin
from orderctl.rule import Rule
from orderctl.shown import show

FINDING_COLUMNS = ("unit", "kind", "rule")


def note_rows(run: Run) -> None:
    """Write the run's findings and rules as rows named "finding" and "rule"; forget the views that read others."""
    store = run.store
    store.db.execute("BEGIN IMMEDIATE")
    touched: set[int] = set()
    wanted = _finding_rows(run)
    owners = {row[0] for row in store.db.execute("SELECT DISTINCT owner FROM line WHERE name = 'finding'")}
    for owner in sorted(owners | wanted.keys()):
        lines = [("finding", place, record, FINDING_COLUMNS) for place, record in enumerate(wanted.get(owner, []))]
        touched |= replace_lines(store, "finding", owner, owner, lines, FINDING_COLUMNS)
    rules = [("rule", place, record, ()) for place, record in enumerate(_rule_rows(run))]
    touched |= replace_lines(store, "rule", "", "", rules, ())
    forget_readers(store, touched)
    store.db.execute("COMMIT")


def _finding_rows(run: Run) -> dict[str, list[dict[str, Any]]]:
    """Return findings by path, each with its sentences in both languages and what it is about."""
    findings = run.findings()
    chinese, english = (show(findings, run.tree.read, run.catalogue.sentence, language) for language in ("zh", "en"))
    about = {
        path: (kind, id, unit)
        for path, kind, id, unit in run.store.db.execute("SELECT path, kind, id, unit FROM file WHERE findings != ''")
    }
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for zh, en in zip(chinese, english, strict=True):
        if zh.path not in about:
            row = run.store.db.execute("SELECT kind, id, unit FROM file WHERE path = ?", (zh.path,)).fetchone()
            about[zh.path] = row or ("", "", "")
        kind, id, unit = about[zh.path]
        rows[zh.path].append(
            {
                "rule": zh.rule,
                "severity": str(zh.severity),
                "path": zh.path,
                "pointer": zh.field,
                "line": zh.line,
                "zh": zh.message,
                "en": en.message,
                "hint_zh": zh.hint,
                "hint_en": en.hint,
                "unit": unit,
                "kind": kind,
                "id": id,
            }
        )
    return dict(rows)


def _rule_rows(run: Run) -> list[dict[str, Any]]:
    rows = [_rule_row(plugin) for plugin in sorted(run.catalogue.rules.values(), key=lambda p: p.what.id)]
    for code in run.catalogue.codes.values():
        page = f"{code.why_en}\n\n{code.why_zh}"
        rows.append(
            {"id": code.id, "on": "", "severity": str(code.severity), "zh": code.zh, "en": code.en, "page": page}
        )
    return rows


def _rule_row(plugin: Plugin) -> dict[str, Any]:
    rule = plugin.what
    assert isinstance(rule, Rule)
    on = rule.on if isinstance(rule.on, str) else ", ".join(rule.on)
    return {"id": rule.id, "on": on, "severity": str(rule.severity), "zh": rule.zh, "en": rule.en, "page": plugin.page}


def forget_readers(store: Store, touched: Iterable[int]) -> None:
    """Delete the stored results of views that read one of these keys."""
    readers = {id_ for (id_,) in store.among("SELECT consumer FROM read WHERE key IN ({})", touched)}
    for consumer, reads in list(store.among("SELECT consumer, reads FROM result WHERE consumer IN ({})", readers)):
        _forget(store, consumer, reads)


def _forget(store: Store, consumer: int, reads: bytes) -> None:
    store.db.executemany("DELETE FROM read WHERE key = ? AND consumer = ?", ((k, consumer) for k in unpack(reads)))
    store.db.execute("DELETE FROM result WHERE consumer = ?", (consumer,))


def good_views(store: Store, name: str, clock: int) -> Mapping[str, str]:
    """Return owner → stored summary of the views of ``name`` that hold at ``clock``."""
    query = "SELECT owner, value FROM result WHERE name = ? AND since <= ? AND until > ?"
    return dict(store.db.execute(query, (name, clock, clock)))


def store_results(store: Store, results: Iterable[Result]) -> None:
    """Keep what views gave: summary, reads and window."""
    for result in results:
        old = store.db.execute("SELECT reads FROM result WHERE consumer = ?", (result.consumer,)).fetchone()
        if old is not None:
            _forget(store, result.consumer, old[0])
        store.insert("result", [result_row(result)])
        store.insert("read", ((key, result.consumer) for key in unpack(result.reads)))
