"""Which regular expressions a schema may use: anchored at both ends, ASCII classes, linear time in every engine."""

from __future__ import annotations

import re
import warnings

# The standard library's own parser of regular expressions; the public name re._parser is new in 3.11.
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_REPEATS = {"MAX_REPEAT", "MIN_REPEAT"}
_FORBIDDEN = {
    "POSSESSIVE_REPEAT": "++",
    "ASSERT": "(?=…)",
    "ASSERT_NOT": "(?!…)",
    "GROUPREF": "\\1",
    "GROUPREF_EXISTS": "(?(1)…)",
}
_CLASSES = re.compile(r"\\(?:\\|([dDwWsSbBAZzpPGK]))")
MAX_PATTERN = 300
_FEW = 3
"""A part repeated at most this often costs polynomial time at worst, whatever it holds."""


def fault(pattern: str, *, anchored: bool = True) -> str:
    r"""Return what is wrong with a pattern, as a word of a fixed list, or "" if nothing.

    syntax · long · anchor (no ^ or $) · class (\d, \w … mean different things in different engines) ·
    lookaround (look-around, back reference, flag) · nested (a repetition inside a repetition).
    """
    if len(pattern) > MAX_PATTERN:
        return "long"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # [[, &&, -- and ~~ in a class: read differently by other engines
            tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError, Warning):
        return "syntax"
    if re.search(r"(?<!\\)\(\?(?!:)", pattern):
        return "lookaround"
    if any(m[1] for m in _CLASSES.finditer(pattern)):
        return "class"
    if anchored and not _anchored(list(tree)):
        return "anchor"
    return _walk(list(tree), False)


def _anchored(tree: list[Any]) -> bool:
    return bool(tree) and _at(tree[0], "AT_BEGINNING") and _at(tree[-1], "AT_END")


def _at(node: Any, where: str) -> bool:
    return str(node[0]) == "AT" and str(node[1]) == where


def _walk(tree: list[Any], repeated: bool) -> str:
    for op, argument in tree:
        name = str(op)
        if name in _FORBIDDEN:
            return "lookaround"
        if name in _REPEATS:
            low, high, inner = argument
            often = high is _parser.MAXREPEAT or int(high) > _FEW
            bad = "nested" if repeated and high != low else _walk(list(inner), repeated or often)
        elif name == "BRANCH":
            bad = "nested" if repeated else next((b for b in (_walk(list(t), repeated) for t in argument[1]) if b), "")
        elif name == "SUBPATTERN":
            bad = _walk(list(argument[-1]), repeated)
        elif name == "ATOMIC_GROUP":
            bad = "lookaround"
        else:
            bad = ""
        if bad:
            return bad
    return ""
