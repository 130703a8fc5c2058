"""How many decimals a number may have (``x-decimals``), checked on the exact value; compiled once for a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from orderctl.schema.walk import Schema, types

Check = Callable[[Any], bool]
_WIDE = Context(prec=1_000)


def compiled(node: Schema) -> Check | None:
    """Return a function that tells whether a valid value may have a number with too many decimals, or None.

    Only fields that can hold a number are looked at.
    """
    kind = types(node)
    if "object" in kind:
        inner = [(n, c) for n, s in node.get("properties", {}).items() if (c := compiled(s)) is not None]
        rest = [c for s in node.get("patternProperties", {}).values() if (c := compiled(s)) is not None]
        return _object(tuple(inner), tuple(rest)) if inner or rest else None
    if "array" in kind:
        item = compiled(node.get("items", {}))
        return _array(item) if item is not None else None
    if "number" in kind and "x-decimals" in node:
        return _number(node["x-decimals"])
    return _integer if "integer" in kind else None


def _object(inner: tuple[tuple[str, Check], ...], rest: tuple[Check, ...]) -> Check:
    def check(value: Any) -> bool:
        for name, test in inner:
            if name in value and test(value[name]):
                return True
        return bool(rest) and any(
            test(v) for test in rest for v in value.values() if isinstance(v, dict | list | Decimal)
        )

    return check


def _array(item: Check) -> Check:
    def check(value: Any) -> bool:
        for entry in value:  # noqa: SIM110  a plain loop is twice as fast, and this runs for every order
            if item(entry):
                return True
        return False

    return check


def _number(decimals: int) -> Check:
    quantum = Decimal(1).scaleb(-decimals)

    def check(value: Any) -> bool:
        return type(value) is Decimal and not value.same_quantum(quantum) and excess(value, decimals)

    return check


def _integer(value: Any) -> bool:
    return type(value) is Decimal


def excess(value: Decimal, decimals: int) -> bool:
    """Tell whether a number's value needs more decimals; zeros at the end don't count."""
    exponent = value.normalize(_WIDE).as_tuple().exponent
    return isinstance(exponent, int) and exponent < -decimals


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Return the value rounded half up."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)


def offences(
    value: Any, node: Schema, parts: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Decimal, Schema]]:
    """Yield (place, number, its schema) of every number with too many decimals; the document may be invalid."""
    if isinstance(value, dict):
        for name, inner in node.get("properties", {}).items():
            if name in value:
                yield from offences(value[name], inner, (*parts, name))
        for inner in node.get("patternProperties", {}).values():
            for name in value:
                if name not in node.get("properties", {}):
                    yield from offences(value[name], inner, (*parts, name))
    elif isinstance(value, list):
        for n, entry in enumerate(value):
            yield from offences(entry, node.get("items", {}), (*parts, n))
    elif type(value) is Decimal:
        limit = node.get("x-decimals") if "number" in types(node) else 0 if "integer" in types(node) else None
        if limit is not None and ("integer" in types(node) or excess(value, limit)):
            yield parts, value, node
