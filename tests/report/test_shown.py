"""Findings in words: spaces of a Chinese sentence, the place of a field that isn't known."""

from __future__ import annotations

import pytest

from orderctl.model import Finding, Severity
from orderctl.rule import Code
from orderctl.shown import show


def code(zh: str) -> Code:
    words = {"zh": zh, "en": zh, "hint_zh": zh, "hint_en": zh}
    return Code(id="a.b", severity=Severity.ERROR, since="0.1", why_zh="", why_en="", **words)


@pytest.mark.parametrize(
    ("zh", "params", "said"),
    [
        ("客户 {a} 没有执照", {"a": "鹏程灯饰"}, "客户鹏程灯饰没有执照"),
        ("客户 {a} 没有执照", {"a": "Lumen GmbH"}, "客户 Lumen GmbH 没有执照"),
        ("客户 {a} 没有执照", {"a": "鹏程 A 区"}, "客户鹏程 A 区没有执照"),
        ("第 {a} 行", {"a": 3}, "第 3 行"),
        ("{a} 与 {b} 不符", {"a": "甲", "b": "B 款"}, "甲与 B 款不符"),
        ("没有 {a}", {"a": ""}, "没有 "),
    ],
)
def test_spaces_stay_between_chinese_and_latin_only(zh: str, params: dict[str, str | int], said: str) -> None:
    finding = Finding("a.b", Severity.ERROR, "x.yaml", "", params)
    assert [f.message for f in show([finding], lambda _: b"a: 1\n", lambda _: code(zh), "zh")] == [said]


def test_an_unknown_field_is_shown_at_its_name() -> None:
    finding = Finding("schema.unknown_field", Severity.ERROR, "x.yaml", "/a/colour", {})
    shown = show([finding], lambda _: b"a:\n  colour: red\n", lambda _: code("x"), "en")
    assert [(f.line, f.column) for f in shown] == [(2, 3)]
