"""No rule trips over a document that leaves out what its schema doesn't require."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from orderctl import pipeline, revisions
from orderctl.validate import Validator
from tests.rules.examples import BASE, value_of, written

CASE = "orders/2024/05/OD2024050012"
CLOCK = "2024-12-31"
NUMBERED = {
    "order/1": {"number": "OD202405", "customer": "C"},
    "requirement/1": {"number": "KH202405", "customer": "C"},
    "quotation/1": {"customer": "C"},
    "ticket/1": {"number": "SH202405"},
    "customer/1": {"id": "C"},
}
"""What differs from variant to variant, so that each is a case and a customer of its own."""


def places(value: Any) -> Iterator[list[Any]]:
    """Yield the way to every key, every list entry and every list."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield [key]
        yield from ([key, *rest] for rest in places(entry))


def without(value: Any, way: list[Any]) -> Any:
    """Return a copy that lacks what ``way`` leads to."""
    copy = deepcopy(value)
    around = copy
    for key in way[:-1]:
        around = around[key]
    del around[way[-1]]
    return copy


def test_no_rule_trips_over_what_may_be_left_out(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(BASE, root)
    workspace = pipeline.find_workspace(root)
    validator = Validator(revisions.catalogue(workspace).kinds)
    variants: dict[str, list[Any]] = {}
    for file in [*(BASE / CASE).rglob("*.yaml"), BASE / "customers/C0001.yaml"]:
        path, value = file.relative_to(BASE).as_posix(), value_of(file)
        kind = value["schema"].split("/")[0]
        shorter = [without(value, way) for way in places(value) if way != ["schema"]]
        variants[path] = [value, *(v for v in shorter if not validator.findings(kind, path, v))]
        if kind == "order":
            variants[path] += [{**value, "kind": "repeat", "repeats": "OD2024050013"}, {**value, "kind": "service"}]
    assert len(variants[f"{CASE}/order.yaml"]) > 40
    for n in range(max(map(len, variants.values()))):
        for path, values in variants.items():
            value = deepcopy(values[n % len(values)])
            number = f"{1000 + n}"
            for key, prefix in NUMBERED.get(value["schema"], {}).items():
                value[key] = prefix + number
            target = root / path.replace("OD2024050012", f"OD202405{number}").replace("C0001.yaml", f"C{number}.yaml")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(written(value) + "\n", "utf-8")
    found = pipeline.check(workspace, as_of=CLOCK, jobs=1).findings
    machine = [f for f in found if "." in f.rule]
    assert not machine, machine[:3]
