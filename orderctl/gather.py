"""A book's findings, as the company's configuration wants them; what tells one finding from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orderctl.book.store import Store, decode
from orderctl.check import from_data
from orderctl.classify import file_limit, too_large
from orderctl.codes.schema import PATTERN
from orderctl.codes.tree import ID_DUPLICATE, PATH_COLLISION
from orderctl.model import Finding, Severity
from orderctl.workspace import Config


def all_findings(store: Store, config: Config) -> list[Finding]:
    """Return all findings of a book: those of files, rules, clashes and of the set-up itself; unsorted, unplaced."""
    found = [*map(from_data, decode(store.meta()["problems"])), *_stored_findings(store), *_large_files(store)]
    found = [_adjusted(f, config) for f in found if _enabled(f, config)]
    # What is wrong at a place is said once. Of a text that isn't written as it should be, a rule that looks it up knows
    # more (the nearest id); else it is the schema that tells, and a rule would only say what follows.
    known = {(f.path, f.pointer) for f in found if "." not in f.rule and f.severity is Severity.ERROR}
    left = [f for f in found if f.rule != PATTERN.id or (f.path, f.pointer) not in known]
    refused = {(f.path, f.pointer) for f in left if f.rule.startswith("schema.")}
    return [f for f in left if "." in f.rule or (f.path, f.pointer) not in refused]


def _stored_findings(store: Store) -> Iterator[Finding]:
    for (data,) in store.db.execute("SELECT findings FROM file WHERE findings != ''"):
        yield from map(from_data, decode(data))
    for (data,) in store.db.execute("SELECT value FROM result WHERE found = 1"):
        if data.startswith("!"):
            yield from_data(decode(data[1:]))
        else:
            yield from map(from_data, decode(data))
    for (data,) in store.db.execute("SELECT value FROM clash"):
        what, paths, *names = decode(data)
        for path in paths[1:]:
            if what == "path":
                yield PATH_COLLISION.at(path, line=1, column=1, other=paths[0])
            else:
                yield ID_DUPLICATE.at(path, id=names[1], other=paths[0])


def _large_files(store: Store) -> Iterator[Finding]:
    """Yield the files, no documents, that are larger than the policy allows; the archive is as it landed."""
    row = store.db.execute("SELECT data FROM file WHERE path = 'policy/permissions.yaml' AND state = 'ok'").fetchone()
    limit = file_limit(decode(row[0]) if row else {})
    stored = "CASE WHEN data != '' THEN json_extract(data, '$.size') END"  # a submodule has none
    query = f"SELECT path, {stored} AS size FROM file WHERE kind = '' AND size > ?"
    for path, size in store.db.execute(query, (limit,)):
        if not path.startswith("archive/"):
            yield too_large(path, size, limit)


def _enabled(finding: Finding, config: Config) -> bool:
    return config.rules.get(finding.rule, {}).get("enabled") is not False


def _adjusted(finding: Finding, config: Config) -> Finding:
    """Return the finding with the severity that the company gives the rule; machine codes stay as they are."""
    wanted = config.rules.get(finding.rule, {}).get("severity")
    if wanted not in tuple(Severity) or "." in finding.rule:
        return finding
    return Finding(
        finding.rule,
        Severity(wanted),
        finding.path,
        finding.pointer,
        finding.params,
        finding.line,
        finding.column,
        finding.mend,
    )


def fingerprint(finding: Finding) -> tuple[str, ...]:
    """Return what makes a finding the same one in another tree: rule, subject, field, parameters; no line.

    What a waiver lets pass in one tree and not in the other is another one.
    """
    params = repr(sorted((k, str(v)) for k, v in finding.params.items()))
    return (finding.rule, finding.path, finding.pointer, params, finding.waived_by)


def unit_of_path(store: Store, path: str) -> str:
    """Return the unit that a path belongs to, "" if the book doesn't hold it."""
    row = store.db.execute("SELECT unit FROM file WHERE path = ?", (path,)).fetchone()
    return row[0] if row else ""


def is_below(path: str, paths: Sequence[str]) -> bool:
    """Tell whether a path is one of ``paths`` or lies below one; "" and "." are everything."""
    return any(p in ("", ".") or path == p or path.startswith(p + "/") for p in paths)


def count_below(store: Store, paths: Sequence[str]) -> int:
    """Return how many documents lie at or below ``paths``."""
    rows = store.db.execute("SELECT path FROM file WHERE kind > ''")
    return sum(1 for (path,) in rows if is_below(path, paths))
