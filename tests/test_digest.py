"""The digest that an approval binds: with the schema, and without it from the pointers that a statement lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderctl.digest import digest_without, immaterial_pointers, material_digest
from orderctl.pipeline import find_workspace
from orderctl.revisions import catalogue
from tests.fake_book import base_documents

NAMES = st.sampled_from(["a", "b", "c/d", "~e", ""])
KEYS = st.sampled_from(["a", "b", "c/d", "~e", "*", ""])
LEAF = st.sampled_from([{}, {"x-material": False}, {"x-material": True}])
SCHEMA: st.SearchStrategy[dict[str, Any]] = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=3).map(lambda fields: {"properties": fields}),
        inner.map(lambda items: {"items": items}),
    ),
    max_leaves=8,
)
VALUE: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, Decimal("1.50"), "x", "é"]),
    lambda inner: st.one_of(st.dictionaries(KEYS, inner, max_size=3), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=12,
)
DATA = st.dictionaries(KEYS, VALUE, max_size=3)


@settings(max_examples=300, deadline=None)
@given(SCHEMA.filter(lambda s: "items" not in s), DATA)
def test_the_schemas_pointers_give_the_material_digest(schema: dict[str, Any], data: dict[str, Any]) -> None:
    assert digest_without(data, immaterial_pointers(schema)) == material_digest(schema, data)


def test_so_they_do_for_every_document_of_the_base() -> None:
    kinds = catalogue(find_workspace()).kinds
    documents = {path: data for path, data in base_documents().items() if data["schema"].split("/")[0] in kinds}
    assert len(documents) > 20
    for path, data in documents.items():
        schema = kinds[data["schema"].split("/")[0]].schema
        assert (path, digest_without(data, immaterial_pointers(schema))) == (path, material_digest(schema, data))


@pytest.mark.parametrize(
    ("pointers", "same"),
    [
        (["/name"], True),
        (["/lines/*/name"], True),
        (["/lines"], True),
        (["/lines/0/name"], False),  # items are told by *, never by number
        (["name"], False),  # no pointer
        (["/nothing"], False),
        ([""], True),  # the whole document
    ],
)
def test_what_a_pointer_leaves_out(pointers: list[str], same: bool) -> None:
    one = {"name": "a", "total": 1, "lines": ({"name": "a", "amount": 1}, {"amount": 2})}
    other = {"name": "b", "total": 1, "lines": ({"name": "b", "amount": 1}, {"amount": 2})}
    rest = {"/name", "/lines/*/name"} - set(pointers)
    left_out = [*pointers, *rest] if same else pointers
    assert (digest_without(one, left_out) == digest_without(other, left_out)) is same


def test_the_pointers_of_an_order_name_list_items() -> None:
    found = immaterial_pointers(catalogue(find_workspace()).kinds["order"].schema)
    assert "/schema" in found and any("/*/" in pointer for pointer in found)
    assert found == sorted(found)
