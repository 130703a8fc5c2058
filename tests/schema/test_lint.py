"""The lint of schema files: each bad schema gives its finding, its benign twin none; the built-in ones are clean."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderctl.codes import schema_files as codes
from orderctl.schema import load_kinds
from orderctl.schema.grammar import HOLDERS, KEYWORDS
from orderctl.validate import Validator
from tests.schema.helper import FILES, kinds, shown

Change = Callable[[dict[str, Any]], object]


def leaf(**more: Any) -> dict[str, Any]:
    return {
        "type": "string",
        "maxLength": 20,
        "title": "Note",
        "x-title-zh": "备注",
        "description": "A note.",
        "x-description-zh": "备注。",
        "examples": ["a"],
        "x-audience": ["staff"],
        "x-pii": False,
        "x-material": True,
        **more,
    }


def whole(**more: Any) -> dict[str, Any]:
    named = {"title": "Group", "x-title-zh": "组", "description": "A group.", "x-description-zh": "一组。"}
    return {"type": "object", **named, "properties": {"a": leaf()}, "additionalProperties": False, **more}


def several(**more: Any) -> dict[str, Any]:
    named = {"title": "List", "x-title-zh": "列表", "description": "A list.", "x-description-zh": "列表。"}
    return {"type": "array", **named, "maxItems": 9, "items": leaf(), **more}


PLAIN = {"type": "string", "maxLength": 5}


def memo() -> dict[str, Any]:
    """Return a complete schema of a new kind."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "orderctl:memo",
        "title": "Memo",
        "x-title-zh": "备忘",
        "description": "A memo.",
        "x-description-zh": "一份备忘。",
        "x-kind": "memo",
        "x-version": 1,
        "x-path": "memos/{id}.yaml",
        "x-key": "/id",
        "x-index": ["/id", "/group/a"],
        "x-items": {"pointer": "/rows", "index": ["a"], "parent": ["group_a"]},
        "type": "object",
        "properties": {
            "schema": leaf(const="memo/1"),
            "id": leaf(),
            "note": leaf(),
            "group": whole(),
            "rows": several(items=whole()),
        },
        "required": ["schema", "id"],
        "additionalProperties": False,
    }


def note(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"]["note"]
    return found


def doubling(levels: int) -> dict[str, Any]:
    """Return definitions that each use the next one twice."""
    found: dict[str, Any] = {
        f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}], **PLAIN}
        for n in range(levels)
    }
    return {**found, f"d{levels}": PLAIN}


def chain(length: int) -> dict[str, Any]:
    """Return definitions that lead from the first to the last over ``length`` references in all."""
    return {**{f"c{n}": {"$ref": f"#/$defs/c{n + 1}"} for n in range(length - 1)}, f"c{length - 1}": PLAIN}


def put(**more: Any) -> Change:
    return lambda s: note(s).update(more)


def top(**more: Any) -> Change:
    return lambda s: s.update(more)


def drop(word: str) -> Change:
    return lambda s: note(s).pop(word)


def swap(new: dict[str, Any], **defs: Any) -> Change:
    """Put another field in place of ``note``, with definitions beside it."""

    def change(schema: dict[str, Any]) -> None:
        schema["properties"]["note"] = new
        if defs:
            schema["$defs"] = defs

    return change


def same(schema: dict[str, Any]) -> None:
    """The twin is the complete schema itself."""


REF = {k: v for k, v in leaf().items() if k not in ("type", "maxLength")}
AT = "/properties/note"

CASES: list[tuple[str, Change, Change, list[tuple[str, str]]]] = [
    # name, bad, its benign twin, [(code, pointer)] of the bad one
    ("typo", top(require=["id"]), top(required=["schema", "id"]), [("schema.unknown_keyword", "/require")]),
    ("typo-deep", put(maxlength=5), put(maxLength=5), [("schema.unknown_keyword", f"{AT}/maxlength")]),
    ("default", put(default="a"), put(examples=["a"]), [("schema.unknown_keyword", f"{AT}/default")]),
    (
        "required-text",
        top(required="id"),
        top(required=["schema", "id"]),
        [("schema.bad_value", "/required"), ("schema.bad_meta", AT.replace("note", "schema"))],
    ),
    ("length-text", put(maxLength="20"), put(maxLength=20), [("schema.bad_value", f"{AT}/maxLength")]),
    ("type-unknown", put(type="text"), put(type="string"), [("schema.bad_value", f"{AT}/type")]),
    ("type-python", put(type="str"), put(type=["string", "null"]), [("schema.bad_value", f"{AT}/type")]),
    (
        "open",
        lambda s: s["properties"]["group"].pop("additionalProperties"),
        same,
        [("schema.open_object", "/properties/group")],
    ),
    (
        "open-true",
        lambda s: s["properties"]["group"].update(additionalProperties=True),
        lambda s: (
            s["properties"]["group"].pop("additionalProperties"),
            s["properties"]["group"].update(unevaluatedProperties=False),
        ),
        [("schema.bad_value", "/properties/group/additionalProperties")],
    ),
    ("open-root", lambda s: s.pop("additionalProperties"), same, [("schema.open_object", "")]),
    (
        "unbounded-text",
        drop("maxLength"),
        lambda s: (note(s).pop("maxLength"), note(s).update(const="a")),
        [("schema.unbounded", AT)],
    ),
    (
        "unbounded-list",
        swap({k: v for k, v in several().items() if k != "maxItems"}),
        swap(several()),
        [("schema.unbounded", AT)],
    ),
    (
        "list-of-anything",
        swap({k: v for k, v in several().items() if k != "items"}),
        swap(several()),
        [("schema.undecided", AT)],
    ),
    (
        "unbounded-map",
        swap(whole(patternProperties={"^[a-z]$": leaf()})),
        swap(whole(patternProperties={"^[a-z]$": leaf()}, maxProperties=9)),
        [("schema.unbounded", AT)],
    ),
    ("unanchored", put(pattern="[a-z]+"), put(pattern="^[a-z]+$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("half-anchored", put(pattern="^[a-z]+"), put(pattern="^[a-z]$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("anchor-in-branch", put(pattern="^a|b$"), put(pattern="^(a|b)$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("digit-class", put(pattern=r"^\d+$"), put(pattern="^[0-9]+$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("nested", put(pattern="^(a+)+$"), put(pattern="^(ab)+$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    (
        "nested-branch",
        put(pattern="^(ab|abab)*$"),
        put(pattern="^(ab|cd)$"),
        [("schema.unsafe_pattern", f"{AT}/pattern")],
    ),
    ("lookahead", put(pattern="^(?=a)a$"), put(pattern="^(?:a)$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("no-pattern", put(pattern="^[a$"), put(pattern="^[a]$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    (
        "map-pattern",
        swap(whole(patternProperties={"[a-z]": leaf()}, maxProperties=9)),
        swap(whole(patternProperties={"^[b-z]$": leaf()}, maxProperties=9)),
        [("schema.unsafe_pattern", f"{AT}/patternProperties/[a-z]")],
    ),
    ("multiple-of", put(multipleOf=0.01), put(title="Note"), [("schema.multiple_of", f"{AT}/multipleOf")]),
    ("format", put(format="email"), put(format="date"), [("schema.unknown_format", f"{AT}/format")]),
    ("audience", drop("x-audience"), same, [("schema.undecided", AT)]),
    (
        "audience-unknown",
        put(**{"x-audience": ["everyone"]}),
        put(**{"x-audience": ["public"]}),
        [("schema.bad_value", f"{AT}/x-audience")],
    ),
    ("pii", drop("x-pii"), same, [("schema.undecided", AT)]),
    ("material", drop("x-material"), same, [("schema.undecided", AT)]),
    ("examples", drop("examples"), same, [("schema.undecided", AT)]),
    ("type-none", drop("type"), lambda s: (note(s).pop("type"), note(s).update(const="a")), [("schema.undecided", AT)]),
    (
        "decimals",
        put(type="number", examples=[1]),
        put(type="number", examples=[1], **{"x-decimals": 2}),
        [("schema.undecided", AT)],
    ),
    (
        "enum-names",
        put(enum=["a", "b"], **{"x-enum-names": {"a": {"zh": "甲", "en": "A"}}}),
        put(enum=["a"], **{"x-enum-names": {"a": {"zh": "甲", "en": "A"}}}),
        [("schema.undecided", AT)],
    ),
    (
        "enum-name-half",
        put(enum=["a"], **{"x-enum-names": {"a": {"zh": "甲"}}}),
        put(enum=["a"], **{"x-enum-names": {"a": {"zh": "甲", "en": "A"}}}),
        [("schema.bad_value", f"{AT}/x-enum-names")],
    ),
    ("title", drop("title"), same, [("schema.untitled", AT)]),
    ("title-zh", drop("x-title-zh"), same, [("schema.untitled", AT)]),
    ("description-zh", drop("x-description-zh"), same, [("schema.untitled", AT)]),
    (
        "group-title",
        lambda s: s["properties"]["group"].pop("x-title-zh"),
        same,
        [("schema.untitled", "/properties/group")],
    ),
    (
        "personal-material",
        put(**{"x-pii": True}),
        put(**{"x-pii": True, "x-material": False}),
        [("schema.personal_material", AT)],
    ),
    (
        "remote",
        swap({"$ref": "https://example.com/a.json", **REF, "type": "string"}),
        swap({"$ref": "orderctl:types#/$defs/date", **REF}),
        [("schema.remote_ref", f"{AT}/$ref"), ("schema.ref_beside", f"{AT}/type")],
    ),
    (
        "remote-file",
        swap({"$ref": "file:/etc/passwd", **REF}),
        swap({"$ref": "orderctl:types#/$defs/date", **REF}),
        [("schema.remote_ref", f"{AT}/$ref")],
    ),
    (
        "unknown-ref",
        swap({"$ref": "orderctl:types#/$defs/dat", **REF}),
        swap({"$ref": "orderctl:types#/$defs/date", **REF}),
        [("schema.unknown_ref", f"{AT}/$ref")],
    ),
    (
        "unknown-local",
        swap({"$ref": "#/$defs/b", **REF}, a=PLAIN),
        swap({"$ref": "#/$defs/a", **REF}, a=PLAIN),
        [("schema.unknown_ref", f"{AT}/$ref")],
    ),
    (
        "cycle-self",
        swap({"$ref": "#/$defs/a", **REF}, a={"$ref": "#/$defs/a"}),
        swap({"$ref": "#/$defs/a", **REF}, a={"$ref": "#/$defs/b"}, b=PLAIN),
        [("schema.cycle", f"{AT}/$ref")],
    ),
    (
        "cycle-mutual",
        swap({"$ref": "#/$defs/a", **REF}, a={"$ref": "#/$defs/b"}, b={"$ref": "#/$defs/a"}),
        swap({"$ref": "#/$defs/a", **REF}, a={"$ref": "#/$defs/b"}, b={"$ref": "#/$defs/c"}, c=PLAIN),
        [("schema.cycle", f"{AT}/$ref")],
    ),
    ("cycle-root", swap({"$ref": "#", **REF}), swap({"$ref": "#/properties/id", **REF}), [("schema.cycle", f"{AT}")]),
    (
        "ref-to-fields",
        swap({"$ref": "#/properties", **REF}),
        swap({"$ref": "#/properties/rows/items/properties/a", **REF}),
        [("schema.unknown_ref", f"{AT}/$ref")],
    ),
    (
        "ref-beyond-branches",
        swap({"$ref": "#/$defs/a/anyOf/1", **REF}, a={"anyOf": [PLAIN]}),
        swap({"$ref": "#/$defs/a/anyOf/0", **REF}, a={"anyOf": [PLAIN]}),
        [("schema.unknown_ref", f"{AT}/$ref")],
    ),
    (
        "ref-to-branch-name",
        swap({"$ref": "#/$defs/a/anyOf/x", **REF}, a={"anyOf": [PLAIN]}),
        swap({"$ref": "#/$defs/a", **REF}, a=PLAIN),
        [("schema.unknown_ref", f"{AT}/$ref")],
    ),
    (
        "index-bare",
        top(**{"x-index": ["id", "/group/a"]}),
        top(**{"x-index": ["/id", "/group/a"]}),
        [("schema.bad_meta", "/x-index/0")],
    ),
    (
        "index-escape",
        top(**{"x-index": ["/id", "/group/a", "/id~2"]}),
        top(**{"x-index": ["/id", "/group/a", "/note"]}),
        [("schema.bad_meta", "/x-index/2")],
    ),
    (
        "expands",
        swap({"$ref": "#/$defs/d0", **REF}, **doubling(16)),
        swap({"$ref": "#/$defs/d0", **REF}, **doubling(5)),
        [("schema.expands", AT)],
    ),
    (
        "chain",
        swap({"$ref": "#/$defs/c0", **REF}, **chain(33)),
        swap({"$ref": "#/$defs/c0", **REF}, **chain(32)),
        [("schema.expands", f"{AT}/$ref")],
    ),
    ("flags", put(pattern="^(?i:a)$"), put(pattern="^(?:a)$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("set-algebra", put(pattern="^[a&&b]$"), put(pattern="^[a&b]$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("other-engine", put(pattern="^a{,3}$"), put(pattern="^a{0,3}$"), [("schema.unsafe_pattern", f"{AT}/pattern")]),
    ("endless", put(maxLength=2**31), put(maxLength=2**31 - 1), [("schema.bad_value", f"{AT}/maxLength")]),
    (
        "beside",
        swap({"$ref": "orderctl:types#/$defs/text", **REF, "maxLength": 5000}),
        swap({"$ref": "orderctl:types#/$defs/text", **REF}),
        [("schema.ref_beside", f"{AT}/maxLength")],
    ),
    (
        "removed",
        lambda s: s["properties"].update(note=False),
        lambda s: s["properties"].pop("note"),
        [("schema.removes", AT)],
    ),
    (
        "field-text",
        lambda s: s["properties"].update(note="text"),
        lambda s: s["properties"].update(note=leaf()),
        [("schema.bad_value", AT)],
    ),
    (
        "fields-list",
        lambda s: s["properties"]["group"].update(properties=[]),
        lambda s: s["properties"]["group"].update(properties={"a": leaf()}),
        [("schema.bad_meta", "/x-index/1"), ("schema.bad_value", "/properties/group/properties")],
    ),
    (
        "required-unknown",
        top(required=["schema", "id", "nota"]),
        top(required=["id", "schema"]),
        [("schema.bad_meta", "/required/2")],
    ),
    ("kind", top(**{"x-kind": "memos"}), same, [("schema.bad_meta", "/x-kind")]),
    ("version", top(**{"x-version": 0}), same, [("schema.bad_meta", "/x-version")]),
    (
        "const",
        lambda s: s["properties"]["schema"].update(const="memo/2"),
        lambda s: (s["properties"]["schema"].update(const="memo/2"), s.update({"x-version": 2})),
        [("schema.bad_meta", "/properties/schema")],
    ),
    ("path-none", lambda s: s.pop("x-path"), same, [("schema.bad_meta", "")]),
    (
        "path-absolute",
        top(**{"x-path": "/memos/{id}.yaml"}),
        top(**{"x-path": "memos/{id}.yaml"}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "path-variable",
        top(**{"x-path": "memos/{name}.yaml"}),
        top(**{"x-path": "memos/{year}-{n}.yaml"}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "path-twice",
        top(**{"x-path": "memos/{id}/{id}.yaml"}),
        top(**{"x-path": "memos/{year}/{id}.yaml"}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "path-up",
        top(**{"x-path": "memos/../{id}.yaml"}),
        top(**{"x-path": "memos/a/{id}.yaml"}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "path-suffix",
        top(**{"x-path": "memos/{id}.yml"}),
        top(**{"x-path": "memos/{id}.yaml"}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "path-adjacent",
        top(**{"x-path": "memos/{id}{n}.yaml"}),
        top(**{"x-path": "memos/{id}-{n}.yaml"}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "path-of-several",
        top(**{"x-path": ["memos/{id}.yaml", "notes/{name}.yaml"]}),
        top(**{"x-path": ["memos/{id}.yaml", "notes/{id}.yaml"]}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "paths-that-overlap",
        top(**{"x-path": ["memos/{id}.yaml", "memos/{n}.yaml"]}),
        top(**{"x-path": ["memos/a-{id}.yaml", "memos/b-{n}.yaml"]}),
        [("schema.bad_meta", "/x-path")],
    ),
    (
        "overlap-of-another-place",
        top(**{"x-path": ["memos/{id}.yaml", "waivers/approvals/{id}.yaml"]}),
        top(**{"x-path": ["memos/{id}.yaml", "waivers/notes/{id}.yaml"]}),
        [("schema.path_overlap", "/x-path")],
    ),
    (
        "overlap",
        top(**{"x-path": "customers/{n}.yaml"}),
        top(**{"x-path": "customers/notes/{id}.yaml"}),
        [("schema.path_overlap", "/x-path")],
    ),
    ("key", top(**{"x-key": "/number"}), top(**{"x-key": "/group/a"}), [("schema.bad_meta", "/x-key")]),
    ("key-group", top(**{"x-key": "/group"}), top(**{"x-key": "/group/a"}), [("schema.bad_meta", "/x-key")]),
    (
        "index",
        top(**{"x-index": ["/id", "/group/a", "/grup"]}),
        top(**{"x-index": ["/id", "/group/a", "/note"]}),
        [("schema.bad_meta", "/x-index/2")],
    ),
    (
        "index-list",
        top(**{"x-index": ["/id", "/group/a", "/rows"]}),
        top(**{"x-index": ["/note", "/group/a"]}),
        [("schema.bad_meta", "/x-index/2")],
    ),
    (
        "index-row",
        top(**{"x-index": ["/id", "/group/a", "/rows/0/a"]}),
        top(**{"x-index": ["/note", "/group/a"]}),
        [("schema.bad_meta", "/x-index/2")],
    ),
    (
        "items",
        top(**{"x-items": {"pointer": "/note"}}),
        top(**{"x-items": {"pointer": "/rows"}}),
        [("schema.bad_meta", "/x-items/pointer")],
    ),
    (
        "items-index",
        top(**{"x-items": {"pointer": "/rows", "index": ["b"]}}),
        top(**{"x-items": {"pointer": "/rows", "index": ["a"]}}),
        [("schema.bad_meta", "/x-items/index/0")],
    ),
    (
        "items-parent",
        top(**{"x-items": {"pointer": "/rows", "parent": ["note"]}}),
        top(**{"x-items": {"pointer": "/rows", "parent": ["id"]}}),
        [("schema.bad_meta", "/x-items/parent/0")],
    ),
]


@pytest.mark.parametrize(("bad", "benign", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_bad_schema_and_its_benign_twin(bad: Change, benign: Change, expected: list[tuple[str, str]]) -> None:
    wrong, right = memo(), memo()
    bad(wrong)
    benign(right)
    found, findings = kinds({"memo": wrong})
    assert [(f.rule, f.pointer) for f in findings] == sorted(expected, key=lambda e: (e[1], e[0])), shown(findings)
    assert all(f.path == "schemas/memo.schema.json" for f in findings)
    shown(findings)
    if "memo" in found:  # what is left of a schema that is wrong in part can be used
        Validator(found).findings("memo", "memos/a.yaml", {"schema": "memo/1", "id": "a"})
    found, findings = kinds({"memo": right})
    assert shown(findings) == ""
    assert Validator(found).findings("memo", "m", {"schema": f"memo/{found['memo'].version}", "id": "a"}) == []


def test_builtin_schemas_are_clean() -> None:
    found, findings = load_kinds({}, FILES)
    assert shown(findings) == ""
    assert len(found) == len(FILES) - 1


def test_findings_in_words() -> None:
    wrong = memo()
    wrong["require"] = ["id"]
    note(wrong).update({"pattern": r"^\d+$", "multipleOf": 0.01, "x-pii": True})
    del note(wrong)["x-title-zh"]
    _, findings = kinds({"schemas/memo.schema.json": wrong})
    assert shown(findings) == (Path(__file__).parent / "expected" / "lint.txt").read_text()


@pytest.mark.parametrize(
    ("raw", "line", "column", "found"),
    [
        (b'{\n  "x-kind": "memo",\n  "x-version" 1\n}', 3, 15, "Expecting ':' delimiter"),
        (b'{\n  "a": 1,\n}', 3, 1, "Expecting property name enclosed in double quotes"),
        (b"", 1, 1, "Expecting value"),
        (b"[]", 1, 1, "not an object {…}"),
        (b"null", 1, 1, "not an object {…}"),
        (b'{"a": 1, "a": 2}', 1, 1, '"a" twice'),
        (b'{"a": NaN}', 1, 1, "NaN is not a JSON number"),
        (b'{"a":\n "\xff"}', 2, 1, "not UTF-8"),
        (b"[" * 100_000, 1, 1, "nested too deep"),
        (b'{"a":' * 64 + b"1" + b"}" * 64, 1, 1, "nested too deep"),
        (b'{"a": 1}' + b" " * (1024 * 1024), 1, 1, "1048584 bytes, limit 1048576"),
    ],
)
def test_broken_json_is_a_finding_with_its_line(raw: bytes, line: int, column: int, found: str) -> None:
    known, findings = kinds({"memo": raw})
    assert "memo" not in known
    assert [(f.rule, f.line, f.column, f.params["found"]) for f in findings] == [("schema.json", line, column, found)]


def test_size_limit_at_its_boundary() -> None:
    text = json.dumps(memo()).encode()
    for size, clean in ((1024 * 1024 - 1, True), (1024 * 1024, True), (1024 * 1024 + 1, False)):
        _, findings = kinds({"memo": text + b" " * (size - len(text))})
        assert (findings == []) is clean


def test_a_kind_that_exists_is_extended_not_defined_again() -> None:
    copied = json.loads(FILES["hold"])
    _, findings = kinds({"hold": copied})
    assert [(f.rule, f.pointer) for f in findings] == [("schema.kind_taken", "/x-kind")]


def test_two_own_kinds_may_not_share_files() -> None:
    other = copy.deepcopy(memo())
    other.update({"x-kind": "other", "$id": "orderctl:other"})
    other["properties"]["schema"]["const"] = "other/1"
    found, findings = kinds({"memo": memo(), "other": other})
    assert [(f.rule, f.path, f.pointer) for f in findings] == [
        ("schema.path_overlap", "schemas/other.schema.json", "/x-path")
    ]
    other["x-path"] = "others/{id}.yaml"
    found, findings = kinds({"memo": memo(), "other": other})
    assert findings == [] and {"memo", "other"} <= set(found)


def test_own_shared_definitions() -> None:
    shared = {"$id": "shop:types", "$defs": {"code": {"type": "string", "maxLength": 5, "patern": "^a$"}}}
    schema = memo()
    swap({"$ref": "shop:types#/$defs/code", **REF})(schema)
    _, findings = kinds({"memo": schema, "_shop": shared})
    assert [(f.rule, f.path, f.pointer) for f in findings] == [
        ("schema.unknown_keyword", "schemas/_shop.schema.json", "/$defs/code/patern")
    ]


KEYS = st.sampled_from([*KEYWORDS, *HOLDERS, "multipleOf", "x", "a", "schema", "id"])
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | KEYS
    | st.sampled_from(["^a$", "object", "#", "/id", "#/$defs/a", "date"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, JUNK, max_size=8), st.booleans(), st.booleans())
def test_any_schema_gives_findings_and_kinds_that_work(junk: dict[str, Any], extends: bool, based: bool) -> None:
    own = {**(memo() if based else {}), **junk, **({"x-extends": "order"} if extends else {})}
    found, findings = kinds({"memo": own})
    shown(findings)
    for name in ("order", "memo"):
        if name in found:
            shown(Validator(found).findings(name, "p", {"schema": "memo/1", "id": "a", "note": "b", "lines": []}))
            found[name].identify({"id": "a", "case": "b"}, {"id": "a"})


def test_every_code_is_reached() -> None:
    reached = {rule for case in CASES for rule, _ in case[3]}
    elsewhere = {
        "schema.json",
        "schema.kind_taken",
        *(
            "schema.extends_unknown",
            "schema.extended_twice",
            "schema.relaxes",
            "schema.changes",
            "schema.hides_required",
        ),
    }
    assert reached | elsewhere == {c.id for c in codes.CODES}


def test_loading_imports_no_engine() -> None:
    program = (
        "import sys; from orderctl import validate; print('jsonschema_rs' in sys.modules, 'jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
