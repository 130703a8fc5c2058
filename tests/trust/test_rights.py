"""Rights: what differs between two versions of a document, and whether somebody's roles cover it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderctl.classify import folders_of, in_evidence
from orderctl.trust.rights import changed_pointers, covered


@pytest.mark.parametrize(
    ("old", "new", "pointers"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["/a"]),
        ({"a": 1}, {"a": Decimal("1.00")}, []),  # one number, however it is written
        ({"a": 1}, {"a": True}, ["/a"]),
        ({"a": False}, {"a": 0}, ["/a"]),
        ({"a": True}, {"a": True}, []),
        ({"a": "1"}, {"a": 1}, ["/a"]),
        ({"a": 1}, {}, ["/a"]),
        ({}, {"a": None}, ["/a"]),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, ["/a", "/b"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["/a/c"]),
        ({"a": {"b": 1}}, {"a": [1]}, ["/a"]),
        ({"a": [1]}, {"a": {"b": 1}}, ["/a"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ["/a/1/b"]),
        ({"a": [{"b": 1}]}, {"a": ({"b": 2},)}, ["/a/0/b"]),
        ({"a": [1, 2]}, {"a": [1]}, ["/a"]),
        ({"a": [1, 2]}, {"a": (1, 2)}, []),
        ({"a": [1]}, {"a": 1}, ["/a"]),
        ({"a": 1}, {"a": [1]}, ["/a"]),
        ({"a/b": 1}, {"a/b": 2}, ["/a~1b"]),
    ],
)
def test_what_differs(old: Any, new: Any, pointers: list[str]) -> None:
    assert changed_pointers(old, new) == pointers


ORDER = "orders/2024/05/OD2024050014/order.yaml"
RIGHTS = [
    {"roles": ["sales"], "kinds": ["order", "evidence"], "status": ["none", "draft"], "do": ["add", "change"]},
    {"roles": ["sales"], "kinds": ["order"], "do": ["change"], "fields": ["/handler"]},
    {"roles": ["sales"], "kinds": ["order"], "do": ["change"], "fields": ["/contact", "/delivery"]},
    {"roles": ["finance"], "kinds": ["customer"], "do": ["change"], "fields": ["/credit"]},
    {"roles": ["clerk"], "kinds": ["customer"], "do": ["remove"], "fields": ["/credit"]},
    {"roles": ["clerk"], "paths": ["docs/", "README.md"], "do": ["add", "change", "remove"]},
]


def asked(
    role: str, action: str, *pointers: str, kind: str = "order", path: str = ORDER, status: str = "approved"
) -> list[str]:
    return covered(
        RIGHTS, frozenset([role, "visitor"]), kind=kind, path=path, status=status, action=action, pointers=pointers
    )


@pytest.mark.parametrize("status", ["none", "draft"])
def test_a_line_without_fields_covers_all_of_a_document(status: str) -> None:
    assert asked("sales", "change", "/total", status=status) == []
    assert asked("sales", "add", "/total", status=status) == []
    assert asked("sales", "remove", status=status) == [""]
    assert asked("finance", "change", "/total", status=status) == [""]


def test_lines_with_fields_add_up_and_cover_what_is_below_them() -> None:
    assert asked("sales", "change", "/handler") == []
    assert asked("sales", "change", "/handler", "/contact", "/delivery/phone") == []
    assert asked("sales", "change", "/handler", "/total", "/handlers", "/deliver") == [
        "/total",
        "/handlers",
        "/deliver",
    ]
    assert asked("sales", "change", "") == [""]
    assert asked("sales", "change") == []
    assert asked("sales", "add", "/handler") == [""]


def test_fields_of_a_document_are_no_right_to_remove_it() -> None:
    assert asked("clerk", "remove", "/credit", kind="customer") == [""]
    assert asked("finance", "change", "/credit/limit", kind="customer") == []
    assert asked("finance", "change", "/credit/limit", kind="quotation") == [""]


def test_paths_are_for_what_is_no_document() -> None:
    for path, left in (
        ("docs/a.txt", []),
        ("docs/a/b.txt", []),
        ("docs", [""]),
        ("docs2/a.txt", [""]),
        ("README.md", []),
        ("README.md/x", [""]),
        ("a/README.md", [""]),
    ):
        assert asked("clerk", "remove", "", kind="", path=path) == left, path
        assert asked("sales", "remove", "", kind="", path=path) == [""]
    assert asked("clerk", "change", "/x", kind="order", path="docs/order.yaml") == [""]


def test_evidence_is_a_kind_of_its_own() -> None:
    path = "orders/2024/05/OD2024050014/evidence/a.pdf"
    assert asked("sales", "add", "", kind="evidence", path=path, status="none") == []
    assert asked("sales", "add", "", kind="", path=path, status="none") == [""]
    assert asked("clerk", "add", "", kind="evidence", path="docs/evidence/a.pdf", status="none") == [""]
    assert asked("clerk", "add", "", kind="", path="docs/evidence/a.pdf", status="none") == []


@pytest.mark.parametrize(
    ("path", "evidence"),
    [
        ("orders/2024/05/OD1/evidence/a.pdf", True),
        ("customers/evidence/a/b.pdf", True),
        ("archive/2024/05/OD1/evidence/a.pdf", True),
        ("new/evidence/a.pdf", False),
        ("orders/2024/05/OD1/evidence.pdf", False),
        ("orders/2024/05/OD1/evidence", False),
        ("orders/2024/05/OD1/Evidence/a.pdf", False),
        ("evidence/a.pdf", False),
    ],
)
def test_evidence_lies_in_a_folder_of_the_companys_data(path: str, evidence: bool) -> None:
    assert in_evidence(path, folders_of(["customers/{id}.yaml"])) is evidence
