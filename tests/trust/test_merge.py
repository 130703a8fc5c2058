"""Merges recomputed: values field by field and item by item, and whole merge commits; in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orderctl.trust.merge import Conflict, deviations, merge3
from tests.trust.histories import DAY, Commit, Customer, Doc, Order, start
from tests.trust.judging import Gate

CUSTOMER = "customers/C0001.yaml"
ROW = {"line": 1, "quantity": 3}
TWO = {"line": 2, "quantity": 5}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (1, 1, 1, 1),
        (1, 2, 1, 2),
        (1, 1, 2, 2),
        (1, 2, 2, 2),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 2}, {"b": 2}),
        ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"b": 1}, {"b": 2}),
        ({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 1}}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 2, "c": 2}}),
        ({}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ([ROW], [ROW | {"quantity": 4}], [ROW | {"note": "x"}], (ROW | {"quantity": 4, "note": "x"},)),
        ([ROW, TWO], [TWO], [ROW, TWO | {"quantity": 6}], (TWO | {"quantity": 6},)),
        ([ROW], [ROW, TWO], [ROW | {"quantity": 4}], (ROW | {"quantity": 4}, TWO)),
        ([ROW], [ROW | {"quantity": 4}], [ROW, TWO], (ROW | {"quantity": 4}, TWO)),
        (({"id": "a"},), ({"id": "a", "x": 1},), ({"id": "a", "y": 1},), ({"id": "a", "x": 1, "y": 1},)),
        ([{"name": "a"}], [{"name": "a", "x": 1}], [{"name": "a", "y": 1}], ({"name": "a", "x": 1, "y": 1},)),
        (
            [ROW, TWO],
            [TWO, ROW | {"quantity": 9}],
            [ROW, TWO | {"quantity": 6}],
            (TWO | {"quantity": 6}, ROW | {"quantity": 9}),
        ),
    ],
)
def test_what_both_sides_changed(base: Any, ours: Any, theirs: Any, merged: Any) -> None:
    assert merge3(base, ours, theirs) == merged


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (1, 2, 3),
        ({"a": 1}, {"a": 2}, {"a": 3}),
        ({"a": 1}, {}, {"a": 2}),
        ({"a": 1}, {"a": 2}, {}),
        ({}, {"a": 1}, {"a": 2}),
        ({"a": 1}, [1], {"a": 2}),
        ({"a": 1}, {"a": 2}, [1]),
        ([ROW], {"a": 1}, [TWO]),
        ([1], [1, 2], [1, 3]),  # plain values have no name
        ([ROW], [ROW, ROW | {"quantity": 4}], [ROW | {"quantity": 5}]),  # one line twice
        ([ROW], [ROW | {"quantity": 4}], [ROW, ROW]),
        ([ROW], [ROW, TWO], [ROW, {"line": 3}]),  # both added: in which order?
        ([ROW], [ROW | {"quantity": 4}], [ROW | {"quantity": 5}]),
        ([{"line": 1.5}], [{"line": 1.5, "a": 1}], [{"line": 1.5, "b": 1}]),
        ([ROW], [{"id": "x"}], [ROW | {"quantity": 5}]),
        ([ROW], [], [ROW | {"quantity": 5}]),
    ],
)
def test_where_they_disagree(base: Any, ours: Any, theirs: Any) -> None:
    with pytest.raises(Conflict):
        merge3(base, ours, theirs)


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


def merged(
    gate: Gate, base: Commit, ours: Mapping[str, Doc], theirs: Mapping[str, Doc], result: Mapping[str, Doc]
) -> Any:
    """Return what a merge of two changes of ``base`` decides by itself, and the conflicts among that."""
    one = gate.store.commit((base,), {**base.files, **ours}, DAY, "su-cai")
    two = gate.store.commit((base,), {**base.files, **theirs}, DAY + 1, "su-cai")
    made = gate.store.commit((one, two), {**base.files, **result}, DAY, "")
    off, conflicts = deviations(gate.world, gate.graph, gate.graph.commit(made.id))
    return sorted(off), sorted(conflicts)


def test_a_merge_says_what_its_sides_say(gate: Gate) -> None:
    base = gate.store.commit((), start(), DAY, "")
    limit, mail = Customer(limit=300000), Customer(mail="li@yunfan.example")
    both = Customer(300000, "li@yunfan.example")
    order: dict[str, Doc] = {"orders/2024/05/OD2024050014/order.yaml": Order("OD2024050014", 3, 350)}
    path = next(iter(order))
    assert merged(gate, base, {CUSTOMER: limit}, order, {CUSTOMER: limit, **order}) == ([], [])
    assert merged(gate, base, {CUSTOMER: limit}, {CUSTOMER: mail}, {CUSTOMER: both}) == ([], [])
    assert merged(gate, base, {CUSTOMER: limit}, {CUSTOMER: limit}, {CUSTOMER: limit}) == ([], [])
    assert merged(gate, base, {CUSTOMER: limit}, {CUSTOMER: limit}, {CUSTOMER: mail}) == ([CUSTOMER], [])
    assert merged(gate, base, {CUSTOMER: limit}, {CUSTOMER: mail}, {CUSTOMER: limit}) == ([CUSTOMER], [CUSTOMER])
    other = Customer(limit=400000)
    assert merged(gate, base, {CUSTOMER: limit}, {CUSTOMER: other}, {CUSTOMER: limit}) == ([CUSTOMER], [CUSTOMER])
    assert merged(gate, base, {CUSTOMER: limit}, order, {CUSTOMER: limit}) == ([path], [])
    assert merged(gate, base, {CUSTOMER: limit}, order, order) == ([CUSTOMER], [])
    assert merged(gate, base, {}, order, {CUSTOMER: limit, **order}) == ([CUSTOMER], [])
    changed: dict[str, Doc] = {path: replace(order[path], quantity=4)}  # type: ignore[arg-type]
    assert merged(gate, base, order, changed, order) == ([path], [path])  # both added it
    assert merged(gate, base, order, order, order) == ([], [])


def test_what_one_side_removed_is_gone(gate: Gate) -> None:
    path = "orders/2024/05/OD2024050014/order.yaml"
    files: dict[str, Doc] = {**start(), path: Order("OD2024050014", 3, 350)}
    base = gate.store.commit((), files, DAY, "")
    here = gate.store.commit((base,), {**files, CUSTOMER: Customer(300000)}, DAY, "")
    gone, too = (gate.store.commit((base,), start(), DAY + n, "") for n in (0, 1))
    edited = gate.store.commit((base,), {**files, path: Order("OD2024050014", 4, 350)}, DAY, "")
    for parents, result, off, conflicts in (
        ((here, gone), {**start(), CUSTOMER: Customer(300000)}, [], []),
        ((here, gone), {**files, CUSTOMER: Customer(300000)}, [path], []),
        ((gone, here), {**start(), CUSTOMER: Customer(300000)}, [], []),
        ((gone, too), start(), [], []),
        ((edited, gone), start(), [path], [path]),
        ((edited, gone), edited.files, [path], [path]),
    ):
        made = gate.store.commit(parents, result, DAY, "")
        found, both = deviations(gate.world, gate.graph, gate.graph.commit(made.id))
        assert (sorted(found), sorted(both)) == (off, conflicts)


def test_criss_cross_has_no_one_answer(gate: Gate) -> None:
    """Two merges of the same two commits, merged again: whatever it brings is the merger's own."""
    base = gate.store.commit((), start(), DAY, "")
    limit = gate.store.commit((base,), {**base.files, CUSTOMER: Customer(limit=300000)}, DAY, "")
    mail = gate.store.commit((base,), {**base.files, CUSTOMER: Customer(mail="li@yunfan.example")}, DAY, "")
    both = {**base.files, CUSTOMER: Customer(300000, "li@yunfan.example")}
    left, right = (gate.store.commit(sides, both, DAY, "") for sides in ((limit, mail), (mail, limit)))
    order: dict[str, Doc] = {"orders/2024/05/OD2024050014/order.yaml": Order("OD2024050014", 3, 350)}
    right = gate.store.commit((right,), {**both, **order}, DAY, "")
    made = gate.store.commit((left, right), {**both, **order}, DAY, "")
    off, conflicts = deviations(gate.world, gate.graph, gate.graph.commit(made.id))
    assert sorted(off) == sorted(conflicts) == list(order)
