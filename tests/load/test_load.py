"""Bytes in, a value or findings out: every trap of YAML, at its place, with what to type instead."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orderctl.compose import document
from orderctl.load import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_FINDINGS, MAX_NODES, MAX_SCALAR, load
from orderctl.locate import spots


def codes(text: str | bytes) -> list[tuple[str, int, int]]:
    data = text.encode() if isinstance(text, str) else text
    return [(f.rule, f.line, f.column) for f in load("x.yaml", data)[1]]


def value(text: str) -> Any:
    data, findings = load("x.yaml", text.encode())
    assert findings == []
    return data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 12", 12),
        ("a: -3", -3),
        ("a: 0", 0),
        ("a: 19.90", Decimal("19.90")),
        ("a: true", True),
        ("a: null", None),
        ("a:", None),
        ("a: NO", "NO"),
        ("a: on", "on"),
        ("a: yes", "yes"),
        ("a: 2024-01-01", "2024-01-01"),
        ("a: 2024-02-30", "2024-02-30"),
        ("a: 2024-05-06T17:00:00+08:00", "2024-05-06T17:00:00+08:00"),
        ("a: 9:00-17:00", "9:00-17:00"),
        ('a: "0012"', "0012"),
        ("a: '12:30'", "12:30"),
        ("a: 13800000001", 13800000001),
        ("a: |\n  一行\n  two\n", "一行\ntwo\n"),
        ("a: 注意：轻放", "注意：轻放"),
        ("a: é", "é"),
        ("---\na: 1\n", 1),
    ],
)
def test_plain_values(text: str, expected: object) -> None:
    found = value(text)["a"]
    assert found == expected
    assert type(found) is type(expected)


def test_decimals_add_up_exactly() -> None:
    data = value("a: 0.1\nb: 0.2\n")
    assert data["a"] + data["b"] == Decimal("0.3")
    assert str(value("a: 19.90")["a"]) == "19.90"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\na: 2", [("yaml.duplicate_key", 2, 1)]),
        ("a: 1\n'a': 2", [("yaml.duplicate_key", 2, 1)]),
        ("a: {b: 1, b: 2}", [("yaml.duplicate_key", 1, 11)]),
        ("a: &x 1\nb: *x", [("yaml.alias", 1, 4), ("yaml.alias", 2, 4)]),
        ("a: &a [*a]", [("yaml.alias", 1, 4), ("yaml.alias", 1, 8)]),
        ("<<: {a: 1}", [("yaml.merge", 1, 1)]),
        ("a: !!python/object:os.system x", [("yaml.tag", 1, 4)]),
        ("a: !foo x", [("yaml.tag", 1, 4)]),
        ('a: !!int "0012"', [("yaml.tag", 1, 4)]),
        ("a: 1\n---\nb: 1", [("yaml.documents", 2, 1)]),
        ("", [("yaml.documents", 1, 1)]),
        ("# nothing", [("yaml.documents", 1, 1)]),
        ("- a", [("yaml.documents", 1, 1)]),
        ("%YAML 1.2\n---\na: 1", [("yaml.documents", 1, 1)]),
        ("1: a", [("yaml.key", 1, 1)]),
        ("true: a", [("yaml.key", 1, 1)]),
        ("[a]: 1", [("yaml.key", 1, 1)]),
        ("{a: 1}: 1", [("yaml.key", 1, 1)]),
        ("*x : 1", [("yaml.alias", 1, 1)]),
        ("a:\n\tb: 1", [("yaml.tab", 2, 1)]),
        ('a: "x', [("yaml.unclosed", 1, 6)]),
        ("a: b: c", [("yaml.colon", 1, 5)]),
        ("a:\n  b: 1\n c: 2", [("yaml.indent", 3, 2)]),
        ("a: 1\ndate：2024-05-06\nb: 2", [("yaml.full_width", 2, 5)]),
        ("a:\n  due：2024-05-06", [("yaml.full_width", 2, 3)]),
        ("a: 1\n名称：鹏程\nname: 鹏程", [("yaml.full_width", 2, 3)]),
        ("a: 1\ndelivery\n  due: 2024-05-06", [("yaml.colon", 2, 9)]),
        ("delivery:\ndue: 2024-05-06\n  method: express", [("yaml.indent", 3, 3)]),
        ("a: 1\nname: b: c", [("yaml.colon", 2, 8)]),
        ("a:\n　b: 1", [("yaml.full_width", 2, 1)]),
        ("a: １２", [("yaml.full_width", 1, 4)]),
        ("a: 1\r\nb: 2\r\n", [("text.newline", 1, 1)]),
        ("\ufeffa: 1", [("text.bom", 1, 1)]),
        ("a: x\u200by", [("text.invalid", 1, 5)]),
        ("a: x\u2028y", [("text.invalid", 1, 5)]),
        ("a: \u202ex", [("text.invalid", 1, 4)]),
        ("a: x\x1by", [("text.invalid", 1, 5)]),
        ('a: "\\u0000"', [("text.invalid", 1, 4)]),
        ('a: "\\u202e"', [("text.invalid", 1, 4)]),
        ("a: e\u0301", [("text.not_nfc", 1, 1)]),
        (b"\xff\xfea\x00", [("text.encoding", 1, 1)]),
        (b"a: 1\nb: \xe4\xb8", [("text.encoding", 2, 4)]),
    ],
)
def test_traps(text: str | bytes, found: list[tuple[str, int, int]]) -> None:
    assert codes(text) == found


@pytest.mark.parametrize(
    ("written", "shown", "mend"),
    [
        ("0012", '12 / "0012"', '"0012"'),
        ("12:30", '"12:30"', '"12:30"'),
        ("1:30:45", '"1:30:45"', '"1:30:45"'),
        ("1_000", '1000 / "1_000"', '"1_000"'),
        ("0x1F", '"0x1F"', '"0x1F"'),
        ("0b11", '"0b11"', '"0b11"'),
        ("0o17", '"0o17"', '"0o17"'),
        ("1e3", '"1e3"', '"1e3"'),
        ("1.0e+3", '"1.0e+3"', '"1.0e+3"'),
        (".5", '0.5 / ".5"', '".5"'),
        ("+5", '5 / "+5"', '"+5"'),
        (".inf", '".inf"', '".inf"'),
        (".NaN", '".NaN"', '".NaN"'),
        ("~", "null", "null"),
        ("True", "true", "true"),
    ],
)
def test_odd_numbers_are_named_with_a_mend(written: str, shown: str, mend: str) -> None:
    data = f"a: x\nb: {written}  # kept\n".encode()
    (finding,) = load("x.yaml", data)[1]
    assert (finding.rule, finding.line, finding.column) == ("yaml.type", 2, 4)
    assert finding.params == {"text": written, "expected": shown}
    assert finding.mend is not None
    mended = data[: finding.mend.start] + str(finding.mend.value).encode() + data[finding.mend.end :]
    assert mended == f"a: x\nb: {mend}  # kept\n".encode()
    assert load("x.yaml", mended)[1] == []


def test_all_findings_of_a_file_are_told_at_once() -> None:
    text = "a: 0012\nb: 12:30\nc: &x 1\nd: *x\ne: !t 1\na: 2\nf: .5\ng: 1e3\nh: ~\n1: x\n"
    assert [f[0] for f in codes(text)] == [
        "yaml.type", "yaml.type", "yaml.alias", "yaml.alias", "yaml.tag",
        "yaml.duplicate_key", "yaml.type", "yaml.type", "yaml.type", "yaml.key",
    ]  # fmt: skip


def nested(depth: int) -> str:
    return "a: " + "[" * (depth - 1) + "]" * (depth - 1)


LIMITS = {
    "depth": (MAX_DEPTH, nested, "limit.depth"),
    "scalar": (MAX_SCALAR, lambda n: "a: " + "x" * n, "limit.scalar"),
    "digits": (MAX_DIGITS, lambda n: "a: " + "1" * n, "limit.number"),
    "nodes": (MAX_NODES, lambda n: "a: [" + "1," * (n - 3) + "]", "limit.nodes"),
    "size": (
        MAX_BYTES,
        lambda n: "a: 1\n" + ("#" + "x" * 98 + "\n") * (n // 100) + "#" * (n - 5 - n // 100 * 100),
        "limit.size",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_exact(name: str) -> None:
    limit, make, code = LIMITS[name]
    assert codes(make(limit - 1)) == []
    assert codes(make(limit)) == []
    assert [c for c, _, _ in codes(make(limit + 1))] == [code]


def test_findings_are_limited() -> None:
    text = "a: [" + "~, " * (MAX_FINDINGS + 10) + "1]"
    found = codes(text)
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1][0] == "limit.findings"


@pytest.mark.parametrize("bomb", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000, '"' * 100_000])
def test_nesting_and_garbage_end_in_a_finding(bomb: str) -> None:
    assert codes(bomb)
    assert isinstance(spots(bomb.encode()), dict)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-8", "surrogatepass"))))
def test_any_bytes_give_a_value_or_a_finding(data: bytes) -> None:
    found, findings = load("x.yaml", data)
    assert (found is None) == bool(findings)
    assert all(f.line >= 1 and f.column >= 1 for f in findings)
    spots(data)


TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=20)
VALUES = st.recursive(
    st.one_of(
        TEXT,
        st.integers(-(10**17), 10**17),
        st.booleans(),
        st.none(),
        st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@example({"<<": None})
@example({"\u3000": None})
@example({"1": "2"})
@given(st.dictionaries(TEXT.filter(bool), VALUES, min_size=1, max_size=4))
def test_what_we_write_is_what_we_read(data: dict[str, Any]) -> None:
    import unicodedata

    text = document(data)
    if not unicodedata.is_normalized("NFC", text):
        return
    found, findings = load("x.yaml", text.encode())
    assert findings == []
    assert found == data


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TEXT.filter(bool), VALUES, min_size=1, max_size=4))
def test_agrees_with_pyyaml_on_places(data: dict[str, Any]) -> None:
    text = document(data)
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    assert isinstance(root, yaml.MappingNode)
    places = spots(text.encode())
    assert (places[""].line, places[""].column) == (root.start_mark.line + 1, root.start_mark.column + 1)
    for _, node in root.value:
        assert any(
            (s.line, s.column) == (node.start_mark.line + 1, node.start_mark.column + 1) for s in places.values()
        )
