"""A read-only base with a temporary overlay: the same SQL, and nothing of it outlives the connection."""

from __future__ import annotations

from orderctl.book.store import INDEXES, LATE_INDEXES, TABLES, Store

_SHIFT = 1 << 40
"""Row ids of the overlay start here, so that a view's row tells which side it is from."""


def overlay(store: Store) -> Store:
    """Return ``store`` with every table shadowed by a view of base and overlay; writes go to the overlay only."""
    db = store.db
    for table, columns in {**TABLES, "meta": "name TEXT, value TEXT"}.items():
        names = [c.split()[0] for c in columns.split(", ")]
        listed = ", ".join(names)
        db.execute(f"CREATE TEMP TABLE new_{table} ({columns})")
        db.execute(f"CREATE TEMP TABLE gone_{table} (rid INTEGER PRIMARY KEY)")
        db.execute(
            f"CREATE TEMP VIEW {table} AS"
            f" SELECT rowid AS rowid, {listed} FROM main.{table} AS base"
            f" WHERE NOT EXISTS (SELECT 1 FROM temp.gone_{table} AS gone WHERE gone.rid = base.rowid)"
            f" UNION ALL SELECT rowid + {_SHIFT}, {listed} FROM temp.new_{table}"
        )
        values = ", ".join(f"new.{n}" for n in names)
        db.execute(
            f"CREATE TEMP TRIGGER insert_{table} INSTEAD OF INSERT ON {table}"
            f" BEGIN INSERT INTO new_{table} VALUES ({values}); END"
        )
        db.execute(
            f"CREATE TEMP TRIGGER delete_{table} INSTEAD OF DELETE ON {table} BEGIN"
            f" INSERT OR IGNORE INTO gone_{table} SELECT old.rowid WHERE old.rowid < {_SHIFT};"
            f" DELETE FROM new_{table} WHERE rowid = old.rowid - {_SHIFT}; END"
        )
    for statement in (*INDEXES, *LATE_INDEXES):
        head, _, rest = statement.partition(" ON ")
        unique, _, name = head.partition("INDEX ")
        db.execute(f"{unique}INDEX temp.over_{name} ON new_{rest}")
    return store
