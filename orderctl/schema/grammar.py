"""Is a schema file well-formed: known keywords, right values, safe patterns. Returns a copy without what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.schema.engine import accepts
from orderctl.schema.notes import File, escaped, shown
from orderctl.schema.patterns import fault

FORMATS = ("date", "date-time")
AUDIENCES = ("staff", "customer", "public")
NAMED = ("person", "role", "stage")
"""What a value may be the id of, so that its name is shown beside it."""
TYPES = ("string", "number", "integer", "boolean", "null", "array", "object")

REASONS = {
    "syntax": ("写法有误", "it is not a correct pattern"),
    "long": ("超过 300 个字符", "it is longer than 300 characters"),
    "anchor": ("没有以 ^ 开头、以 $ 结尾", "it does not start with ^ and end with $"),
    "class": ("用了 \\d、\\w 一类的简写，各工具含义不同", "short classes such as \\d or \\w differ between tools"),
    "lookaround": ("用了环视、反向引用等特殊写法", "it uses look-around, back references or flags"),
    "nested": ("重复之内又有重复，某些文字会让检查永远算不完", "a repetition inside a repetition can take for ever"),
}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 10**18


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value) and len(set(value)) == len(value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _paths(value: Any) -> bool:
    return _text(value) or (_texts(value) and bool(value))


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _type(value: Any) -> bool:
    return value in TYPES if isinstance(value, str) else _texts(value) and bool(value) and set(value) <= set(TYPES)


def _values(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(v is None or isinstance(v, str | int) for v in value)


def _names(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(v, dict) and set(v) == {"zh", "en"} and _text(v["zh"]) and _text(v["en"]) for v in value.values()
    )


def _needs(value: Any) -> bool:
    return isinstance(value, dict) and all(_texts(v) for v in value.values())


def _rows(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {"pointer", "index", "parent"}
        and _text(value.get("pointer"))
        and _texts(value.get("index", []))
        and _texts(value.get("parent", []))
    )


def _audience(value: Any) -> bool:
    return _texts(value) and bool(value) and set(value) <= set(AUDIENCES)


def _false(value: Any) -> bool:
    return value is False


_WHOLE = (_whole, "不小于 0 的整数", "a whole number, 0 or more")
_NUMBER = (_number, "数字", "a number")
_TEXT = (_text, "文字", "a text")
_FLAG = (_flag, "true 或 false", "true or false")
_TEXTS = (_texts, "不重复的文字列表", "a list of different texts")
_FALSE = (_false, "false", "false")
_ANY: tuple[Callable[[Any], bool], str, str] = (lambda _value: True, "", "")

KEYWORDS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    **dict.fromkeys(("$schema", "$id", "$comment", "title", "description", "x-title-zh", "x-description-zh"), _TEXT),
    **dict.fromkeys(("x-kind", "x-key", "x-number", "x-extends", "$ref", "pattern", "format"), _TEXT),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _WHOLE),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("x-version", "x-decimals"), _WHOLE),
    **dict.fromkeys(("x-pii", "x-material", "x-hidden", "x-names-case", "uniqueItems"), _FLAG),
    **dict.fromkeys(("required", "x-index", "x-covers"), _TEXTS),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties"), _FALSE),
    "examples": (lambda v: isinstance(v, list) and bool(v), "非空列表", "a list with at least one example"),
    "const": _ANY,
    "type": (_type, "类型名，如 string、number、object", "a type name such as string, number or object"),
    "enum": (_values, "取值列表", "a list of values"),
    "x-enum-names": (
        _names,
        '每个值的名称，如 {"a": {"zh": "甲", "en": "A"}}',
        'names, as {"a": {"zh": "甲", "en": "A"}}',
    ),
    "x-path": (_paths, "一个或几个路径模板", "one path template or a list of them"),
    "x-id-of": (lambda v: v in NAMED, "person、role 或 stage", "person, role or stage"),
    "x-audience": (_audience, "staff、customer、public 的列表", "a list of staff, customer, public"),
    "x-items": (_rows, '{"pointer": …, "index": […], "parent": […]}', '{"pointer": …, "index": […], "parent": […]}'),
    "dependentRequired": (_needs, "字段名到字段名列表", "lists of field names by field name"),
}
"""Keyword → test of its value, and what it takes, in Chinese and English."""


def clean(node: dict[str, Any], file: File, pointer: str = "") -> dict[str, Any]:
    """Return a copy of a schema without what can't be used, and note each such thing in ``file``."""
    found: dict[str, Any] = {}
    for word, value in node.items():
        at = f"{pointer}/{word}"
        if word in KEYWORDS:
            if _usable(word, value, file, at):
                found[word] = value
        elif word in HOLDERS:
            test, read = HOLDERS[word]
            if test(value):
                found[word] = read(value, file, at)
            else:
                _no_schema(word, value, file, at)
        elif word == "multipleOf":
            file.note(codes.MULTIPLE_OF, at)
        else:
            near = get_close_matches(word, (*KEYWORDS, *HOLDERS), 1, 0.6) or ["title, description, $comment"]
            file.note(codes.UNKNOWN_KEYWORD, at, keyword=word[:60], expected=near[0])
    return found


def _several(value: list[dict[str, Any]], file: File, at: str) -> list[dict[str, Any]]:
    return [clean(v, file, f"{at}/{n}") for n, v in enumerate(value)]


def _patterns(value: dict[str, Any], file: File, at: str) -> dict[str, Any]:
    return {k: v for k, v in _by_name(value, file, at).items() if _safe(k, file, f"{at}/{escaped(k)}")}


def _by_name(value: dict[str, Any], file: File, at: str) -> dict[str, Any]:
    found = {}
    for name, inner in value.items():
        place = f"{at}/{escaped(name)}"
        if inner is False or inner is None:
            file.note(codes.REMOVES, place, name=name[:60])
        elif not isinstance(inner, dict):
            _no_schema(name[:60], inner, file, place)
        else:
            found[name] = clean(inner, file, place)
    return found


def _no_schema(word: str, value: Any, file: File, at: str) -> None:
    file.note(
        codes.BAD_VALUE,
        at,
        keyword=word,
        found=shown(value),
        expected_zh="字段的定义 {…}",
        expected_en="a definition {…}",
    )


def _usable(word: str, value: Any, file: File, at: str) -> bool:
    test, zh, en = KEYWORDS[word]
    if not test(value):
        file.note(codes.BAD_VALUE, at, keyword=word, found=shown(value), expected_zh=zh, expected_en=en)
        return False
    if word == "pattern":
        return _safe(value, file, at)
    if word == "format" and value not in FORMATS:
        file.note(codes.UNKNOWN_FORMAT, at, found=value[:60])
        return False
    return True


def _safe(pattern: str, file: File, at: str) -> bool:
    if reason := fault(pattern) or ("" if accepts(pattern) else "syntax"):
        zh, en = REASONS[reason]
        file.note(codes.PATTERN, at, reason_zh=zh, reason_en=en)
    return not reason


def _list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


HOLDERS: dict[str, tuple[Callable[[Any], bool], Callable[[Any, File, str], Any]]] = {
    **dict.fromkeys(("items", "not", "if", "then", "else"), (_object, clean)),
    **dict.fromkeys(("oneOf", "anyOf", "allOf"), (_list, _several)),
    **dict.fromkeys(("properties", "$defs"), (_object, _by_name)),
    "patternProperties": (_object, _patterns),
}
"""Keywords that hold schemas → test of their value, and how it is read."""
