"""Which regular expressions a schema may use."""

from __future__ import annotations

import re
import time

import pytest

from orderctl.schema.patterns import MAX_PATTERN, fault
from orderctl.schema.walk import nodes
from tests.schema.helper import kinds


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


def test_builtin_patterns_take_linear_time_in_a_backtracking_engine_too() -> None:
    """100 ms budget for each pattern on long text that almost fits."""
    patterns = {n["pattern"] for k in kinds()[0].values() for _, n, _ in nodes(k.schema) if "pattern" in n}
    assert len(patterns) > 15
    for pattern in sorted(patterns):
        compiled = re.compile(pattern, re.ASCII)
        for char in "a0A-.@ /":
            start = time.thread_time()
            compiled.match(char * 10_000 + "\n!")
            assert time.thread_time() - start < 0.1, pattern
