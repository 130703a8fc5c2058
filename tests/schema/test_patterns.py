"""Which regular expressions a schema may use."""

from __future__ import annotations

import pytest

from orderctl.schema.patterns import MAX_PATTERN, fault


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("^[a-z]+$", ""),
        ("^$", ""),
        ("^(?:a|b)$", ""),
        ("^([0-9a-f]{4}-){3}$", ""),
        ("^(a+){0,3}$", ""),
        ("^[^/\x00-\x1f]+$", ""),
        ("^[.]$", ""),
        ("^\\.$", ""),
        ("^" + "a" * (MAX_PATTERN - 2) + "$", ""),
        ("^" + "a" * (MAX_PATTERN - 1) + "$", "long"),
        ("a", "anchor"),
        ("", "anchor"),
        ("^a", "anchor"),
        ("a$", "anchor"),
        ("^a|b$", "anchor"),
        ("(^a$)", "anchor"),
        ("^a\\Z", "class"),
        ("^\\d$", "class"),
        ("^\\w+$", "class"),
        ("^[\\s]$", "class"),
        ("^\\\\d$", ""),
        ("^(a+)+$", "nested"),
        ("^(a*)*$", "nested"),
        ("^(a+){4}$", "nested"),
        ("^(a?){50}$", "nested"),
        ("^(a|ab)*$", "nested"),
        ("^((a{1,9})b)+$", "nested"),
        ("^(?=a)a$", "lookaround"),
        ("^(?<!a)b$", "lookaround"),
        ("^(a)\\1$", "lookaround"),
        ("^(?>a)$", "lookaround"),
        ("^a++$", "lookaround"),
        ("^(?P<n>a)$", "lookaround"),
        ("^(?i:a)$", "lookaround"),
        ("^\\(?a$", ""),
        ("^[[a]]$", "syntax"),
        ("^[a&&b]$", "syntax"),
        ("^[a$", "syntax"),
        ("^(a$", "syntax"),
        ("^*$", "syntax"),
        ("^" + "(" * 120 + ")" * 120 + "$", ""),
    ],
)
def test_fault(pattern: str, reason: str) -> None:
    assert fault(pattern) == reason
