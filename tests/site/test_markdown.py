"""A plugin's page as plain structure: the whole of it, and nothing that could be markup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orderctl.render.markdown import blocks, prose


def plain(text: str) -> dict[str, object]:
    return {"text": text, "code": False, "strong": False}


def test_every_construct() -> None:
    text = "# Title\n\nOne `code` and **bold**\nwrapped.\n\n- a\n- b\n  more\n\n1. x\n2) y\n\n"
    text += "```yaml\na: 1\n\n# error: r\n```\nend"
    assert blocks(text) == [
        {"type": "heading", "parts": [plain("Title")]},
        {
            "type": "paragraph",
            "parts": [
                plain("One "),
                {"text": "code", "code": True, "strong": False},
                plain(" and "),
                {"text": "bold", "code": False, "strong": True},
                plain(" wrapped."),
            ],
        },
        {"type": "list", "ordered": False, "items": [[plain("a")], [plain("b more")]]},
        {"type": "list", "ordered": True, "items": [[plain("x")], [plain("y")]]},
        {"type": "code", "lines": ["a: 1", "", "# error: r"]},
        {"type": "paragraph", "parts": [plain("end")]},
    ]


def test_wrapped_chinese_gets_no_space_but_mixed_text_does() -> None:
    assert blocks("订单金额\n不等于合计，\n见 total\n字段") == [
        {"type": "paragraph", "parts": [plain("订单金额不等于合计，见 total 字段")]}
    ]


def test_bold_beside_chinese_punctuation() -> None:
    [paragraph] = blocks("金额**必须一致。**否则拒绝")
    assert [p["text"] for p in paragraph["parts"] if p["strong"]] == ["必须一致。"]


def test_markup_stays_text() -> None:
    [paragraph] = blocks("<b>x</b> [link](javascript:alert(1)) ![i](x)")
    assert paragraph["parts"] == [plain("<b>x</b> [link](javascript:alert(1)) ![i](x)")]


def test_what_is_never_closed_stays_text() -> None:
    assert blocks("a ** b ` c\n```\nopen") == [
        {"type": "paragraph", "parts": [plain("a ** b ` c")]},
        {"type": "code", "lines": ["open"]},
    ]


def test_prose_has_a_page_for_each_language_and_examples_in_both() -> None:
    page = prose(
        "Wrong sum.\n\n合计错误。\n\n## Why is this bad?\n\nMoney.\n\n钱。\n\n## Fails\n\n```yaml\na: 1\n```\n"
    )
    texts = {
        language: [part["text"] for block in found for part in block.get("parts", ())]
        for language, found in page.items()
    }
    assert texts == {
        "en": ["Wrong sum.", "Why is this bad?", "Money.", "Fails"],
        "zh": ["合计错误。", "为什么不行？", "钱。", "错误示例"],
    }
    assert all({"type": "code", "lines": ["a: 1"]} in found for found in page.values())


@given(st.text(alphabet="a中 \n-*`#1.>\t<", max_size=80))
def test_any_text_is_kept(text: str) -> None:
    """No letter is lost whatever the text: only marks and spaces may go."""
    found = "".join(
        part["text"]
        for block in blocks(text)
        for parts in [block.get("parts", ()), *block.get("items", ())]
        for part in parts
    ) + "".join(line for block in blocks(text) if block["type"] == "code" for line in block["lines"])
    fences = [line for line in text.splitlines() if line.startswith("```")]
    kept = "".join(line for line in text.splitlines() if line not in fences)
    assert [c for c in found if c in "a中<"] == [c for c in kept if c in "a中<"]
