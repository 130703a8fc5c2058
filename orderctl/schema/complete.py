"""Does an effective schema say everything that the rest relies on: bounds, titles, audience, place, keys, columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orderctl.codes import schema_files as codes
from orderctl.model import pointer_of, pointer_parts
from orderctl.rule import Code
from orderctl.schema import kinds
from orderctl.schema.notes import FIELD_NAMES, File, shown
from orderctl.schema.walk import Schema, at_pointer, is_leaf, nodes, types

_TITLES = ("title", "x-title-zh", "description", "x-description-zh")
_DECIDED = {"x-audience": '"x-audience": ["staff"]', "x-pii": '"x-pii": false', "x-material": '"x-material": true'}
_PATH = ("路径模板，如 customers/{id}.yaml", "a path template such as customers/{id}.yaml")
_COLUMN = (
    "写模式中一个单值字段的指针，如 /customer",
    "the pointer of a field of the schema that holds one value, such as /customer",
)
_ROW = ("index 写列表项的单值字段", "index takes fields of an item that hold one value")
_PARENT = ("parent 写 x-index 中的列", "parent takes columns of x-index")


def complete(schema: Schema, file: File) -> None:
    """Note in ``file`` what an effective schema leaves open."""
    for pointer, node, _ in nodes(schema):
        _bounds(node, file, pointer)
        _titles(node, file, pointer)
        if is_leaf(node):
            _leaf(node, file, pointer)


def _lacks(file: File, code: Code, pointer: str, keyword: str, expected: str = "") -> None:
    """Note that ``keyword`` is missing, unless it is there but wrong, or was to come from a broken reference."""
    place = file.place(pointer)
    if not any(
        f.pointer in (f"{place}/{keyword}", f"{place}/$ref") or (f.rule == codes.CYCLE.id and f.pointer == place)
        for f in file.findings
    ):
        file.note(code, pointer, keyword=keyword, **({"expected": expected} if expected else {}))


def _bounds(node: Schema, file: File, pointer: str) -> None:
    kind = types(node)
    if "object" in kind:
        if node.get("additionalProperties") is not False and node.get("unevaluatedProperties") is not False:
            _lacks(file, codes.OPEN_OBJECT, pointer, "additionalProperties")
        if node.get("patternProperties") and "maxProperties" not in node:
            _lacks(file, codes.UNBOUNDED, pointer, "maxProperties", "100")
    for n, name in enumerate(node.get("required", ())):
        if "object" in kind and name not in node.get("properties", {}):
            _meta(file, "required", node, *FIELD_NAMES, at=f"{pointer}/required/{n}", found=name)
    if "array" in kind and "maxItems" not in node:
        _lacks(file, codes.UNBOUNDED, pointer, "maxItems", "100")
    if "array" in kind and "items" not in node:
        _lacks(file, codes.UNDECIDED, pointer, "items", '"items": {…}')
    if "string" in kind and not {"maxLength", "enum", "const"} & set(node):
        _lacks(file, codes.UNBOUNDED, pointer, "maxLength", "200")
    if "number" in kind and "x-decimals" not in node:
        _lacks(file, codes.UNDECIDED, pointer, "x-decimals", '"x-decimals": 2')


def _titles(node: Schema, file: File, pointer: str) -> None:
    for word in _TITLES:
        if not node.get(word):
            _lacks(file, codes.UNTITLED, pointer, word)


def _leaf(node: Schema, file: File, pointer: str) -> None:
    if not types(node) and "const" not in node and "enum" not in node:
        _lacks(file, codes.UNDECIDED, pointer, "type", '"type": "string"')
    for word, example in _DECIDED.items():
        if word not in node:
            _lacks(file, codes.UNDECIDED, pointer, word, example)
    if not node.get("examples"):
        _lacks(file, codes.UNDECIDED, pointer, "examples", '"examples": […]')
    if node.get("x-pii") and node.get("x-material"):
        file.note(codes.PERSONAL_MATERIAL, pointer)
    unnamed = [v for v in node.get("enum", ()) if v is not None and str(v) not in node.get("x-enum-names", {})]
    if unnamed:
        example = f'"x-enum-names": {{"{unnamed[0]}": {{"zh": "…", "en": "…"}}}}'
        _lacks(file, codes.UNDECIDED, pointer, "x-enum-names", example)


def head(schema: Schema, file: File) -> bool:
    """Note what is wrong with a kind's x- keywords at the top; False if it can't be used as a kind."""
    ok = True
    if schema.get("x-kind") != file.stem:
        ok = _meta(file, "x-kind", schema, f"写文件名：{file.stem}", f"write the file's name: {file.stem}")
    if not schema.get("x-version"):
        ok = _meta(file, "x-version", schema, "写版本号，从 1 开始", "write the version, from 1")
    if fault := kinds.faults(schema.get("x-path")):
        file.note(
            codes.BAD_META,
            "/x-path",
            keyword="x-path",
            found=fault,
            expected_zh=f"写{_PATH[0]}",
            expected_en=f"write {_PATH[1]}",
        )
        ok = False
    name = f"{file.stem}/{schema.get('x-version') or 1}"
    if schema.get("properties", {}).get("schema", {}).get("const") != name or "schema" not in schema.get(
        "required", ()
    ):
        file.note(
            codes.BAD_META,
            "/properties/schema",
            keyword="schema",
            found=shown(schema.get("properties", {}).get("schema", {}).get("const")),
            expected_zh=f'首个字段为必填的 "schema"，其 const 为 "{name}"',
            expected_en=f'the first field is "schema", required, with the const "{name}"',
        )
        ok = False
    return ok


def columns(schema: dict[str, Any], file: File) -> dict[str, Any]:
    """Note pointers of x-key, x-index and x-items that lead nowhere; return the schema without them."""
    found = dict(schema)
    if "x-key" in schema and not _single(schema, schema["x-key"]):
        _meta(file, "x-key", schema, *_COLUMN)
        del found["x-key"]
    if "x-index" in schema:
        found["x-index"] = _usable(schema["x-index"], lambda p: _single(schema, p), file, "/x-index", _COLUMN)
    if "x-items" in schema:
        rows = _rows(schema, file)
        if rows:
            rows["parent"] = [n for n in rows["parent"] if n in map(column_of, found.get("x-index", ()))]
        found = {k: v for k, v in found.items() if k != "x-items"} | ({"x-items": rows} if rows else {})
    return found


def _rows(schema: Schema, file: File) -> dict[str, Any] | None:
    rows = schema["x-items"]
    items = at_pointer(schema, rows["pointer"]) if rows["pointer"].startswith("/") else None
    if items is None or "array" not in types(items) or "object" not in types(items.get("items", {})):
        expected = ("pointer 写列表字段的指针", "pointer takes the pointer of a list of objects")
        _meta(file, "x-items", schema, *expected, at="/x-items/pointer")
        return None
    item, own = items["items"], [column_of(p) for p in schema.get("x-index", ())]
    return {
        "pointer": rows["pointer"],
        "index": _usable(rows.get("index", []), lambda n: _single(item, f"/{n}"), file, "/x-items/index", _ROW),
        "parent": _usable(rows.get("parent", []), lambda n: n in own, file, "/x-items/parent", _PARENT),
    }


def _usable(names: list[str], test: Callable[[str], bool], file: File, at: str, expected: tuple[str, str]) -> list[str]:
    word = at.split("/")[1]
    for n, name in enumerate(names):
        if not test(name):
            _meta(file, word, {}, *expected, at=f"{at}/{n}", found=name)
    return [name for name in names if test(name)]


def column_of(pointer: str) -> str:
    """Return the column's name of an index pointer: ``/delivery/due`` → ``delivery_due``."""
    return "_".join(pointer_parts(pointer))


def _single(schema: Schema, pointer: Any) -> bool:
    if (
        not isinstance(pointer, str)
        or not pointer.startswith("/")
        or pointer_of(tuple(pointer_parts(pointer))) != pointer
    ):
        return False
    if any(part.isdigit() for part in pointer_parts(pointer)):
        return False
    node = at_pointer(schema, pointer)
    return node is not None and is_leaf(node)


def _meta(file: File, word: str, schema: Schema, zh: str, en: str, *, at: str = "", found: str = "") -> bool:
    file.note(
        codes.BAD_META,
        at or f"/{word}",
        keyword=word,
        found=found or shown(schema.get(word)),
        expected_zh=zh,
        expected_en=en,
    )
    return False
