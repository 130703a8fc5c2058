"""The engine (jsonschema-rs on effective schemas) and the reference (jsonschema on the files as they are) agree."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import extend
from referencing import Registry, Resource

from orderctl.model import pointer_of
from orderctl.schema.engine import engine
from tests.schema.helper import CASES, FILES, kinds, read

KINDS, _ = kinds()
RAW = {name: json.loads(raw) for name, raw in FILES.items()}
REGISTRY: Any = Registry().with_resources([("orderctl:types", Resource.from_contents(RAW["_types"]))])
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date", ValueError)
def _date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and bool(date.fromisoformat(value)))


@FORMATS.checks("date-time", ValueError)
def _instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    zone = re.search(r"([+-])([0-9]{2}):([0-9]{2})\Z", value)
    return datetime.fromisoformat(value).tzinfo is not None and (
        zone is None or (int(zone[2]) < 24 and int(zone[3]) < 60)
    )


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
    whole = re.compile(pattern.removesuffix("$") + r"\Z", re.ASCII)
    if isinstance(instance, str) and not whole.match(instance):
        yield jsonschema.ValidationError("pattern")


def _integer(_checker: Any, value: Any) -> bool:
    return not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, Decimal) and value == value.to_integral_value())
    )


Reference = extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator,
    {"pattern": _pattern},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _integer),
)


def places(errors: Any, reference: bool) -> set[tuple[str, str]]:
    """Return (place, keyword) of every error of either library."""
    if reference:
        return {(pointer_of(tuple(e.absolute_path)), str(e.validator)) for e in errors}
    return {(pointer_of(tuple(e.instance_path)), str(e.schema_path[-1])) for e in errors}


def leaves(value: Any, parts: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*parts, key)
            yield from leaves(inner, (*parts, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value[:1]):  # the others are of the same shape
            yield (*parts, n)
            yield from leaves(inner, (*parts, n))


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**12 + 1,
    Decimal("1.0"),
    Decimal("0.001"),
    "",
    "X\n",
    "2024-02-30",
    "2024-02-29",
    "2024-05-06T24:00:00+08:00",
    "2024-05-06T17:00:00+24:00",
    "字" * 2001,
    [None],
    {"x": 1},
)


def mutations(full: dict[str, Any], least: dict[str, Any]) -> Iterator[Any]:
    """Yield documents with one of all fields dropped, misspelt, doubled as a list, or set to each odd value.

    Beside the field's own group only the required ones are there: the reference is slow.
    """
    for key, value in full.items():
        for parts in [(key,), *leaves(value, (key,))]:
            *way, last = parts
            for odd in (..., "double", "newline", *ODD):
                mutant = copy.deepcopy({**least, key: value})
                inner: Any = mutant
                for part in way:
                    inner = inner[part]
                if odd is ...:
                    was = inner.pop(last)
                    if isinstance(last, str):
                        yield copy.deepcopy(mutant)
                        inner[last + "x"] = was
                elif odd == "double" and isinstance(inner[last], list):
                    inner[last] = [*inner[last], *inner[last]]
                elif odd == "newline" and isinstance(inner[last], str):
                    inner[last] += "\n"
                elif odd not in ("double", "newline"):
                    inner[last] = odd
                else:
                    continue
                yield mutant


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_engine_and_reference_agree(kind: str) -> None:
    ours = engine(KINDS[kind].schema)
    theirs: Any = Reference(RAW[kind], registry=REGISTRY, format_checker=FORMATS)
    theirs.check_schema(RAW[kind])
    seen = broken = 0
    documents = [read(p) for p in sorted((CASES / kind).rglob("*.yaml"))]
    for document in documents:
        assert places(ours.iter_errors(document), False) == places(theirs.iter_errors(document), True)
    full, least = (read(CASES / kind / "positive" / f"{name}.yaml") for name in ("full", "least"))
    for mutant in mutations(full, least):
        expected = places(theirs.iter_errors(mutant), True)
        assert places(ours.iter_errors(mutant), False) == expected, mutant
        assert ours.is_valid(mutant) is (not expected)
        seen += 1
        broken += bool(expected)
    assert seen > 50 and seen > broken > seen // 3


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_examples_are_valid(kind: str) -> None:
    """Each example in a schema is one that the field takes."""
    from orderctl.schema.walk import nodes

    for pointer, node, _ in nodes(KINDS[kind].schema):
        for example in node.get("examples", ()):
            value = Decimal(str(example)) if isinstance(example, float) else example
            assert engine(node).is_valid(value), f"{kind}{pointer}: {example}"
