"""A plugin's docstring as its page in one language: paragraphs of both languages in, those of one out."""

from __future__ import annotations

import re

_CJK = re.compile("[\u3400-\u9fff]")
_ZH_HEADINGS = {
    "Why is this bad?": "为什么不行？",
    "Fails": "错误示例",
    "Passes": "正确示例",
    "How to fix": "怎么改",
}


def page(docstring: str, language: str) -> str:
    """Return the page: headings, examples and the paragraphs in ``language``; a part in one language only stays."""
    sections = re.split(r"(?m)^## +(.*)\n", docstring.strip() + "\n")
    parts = [_section(sections[0], language)]
    for heading, body in zip(sections[1::2], sections[2::2], strict=True):
        title = _ZH_HEADINGS.get(heading.strip(), heading.strip()) if language == "zh" else heading.strip()
        parts.append(f"## {title}\n\n{_section(body, language)}")
    return "\n\n".join(p for p in parts if p.strip()) + "\n"


def title(docstring: str, language: str) -> str:
    """Return the page's first paragraph in ``language``, on one line."""
    return " ".join(page(docstring, language).split("\n\n", 1)[0].split())


def _section(text: str, language: str) -> str:
    blocks = _blocks(text)
    prose = [b for b in blocks if not b.startswith("```")]
    wanted = [b for b in prose if _is_chinese(b) == (language == "zh")] or prose
    return "\n\n".join(b for b in blocks if b in wanted or b.startswith("```"))


def _blocks(text: str) -> list[str]:
    """Split at blank lines, but not inside a fence."""
    blocks: list[str] = []
    for i, part in enumerate(re.split(r"(?ms)^(```.*?^```)[ \t]*$", text)):
        blocks += [part] if i % 2 else [b.strip("\n") for b in re.split(r"\n[ \t]*\n", part)]
    return [b for b in blocks if b.strip()]


def _is_chinese(paragraph: str) -> bool:
    """Tell whether a paragraph is Chinese: more than one character in eight, since English ones quote field values."""
    return len(_CJK.findall(paragraph)) * 8 > len(paragraph)
