"""The validate stage beyond fixtures: what the built-in kinds don't need, limits, personal data, words, speed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderctl import validate
from orderctl.schema import words
from orderctl.schema.mends import of_type
from orderctl.schema.walk import nodes
from orderctl.validate import Validator
from tests.schema.helper import CASES, kinds, read, shown
from tests.schema.own_kinds import PLAIN, leaf, memo, several, whole

KINDS, _ = kinds()
VALIDATOR = Validator(KINDS)


def own(**more: Any) -> Validator:
    """Return a validator that knows the kind ``memo`` with these keywords instead of its ``note``."""
    schema = memo()
    schema["properties"]["note"] = leaf(**more) if "properties" not in more and "items" not in more else more
    found, findings = kinds({"memo": schema})
    assert shown(findings) == ""
    return Validator(found)


def said(judge: Validator, note: Any) -> str:
    return shown(judge.findings("memo", "memos/a.yaml", {"schema": "memo/1", "id": "a", "note": note}))


def test_too_short() -> None:
    judge = own(minLength=3, examples=["abc"])
    assert said(judge, "abc") == ""
    assert said(judge, "字字字") == ""
    assert said(judge, "ab") == (
        "/note  schema.too_short\n"
        "    “备注”太短：2 个字符，至少 3 个。写完整，例如 note: abc\n"
        "    Note is too short: 2 characters, 3 or more are needed: write it in full, for example note: abc\n"
    )


def test_any_of() -> None:
    judge = own(**whole(anyOf=[{"required": ["a"]}, {"required": ["b"]}], properties={"a": leaf(), "b": leaf()}))
    assert said(judge, {"a": "x"}) == said(judge, {"a": "x", "b": "y"}) == ""
    assert said(judge, {}) == (
        "/note  schema.any_of\n"
        "    “组”至少要写以下之一：a（备注）、b（备注）。补上其中一个\n"
        "    Group needs at least one of: a (Note), b (Note): add one of them\n"
    )


def test_not() -> None:
    judge = own(**{"not": {"const": "a b"}})
    assert said(judge, "a") == ""
    assert said(judge, "a b") == (
        "/note  schema.not_allowed\n"
        "    “备注”不能这样写：“a b”。备注。例如 note: a\n"
        '    Note can\'t be written like this: "a b": A note. For example note: a\n'
    )


def test_a_choice_of_shapes_is_explained_by_the_nearest_one() -> None:
    """An unknown field inside a branch is one finding, not one for each branch."""
    shapes = [
        {"type": "object", "properties": {"a": {"maxLength": 2}}, "required": ["a"]},
        {"type": "object", "properties": {"b": {"maxLength": 2}}, "required": ["b"]},
    ]
    judge = own(**whole(oneOf=shapes, properties={"a": leaf(), "b": leaf()}))
    assert said(judge, {"a": "xy"}) == ""
    assert said(judge, {"a": "xyz"}) == (
        "/note/a  schema.too_long\n"
        "    “备注”太长：3 个字符，至多 2 个。缩短，或把细节放进附件\n"
        "    Note is too long: 3 characters, at most 2 are allowed: shorten it, or put the details into an attachment\n"
    )


def test_a_branch_of_another_type_is_not_the_nearest() -> None:
    shapes = [PLAIN, {"type": "object", "properties": {"a": {"maxLength": 2}, "b": {"maxLength": 2}}}]
    judge = own(**whole(type=["object", "string"], maxLength=5, oneOf=shapes, properties={"a": leaf(), "b": leaf()}))
    assert [line.split()[0] for line in said(judge, {"a": "xyz", "b": "xyz"}).splitlines() if line[0] == "/"] == [
        "/note/a",
        "/note/b",
    ]


def test_an_empty_choice_and_a_choice_of_days() -> None:
    order = read(CASES / "order" / "positive" / "story.yaml")
    assert [f.rule for f in VALIDATOR.findings("order", "o", {**order, "kind": ""})] == ["schema.empty"]
    assert [f.rule for f in VALIDATOR.findings("order", "o", {**order, "kind": " "})] == ["schema.enum"]
    days = {"2024-05-06": {"zh": "首日", "en": "first day"}}
    judge = own(format="date", enum=["2024-05-06"], examples=["2024-05-06"], **{"x-enum-names": days})
    assert said(judge, "2024-05-06") == ""
    assert "schema.enum" in said(judge, "2024-05-07")
    assert "schema.enum" in said(judge, "soon")


def test_wrong_shape_where_a_list_belongs() -> None:
    judge = own(**several())
    assert said(judge, ["a"]) == ""
    assert "现为文字“a”。写成 note: [a] 这样" in said(judge, "a")
    assert "/note/0  schema.type" in said(judge, [3])
    assert 'write it like - "3"' in said(judge, [3])


@pytest.mark.parametrize(
    ("decimals", "number", "fits"),
    [
        (2, "1.99", True),
        (2, "1.990", True),
        (2, "1.999", False),
        (2, "1.9900000000000000000000000001", False),
        (2, "100", True),
        (0, "1.0", True),
        (0, "1.5", False),
        (4, "0.0001", True),
        (4, "0.00001", False),
        (2, "19.99", True),
        (2, "0.07", True),
        (2, "4.35", True),
        (2, "-1.005", False),
    ],
)
def test_decimals_on_the_exact_value(decimals: int, number: str, fits: bool) -> None:
    judge = own(type="number", examples=[1], **{"x-decimals": decimals})
    assert (said(judge, Decimal(number)) == "") is fits
    assert said(judge, int(Decimal(number))) == ""


def test_decimals_are_found_beside_other_findings() -> None:
    order = read(CASES / "order" / "positive" / "story.yaml")
    order["total"] = Decimal("1.005")
    order["kind"] = "x"
    order["lines"][1]["amount"] = Decimal("-1.005")
    found = VALIDATOR.findings("order", "o", order)
    assert [(f.rule, f.pointer) for f in found] == [
        ("schema.enum", "/kind"),
        ("schema.too_small", "/lines/1/amount"),
        ("schema.decimals", "/total"),
    ]


def test_decimals_in_a_map_and_in_conditions() -> None:
    amount = leaf(type="number", examples=[1], **{"x-decimals": 2})
    judge = own(**whole(patternProperties={"^[a-z]$": amount}, maxProperties=9, properties={}))
    assert said(judge, {"a": Decimal("1.00"), "b": 1}) == ""
    assert "/note/b  schema.decimals" in said(judge, {"a": Decimal("1.00"), "b": Decimal("1.001")})


def test_personal_data_is_not_repeated() -> None:
    """A canary in every personal field of every kind, with the wrong type and in the wrong form."""
    canary = "CANARY-13912345678-" + "x" * 300
    for name, kind in KINDS.items():
        judge = Validator(KINDS)
        for pointer, node, _ in nodes(kind.schema):
            if not node.get("x-pii"):
                continue
            for value in (canary, [canary], 13912345678):
                document: Any = value
                for part in reversed(pointer.split("/")[1:]):
                    document = document if part == "properties" else [document] if part == "items" else {part: document}
                text = shown(
                    f if f.mend is None else type(f)(f.rule, f.severity, f.path, f.pointer, f.params)
                    for f in judge.findings(name, "p", document)
                )
                assert "CANARY" not in text and "13912345678" not in text, text


def test_long_values_are_cut_and_on_one_line() -> None:
    text = said(own(enum=["a"], **{"x-enum-names": {"a": {"zh": "甲", "en": "A"}}}), "多行\n" * 500)
    assert max(len(line) for line in text.splitlines()) < 200


def test_limit_of_findings_at_its_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "MAX_FINDINGS", 10)
    for count in (9, 10, 11):
        found = VALIDATOR.findings(
            "hold", "p", {"schema": "hold/1", "reason": "a", "from": "2024-01-01", "by": "a", **_junk(count)}
        )
        assert len(found) == min(count, 10) + (count > 10)
        assert (found[-1].rule == "limit.findings") is (count > 10)


def _junk(count: int) -> dict[str, Any]:
    return {f"zz{n}": 1 for n in range(count)}


def test_a_huge_wrong_document_is_judged() -> None:
    found = VALIDATOR.findings("order", "p", {f"customer{n}": 1 for n in range(40_000)})
    assert len(found) == validate.MAX_FINDINGS + 1


def test_a_wrong_root() -> None:
    root: Any
    for root in ([], "text", None, 3, True):
        found = VALIDATOR.findings("order", "p", root)
        assert [f.pointer for f in found] == [""]
        shown(found)


NAMES = st.sampled_from(sorted({n for k in KINDS.values() for n in k.schema["properties"]}))
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals(-1000, 1000)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | NAMES, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_value_gives_findings_that_can_be_said(kind: str, document: dict[str, Any]) -> None:
    text = shown(VALIDATOR.findings(kind, "p", document))
    assert text  # a required field is always missing or wrong
    for leak in ("Decimal(", "<class", "NoneType", "None", "jsonschema", "additionalProperties"):
        assert leak not in text.replace(str(document), "") or any(leak in str(v) for v in document.values())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("customer", "customer"),
        ("客户", "customer"),
        ("Customer", "customer"),
        ("custmer", "customer"),
        ("customer_id", "customer"),
        ("客户订单号", "customer_number"),
        ("customerNumber", "customer_number"),
        ("下单日期", "date"),
        ("Order date", "date"),
        ("下单日", "date"),
        ("line", "lines"),
        ("zzz", ""),
        ("", ""),
        ("   ", ""),
    ],
)
def test_nearest_field(word: str, expected: str) -> None:
    assert words.nearest(word, words.fields(KINDS["order"].schema)) == expected


@pytest.mark.parametrize(
    ("found", "node", "value", "safe"),
    [
        ("10", {"type": "number"}, "10", True),
        ("10.50", {"type": "number"}, "10.50", True),
        (" 10 ", {"type": "number"}, "10", True),
        ("10.5", {"type": "integer"}, None, None),
        ("010", {"type": "number"}, "10", True),
        ("1e3", {"type": "number"}, "1000", True),
        ("１０", {"type": "number"}, "10", True),
        ("1,000.00", {"type": "number"}, "1000.00", False),
        ("1,00", {"type": "number"}, None, None),
        ("¥820", {"type": "number"}, "820", False),
        ("13%", {"type": "number"}, "13", False),
        ("820元", {"type": "number"}, "820", False),
        ("80 盏", {"type": "integer"}, "80", False),
        ("8万", {"type": "number"}, None, None),
        ("一批", {"type": "number"}, None, None),
        ("9:00-18:00", {"type": "array", "items": {"type": "string"}}, "[9:00-18:00]", True),
        ("red", {"type": "array", "items": {"type": "string", "enum": ["red", "green"]}}, "[red]", True),
        ("gren", {"type": "array", "items": {"type": "string", "enum": ["red", "green"]}}, "[green]", False),
        ("blue sky", {"type": "array", "items": {"type": "string", "enum": ["red", "green"]}}, None, None),
        ("是", {"type": "boolean"}, "true", True),
        ("No", {"type": "boolean"}, "false", True),
        ("maybe", {"type": "boolean"}, None, None),
        (13900000001, {"type": "string", "maxLength": 32}, '"13900000001"', True),
        (13900000001, {"type": "string", "maxLength": 5}, None, None),
        (Decimal("1.50"), {"type": "string"}, '"1.50"', True),
        (Decimal("0.00000001"), {"type": "string"}, '"0.00000001"', True),
        (12, {"type": "string", "pattern": "^[a-z]+$"}, None, None),
        (20240506, {"type": "string", "format": "date"}, "2024-05-06", False),
        (20240532, {"type": "string", "format": "date"}, None, None),
        (True, {"type": "string"}, None, None),
        (["a"], {"type": "string"}, None, None),
    ],
)
def test_mend_of_a_wrong_type(found: Any, node: dict[str, Any], value: str | None, safe: bool | None) -> None:
    mend = of_type(found, node, "/x")
    assert (mend.value, mend.safe) == (value, safe) if mend else value is None
