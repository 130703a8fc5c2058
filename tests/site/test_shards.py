"""Data as scripts: the same bytes for the same value, and no way out of the string that holds a text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderctl.render.shards import shard, shard_path, shards


def test_a_shard_is_one_call() -> None:
    value = {"rows": [["OD1", 0, None, True]], "columns": ("id", "n")}
    assert shard("orders-2024-05", value) == (
        b'orderctl.shard("orders-2024-05",{"columns":["id","n"],"rows":[["OD1",0,null,true]]});\n'
    )


def test_texts_cannot_end_the_script_or_the_line() -> None:
    text = shard("a", '</script><!--&\u2028\u2029"\\木').decode()
    assert text == ('orderctl.shard("a","\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\\u2029\\"\\\\木");\n')


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "a.js", '"', "-a", "a\n"])
def test_a_name_is_a_plain_file_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a shard name"):
        shard_path(name)


@pytest.mark.parametrize("value", [1.5, [1.5], {"a": {"b": 1.5}}, Decimal("1.50"), object()])
def test_numbers_are_exact_or_text(value: object) -> None:
    with pytest.raises(TypeError):
        shard("a", value)


def test_a_view_without_shards_makes_no_file() -> None:
    assert shards({"rows": []}) == {}
    assert list(shards({"shards": {"b": 1, "a": 2}})) == ["data/a.js", "data/b.js"]
