"""The lint of schema files: each bad schema gives its finding, its benign twin none; the built-in ones are clean."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
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
from tests.schema.lint_cases import CASES
from tests.schema.own_kinds import (
    REF,
    Change,
    memo,
    note,
    swap,
)


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
