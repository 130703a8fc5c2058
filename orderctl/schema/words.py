"""What a schema and a value are called in a sentence: titles, examples, short values, near names; zh and en."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from orderctl.schema.walk import Schema, types

SHORT = 40
EXAMPLE = 110
LISTED = 12
MANY = 200
"""With more wrong names than this the file is something else, and what each might mean isn't worth the time."""

TYPE_NAMES = {
    "string": ("文字", "a text"),
    "number": ("数字", "a number"),
    "integer": ("整数", "a whole number"),
    "boolean": (" true 或 false", "true or false"),
    "array": ("列表", "a list"),
    "object": ("一组字段", "a group of fields"),
    "null": ("空", "empty"),
}
FORMAT_NAMES = {"date": ("日期", "date"), "date-time": ("日期时间", "date and time")}


def titles(node: Schema | None, name: str) -> tuple[str, str]:
    """Return a field's title in Chinese and English; its name when the schema has none."""
    node = node or {}
    return str(node.get("x-title-zh") or name), str(node.get("title") or name)


def about(node: Schema | None) -> tuple[str, str]:
    """Return a field's description in Chinese and English, "" when it has none."""
    node = node or {}
    return str(node.get("x-description-zh", "")), str(node.get("description", ""))


def named(name: str, zh: str, en: str) -> tuple[str, str]:
    """Return a name with its title behind: ``customer（客户）``, ``customer (Customer)``; once if they are the same."""
    same = plain(name) == plain(en)
    return (f"{name}（{zh}）" if zh != name else name), (name if same else f"{name} ({en})")


def listing(pairs: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return names joined for both languages, cut to a readable number."""
    chosen = list(pairs)
    more = len(chosen) > LISTED
    zh, en = [p[0] for p in chosen[:LISTED]], [p[1] for p in chosen[:LISTED]]
    return "、".join(zh) + ("……" if more else ""), ", ".join(en) + (", …" if more else "")


def computed(node: Schema | None) -> bool:
    """Tell whether nobody can make up the field's value: a digest, which an example doesn't explain."""
    return bool(node) and "64}" in str((node or {}).get("pattern", ""))


def shape(node: Schema) -> tuple[str, str]:
    """Return which characters an id may have, as a sentence in Chinese and English; "" for patterns that differ."""
    for start, zh, en in _SHAPES:
        if str(node.get("pattern", "")).startswith(start):
            return zh, en
    return "", ""


_SHAPES = (
    ("^[a-z0-9][a-z0-9.", "只用小写英文字母、数字和连字符。", "Lower-case letters, digits and hyphens only."),
    ("^[a-z0-9][a-z0-9-]", "只用小写英文字母、数字和连字符。", "Lower-case letters, digits and hyphens only."),
    ("^[a-z][a-z0-9-]", "只用小写英文字母、数字和连字符。", "Lower-case letters, digits and hyphens only."),
    ("^[A-Za-z0-9][A-Za-z0-9.", "只用英文字母、数字和连字符。", "Latin letters, digits and hyphens only."),
    ("^[A-Za-z0-9][A-Za-z0-9-]", "只用英文字母、数字和连字符。", "Latin letters, digits and hyphens only."),
)


def value(found: Any, node: Schema | None) -> tuple[str, str]:
    """Return a short form of a document's value. Personal data is not shown."""
    if node and node.get("x-pii"):
        return "（不显示）", "(not shown)"
    if isinstance(found, str):
        text = cut(found)
        return f"“{text}”", f'"{text}"'
    return described(found, node)


def described(found: Any, node: Schema | None) -> tuple[str, str]:
    """Return what sort of value was found, and the value if it is short and not personal."""
    if found is None:
        return "空", "empty"
    if isinstance(found, bool):
        return f" {str(found).lower()}", str(found).lower()
    if isinstance(found, dict):
        return "一组字段", "a group of fields"
    if isinstance(found, list | tuple):
        return f"列表（{len(found)} 项）", f"a list of {len(found)}"
    if node and node.get("x-pii"):
        return TYPE_NAMES["string" if isinstance(found, str) else "number"]
    if isinstance(found, str):
        text = cut(found)
        return f"文字“{text}”", f'the text "{text}"'
    return f"数字 {number(found)}", f"the number {number(found)}"


def number(found: Decimal | int) -> str:
    """Return a number as people write it: no exponent."""
    return cut(f"{found:f}" if isinstance(found, Decimal) else str(found))


def cut(text: str) -> str:
    """Return text on one line, at most ``SHORT`` characters."""
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"


def scalar(item: Any) -> str:
    """Return an example value as YAML source: text is quoted where plain text would read as something else."""
    if isinstance(item, list):
        return "[" + ", ".join(scalar(i) for i in item) + "]"
    if isinstance(item, dict):
        return "{" + ", ".join(f"{k}: {scalar(v)}" for k, v in item.items()) + "}"
    if isinstance(item, str):
        plain_text = re.fullmatch(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^:#,\[\]{}\n]*", item) or _TIME.fullmatch(item)
        special = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?|true|false|null|~", item)
        return item if plain_text and not special else json.dumps(item, ensure_ascii=False)
    return str(item).lower() if isinstance(item, bool) else str(item)


_TIME = re.compile(r"[0-9T:+Z-]*[0-9]:[0-9][0-9T:+Z-]*")


def example(node: Schema | None, name: str) -> str:
    """Return what to type for a field, or for a list's item when it has no name.

    ``due: 2024-05-20``, ``- fragile``; for a group or list its required part, if short.
    """
    start = f"{name}: " if name else "- "
    text = start + _sample(node or {})
    if len(text) <= EXAMPLE:
        return text
    return f"{start}[{{…}}]" if node and "array" in types(node) else f"{start}{{…}}"


def _sample(node: Schema) -> str:
    examples = node.get("examples")
    kind = types(node)
    if "object" in kind:
        wanted: list[str] = list(node.get("required", ()))
        properties: Mapping[str, Schema] = node.get("properties", {})
        if not wanted and examples and isinstance(examples[0], dict):
            return scalar(examples[0])
        wanted = (
            wanted or [next(iter(b.get("required", ())), "") for b in node.get("oneOf", ())][:1] or list(properties)[:1]
        )
        return "{" + ", ".join(f"{n}: {_sample(properties[n])}" for n in wanted if n in properties) + "}"
    if "array" in kind:
        return f"[{_sample(node.get('items', {}))}]"
    if "const" in node:
        return scalar(node["const"])
    if examples:
        return scalar(examples[0])
    return scalar(node["enum"][0]) if node.get("enum") else "…"


def plain(text: str) -> str:
    """Return a name for comparison: lower case, without spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", text).casefold()


def nearest(word: str, choices: Mapping[str, tuple[str, str]]) -> str:
    """Return the choice that ``word`` means: by name, by Chinese or English title, or nearly so; "" if none.

    ``choices`` maps a name to its titles in Chinese and English.
    """
    wanted = plain(word)
    if not wanted:
        return ""
    by_form: dict[str, str] = {}
    for forms in zip(*((n, zh, en) for n, (zh, en) in choices.items()), strict=True):
        for name, form in zip(choices, forms, strict=True):
            by_form.setdefault(plain(form), name)
    if wanted in by_form:
        return by_form[wanted]
    scores = {form: _likeness(wanted[:60], form) for form in by_form}
    best = max(scores, key=lambda form: scores[form], default="")
    return by_form[best] if best and scores[best] >= (0.7 if wanted.isascii() else 0.5) else ""


def intended(word: str, choices: Mapping[str, tuple[str, str]], there: Mapping[str, Any]) -> str:
    """Return the field that a wrong field name means, "" if none; ``there`` is the group it stands in.

    A field that is there already is not what a second name meant, unless the name says just that.
    """
    if len(there) > MANY:
        return ""
    near = nearest(word, choices)
    if near and means(word, near, choices[near]):
        return near
    return nearest(word, {n: t for n, t in choices.items() if n not in there})


def _likeness(one: str, other: str) -> float:
    """Return how alike two names are, 0 to 1; one that begins with the other (``dueDate``, ``due``) is quite alike."""
    begins = len(one) >= 3 and len(other) >= 3 and (one.startswith(other) or other.startswith(one))
    matcher = SequenceMatcher(None, one, other)
    if not begins and matcher.real_quick_ratio() < 0.5:
        return 0.0
    return max(matcher.ratio(), 0.8 if begins else 0.0)


def means(word: str, name: str, forms: tuple[str, str]) -> bool:
    """Tell whether ``word`` is exactly a choice's name or title, apart from case and hyphens."""
    return plain(word) in {plain(name), plain(forms[0]), plain(forms[1])}


def fields(node: Schema) -> dict[str, tuple[str, str]]:
    """Return a group's fields with their titles; hidden ones left out."""
    return {n: titles(s, n) for n, s in node.get("properties", {}).items() if not s.get("x-hidden")}


def values(node: Schema) -> dict[str, tuple[str, str]]:
    """Return the values a field allows, with their names in Chinese and English."""
    names = node.get("x-enum-names", {})
    return {
        str(v): (str(names.get(str(v), {}).get("zh", v)), str(names.get(str(v), {}).get("en", v)))
        for v in node.get("enum", ())
        if v is not None
    }
