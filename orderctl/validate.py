"""Document × schema in, findings out: a sentence for each cause, with what to type instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from orderctl.codes import schema as codes
from orderctl.codes.text import LIMIT_FINDINGS
from orderctl.model import Finding, Mend, pointer_of
from orderctl.rule import Code
from orderctl.schema import Kind, mends, words
from orderctl.schema.causes import Cause, causes
from orderctl.schema.decimals import Check, compiled, offences, rounded
from orderctl.schema.engine import Engine, engine
from orderctl.schema.walk import Schema, at, types

MAX_FINDINGS = 5_000


class Validator:
    """Judges documents against the effective schemas of their kinds. Each kind is compiled when it is first met."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._ready: dict[str, tuple[Engine, Check | None]] = {}

    def findings(self, kind: str, path: str, data: Any) -> list[Finding]:
        """Return what is wrong with the document ``data`` (plain dict, list, str, int, Decimal, bool, None), sorted."""
        ready = self._ready.get(kind)
        if ready is None:
            schema = self._kinds[kind].schema
            ready = self._ready[kind] = (engine(schema), compiled(schema))
        judge, check = ready
        if judge.is_valid(data):
            if check is None or not check(data):
                return []
            errors: list[Any] = []
        else:
            errors = list(islice(judge.iter_errors(data), MAX_FINDINGS + 1))
        return _explain(self._kinds[kind].schema, path, data, errors)


def _explain(schema: Schema, path: str, data: Any, errors: list[Any]) -> list[Finding]:
    found = []
    flawed = set()
    for cause in causes(errors, schema, data, MAX_FINDINGS + 1):
        flawed.add(cause.parts)
        found.append(_finding(cause, schema, path, data))
    for parts, number, node in offences(data, schema):
        if parts not in flawed:
            found.append(_decimals(path, parts, number, node))
    found.sort(key=Finding.sort_key)
    if len(found) > MAX_FINDINGS:
        del found[MAX_FINDINGS:]
        found.append(LIMIT_FINDINGS.at(path, limit=MAX_FINDINGS))
    return found


def _finding(cause: Cause, schema: Schema, path: str, data: Any) -> Finding:
    node = at(schema, cause.parts)
    place = _Place(path, cause.parts, node or {}, _value(data, cause.parts))
    speak = _SENTENCES.get(cause.word, _other)
    return speak(place, cause)


class _Place:
    """One value of a document, with what its schema calls it."""

    def __init__(self, path: str, parts: tuple[str | int, ...], node: Schema, value: Any) -> None:
        self.path = path
        self.pointer = pointer_of(parts)
        self.name = next((p for p in reversed(parts) if isinstance(p, str)), "")
        self.field = self.name if parts and isinstance(parts[-1], str) else ""
        self.node = node
        self.value = value

    def finding(self, code: Code, *, mend: Mend | None = None, pointer: str = "", **params: Any) -> Finding:
        """Return a finding here with the titles, the value and an example among its parameters."""
        title_zh, title_en = words.titles(self.node, self.name)
        found_zh, found_en = words.value(self.value, self.node)
        known = {"title_zh": title_zh, "title_en": title_en, "found_zh": found_zh, "found_en": found_en}
        text = code.zh + code.en + code.hint_zh + code.hint_en
        if "{example}" in text and "example" not in params:
            known["example"] = words.example(self.node, self.field)
            if mend and not self.node.get("x-pii"):
                known["example"] = f"{self.field}: {mend.value}" if self.field else f"- {mend.value}"
        used = {k: v for k, v in {**known, **params}.items() if f"{{{k}}}" in text}
        return Finding(code.id, code.severity, self.path, pointer or self.pointer, used, mend=mend)


def _value(data: Any, parts: Iterable[str | int]) -> Any:
    for part in parts:
        data = data[part]
    return data


def _required(place: _Place, cause: Cause) -> Finding:
    missing = place.node.get("properties", {}).get(cause.name)
    zh, en = words.titles(missing, cause.name)
    about: dict[str, Any] = {"about_zh": "", "about_en": ""}
    if words.computed(missing):
        said_zh, said_en = words.about(missing)
        about = {"about_zh": f"（{said_zh.rstrip('。')}）", "about_en": f" ({said_en.rstrip('.')})"}
    example = words.example(missing, cause.name)
    return place.finding(codes.REQUIRED, title_zh=zh, title_en=en, name=cause.name, example=example, **about)


def _unknown(place: _Place, cause: Cause) -> Finding:
    fields = words.fields(place.node)
    if near := words.intended(cause.name, fields, place.value):
        zh, en = words.named(near, *fields[near])
        advice_zh, advice_en = f"改为 {zh}", f"write {en}"
        if near in place.value:
            advice_zh, advice_en = f"{zh}已经写过，删去这一行", f"{en} is there already: delete the line"
    elif place.node.get("patternProperties") and place.node.get("examples"):
        zh = en = next(iter(place.node["examples"][0]))
        advice_zh, advice_en = f"名称写成 {zh} 这样", f"write a name such as {en}"
    elif free := [words.named(n, *t) for n, t in fields.items() if n not in place.value]:
        zh, en = words.listing(free)
        advice_zh, advice_en = f"还可填写：{zh}；不需要就删去这一行", f"fields to choose from: {en}; or delete the line"
    else:
        advice_zh, advice_en = "删去这一行", "delete the line"
    name = words.cut(cause.name)
    pointer = place.pointer + pointer_of((cause.name,))
    return place.finding(codes.UNKNOWN_FIELD, pointer=pointer, name=name, advice_zh=advice_zh, advice_en=advice_en)


def _type(place: _Place, cause: Cause) -> Finding:
    if place.value is None:
        return _empty(place, cause)
    wanted = [t for t in types(place.node) if t != "null"]
    zh, en = words.TYPE_NAMES.get(wanted[0], ("", "")) if wanted else ("", "")
    if "string" in wanted and place.node.get("format") in words.FORMAT_NAMES:
        zh, en = words.FORMAT_NAMES[place.node["format"]]
        en = f"a {en}"
    found_zh, found_en = words.described(place.value, place.node)
    return place.finding(
        codes.TYPE,
        mend=mends.of_type(place.value, place.node, place.pointer),
        expected_zh=zh,
        expected_en=en,
        found_zh=found_zh,
        found_en=found_en,
    )


def _empty(place: _Place, cause: Cause) -> Finding:
    example = words.example(place.node, place.field)
    advice_zh, advice_en = f"填写内容，例如 {example}", f"fill it in, for example {example}"
    if not cause.needed:
        advice_zh, advice_en = f"{advice_zh}；没有内容就删去这一行", f"{advice_en}, or delete the line"
    return place.finding(codes.EMPTY, advice_zh=advice_zh, advice_en=advice_en)


def _enum(place: _Place, cause: Cause) -> Finding:
    choices = words.values(place.node)
    zh, en = words.listing(words.named(n, *t) for n, t in choices.items())
    advice_zh, advice_en = f"可选：{zh}", f"choose one of: {en}"
    near = words.nearest(str(place.value), choices) if isinstance(place.value, str) else ""
    if near:
        near_zh, near_en = words.named(near, *choices[near])
        advice_zh, advice_en = f"改为 {near_zh}；{advice_zh}", f"write {near_en}; {advice_en}"
    mend = mends.of_choice(place.value, place.node, place.pointer)
    return place.finding(codes.ENUM, mend=mend, advice_zh=advice_zh, advice_en=advice_en)


def _const(place: _Place, cause: Cause) -> Finding:
    return place.finding(codes.CONST, expected=words.scalar(place.node.get("const")))


def _pattern(place: _Place, cause: Cause) -> Finding:
    shape_zh, shape_en = words.shape(place.node)
    zh, en = words.about(place.node)
    return place.finding(codes.PATTERN, about_zh=zh + shape_zh, about_en=f"{en} {shape_en}".strip())


def _format(place: _Place, cause: Cause) -> Finding:
    zh, en = words.FORMAT_NAMES.get(str(place.node.get("format")), ("值", "value"))
    mend = mends.moment(str(place.value), place.node, place.pointer)
    return place.finding(codes.FORMAT, mend=mend, expected_zh=zh, expected_en=en)


def _length(place: _Place, cause: Cause) -> Finding:
    if not place.value:
        return _empty(place, cause)
    code = codes.TOO_SHORT if cause.word == "MinLength" else codes.TOO_LONG
    return place.finding(code, count=len(place.value), limit=cause.limit)


def _bound(place: _Place, cause: Cause) -> Finding:
    code = codes.TOO_SMALL if cause.word.endswith("Minimum") else codes.TOO_LARGE
    zh, en = _BOUNDS[cause.word]
    found = words.number(place.value)
    return place.finding(code, found=found, limit=cause.limit, bound_zh=zh, bound_en=en)


_BOUNDS = {
    "Minimum": ("不小于", "at least"),
    "ExclusiveMinimum": ("大于", "more than"),
    "Maximum": ("不大于", "at most"),
    "ExclusiveMaximum": ("小于", "less than"),
}


def _count(place: _Place, cause: Cause) -> Finding:
    code = codes.TOO_FEW if cause.word.startswith("Min") else codes.TOO_MANY
    return place.finding(code, count=len(place.value), limit=cause.limit)


def _duplicate(place: _Place, cause: Cause) -> Finding:
    second = next((n for n, v in enumerate(place.value) if v in place.value[:n]), 0)
    zh, en = words.value(place.value[second], place.node.get("items"))
    return place.finding(codes.DUPLICATE_ITEMS, pointer=f"{place.pointer}/{second}", found_zh=zh, found_en=en)


def _choice(place: _Place, cause: Cause) -> Finding:
    fields = words.fields(place.node)
    zh, en = words.listing(words.named(n, *fields.get(n, (n, n))) for n in cause.names)
    code = codes.ANY_OF if cause.word == "AnyOf" else codes.ONE_OF
    return place.finding(code, names_zh=zh, names_en=en)


def _other(place: _Place, cause: Cause) -> Finding:
    zh, en = words.about(place.node)
    return place.finding(codes.NOT_ALLOWED, about_zh=zh, about_en=en)


def _decimals(path: str, parts: tuple[str | int, ...], number: Any, node: Schema) -> Finding:
    place = _Place(path, parts, node, number)
    limit = node.get("x-decimals", 0) if "number" in types(node) else 0
    expected = rounded(number, limit)
    same = expected == number  # 1.0 where a whole number belongs: only the writing differs
    mend = Mend("scalar", f"{expected:f}", place.pointer, safe=same)
    return place.finding(codes.DECIMALS, mend=mend, found=words.number(number), limit=limit, expected=f"{expected:f}")


_SENTENCES: dict[str, Callable[[_Place, Cause], Finding]] = {
    "Required": _required,
    "AdditionalProperties": _unknown,
    "Type": _type,
    "Enum": _enum,
    "Constant": _const,
    "Pattern": _pattern,
    "Format": _format,
    **dict.fromkeys(("MinLength", "MaxLength"), _length),
    **dict.fromkeys(_BOUNDS, _bound),
    **dict.fromkeys(("MinItems", "MaxItems", "MinProperties", "MaxProperties"), _count),
    "UniqueItems": _duplicate,
    **dict.fromkeys(("OneOf", "AnyOf"), _choice),
}
