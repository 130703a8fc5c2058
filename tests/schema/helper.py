"""What the schema tests share: the built-in kinds, fixtures, and findings as a user reads them in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orderctl.codes import schema, schema_files, text
from orderctl.load import load
from orderctl.model import Finding
from orderctl.resources import builtin
from orderctl.schema import Kind, load_kinds

CASES = Path(__file__).parent.parent / "cases" / "schema"
FILES = {p.name.removesuffix(".schema.json"): p.read_bytes() for p in sorted(builtin("schemas").glob("*.json"))}
CODES = {c.id: c for c in (*schema.CODES, *schema_files.CODES, *text.CODES)}


def kinds(own: dict[str, Any] | None = None) -> tuple[dict[str, Kind], list[Finding]]:
    """Return the built-in kinds with these own schemas (JSON values or bytes) beside them, and the findings."""
    files = {n: v if isinstance(v, bytes) else json.dumps(v).encode() for n, v in (own or {}).items()}
    return load_kinds(FILES, files)


def read(path: Path) -> Any:
    """Return a fixture's value; it must be readable."""
    value, findings = load(path.name, path.read_bytes())
    assert value is not None, findings
    return value


def shown(findings: Iterable[Finding]) -> str:
    """Return findings with everything a user reads, in Chinese and English."""
    lines = []
    for f in findings:
        code, params = CODES[f.rule], dict(f.params)
        lines += [
            f"{f.pointer or '/'}  {f.rule}" + (f"  (line {f.line}, column {f.column})" if f.line else ""),
            f"    {code.zh.format(**params)}。{code.hint_zh.format(**params)}",
            f"    {code.en.format(**params)}: {code.hint_en.format(**params)}",
        ]
        if f.mend:
            lines.append(f"    {'--fix writes' if f.mend.safe else 'offers'} {f.mend.value} at {f.mend.pointer}")
    return "".join(line + "\n" for line in lines)
