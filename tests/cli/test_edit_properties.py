"""Properties of mends and of the normal form: any document, any place, never a byte too many."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orderctl.compose import document
from orderctl.edit import apply
from orderctl.formatting import formatted
from orderctl.load import load
from orderctl.model import Mend

KEYS = st.sampled_from(["a", "b", "name", "数量", "x_y", "total"])
TEXT = st.text(st.sampled_from(list("ab0 1:#-,[]{}'\"\\订单，：é%@&*!|>?")), max_size=12)
SCALARS = st.one_of(
    TEXT,
    st.integers(-(10**9), 10**9),
    st.decimals("-99999", "99999", places=2, allow_nan=False).filter(lambda d: not d.is_zero() or not d.is_signed()),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)


def places(value: Any, pointer: str = "") -> list[str]:
    """Return the pointers of everything in the document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for k, v in inner for p in (f"{pointer}/{k}", *places(v, f"{pointer}/{k}"))]


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_a_composed_document_reads_back(data: dict[str, Any]) -> None:
    assert load("x", document(data).encode()) == (data, [])


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, SCALARS, st.data())
def test_a_set_value_is_the_only_difference(data: dict[str, Any], value: Any, draw: st.DataObject) -> None:
    text = document(data).encode()
    pointer = draw.draw(st.sampled_from([*places(data), "/new", "/name/new"]))
    after, done = apply(text, [Mend("set", value, pointer)])
    read, findings = load("x", after)
    assert findings == []
    if not done:
        assert after == text
        return
    expected: Any = deepcopy(data)
    target, parts = expected, pointer.split("/")[1:]
    for part in parts[:-1]:
        if isinstance(target, dict) and target.get(part) is None:
            target[part] = {}
        target = target[int(part)] if isinstance(target, list) else target[part]
    target[int(parts[-1]) if isinstance(target, list) else parts[-1]] = value
    assert read == expected


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.permutations(["total", "name", "a", "数量", "b"]))
def test_the_normal_form_is_stable_and_loses_nothing(data: dict[str, Any], order: list[str]) -> None:
    text = "# heading\n" + document(data).replace("\n", "  # note\n", 1)
    before = load("x", text.encode())
    once = formatted(text.encode(), lambda _pointer: order)
    if once is None:
        assert before[1]
        return
    assert load("x", once) == before
    assert formatted(once, lambda _pointer: order) == once
    assert once.decode().count("# note") == text.count("# note")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(-5, 300), st.integers(-5, 300))
def test_any_bytes_are_survived(data: bytes, start: int, end: int) -> None:
    mends = [
        Mend("text", "x", start=start, end=end),
        Mend("set", Decimal("1.00"), "/a"),
        Mend("nfc", ""),
        Mend("bom", ""),
    ]
    apply(data, mends)
    formatted(data, lambda _pointer: ())
