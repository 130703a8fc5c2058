"""A tree object's bytes in, its entries out, strictly; a folder like one already read costs what differs."""

from __future__ import annotations

import os
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from orderctl.codes.commit import TREE_DUPLICATE, TREE_MALFORMED
from orderctl.rule import Code
from orderctl.trust.refusal import Refusal

FOLDER = "040000"
_MODE = {b"100644": "100644", b"100755": "100755", b"120000": "120000", b"40000": FOLDER, b"160000": "160000"}
_ENTRY = re.compile(rb"(100644|100755|120000|40000|160000) ([^\0/]+)\0(.{20})", re.DOTALL)
_MANY = 50  # entries that differ: from here on the folder is read as a new one
# What HFS+ leaves out of a name, and what NTFS takes for ".git": the rules of Git's own fsck.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS = re.compile(r"(?:^|.*\\)(?:\.git|git~1)[ .]*(?:[\\:].*)?", re.DOTALL)
_SUSPICIOUS = re.compile(rb"[gG][iI]|\xe2\x80|\xe2\x81|\xef\xbb\xbf|^\.")

Raw = tuple[bytes, bytes, bytes]
"""Mode, name and id as the tree holds them."""
Item = tuple[str, str, str]
"""Name, mode (a folder is 040000) and id."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where one folder differs from another: its entries ``first`` to ``last`` (exclusive), there these bytes."""

    first: int
    last: int
    there: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder. ``starts`` is where each entry starts in ``raw``, and at last its length."""

    raw: bytes
    starts: Sequence[int]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def items(self, first: int = 0, last: int | None = None) -> list[Item]:
        """Return the entries from number ``first`` to ``last`` (exclusive)."""
        end = self.starts[len(self) if last is None else last]
        return items(self.raw[self.starts[first] : end])

    def find(self, name: str) -> Item | None:
        """Return the entry of this name, or None."""
        wanted = b" " + os.fsencode(name) + b"\0"
        at = self.raw.find(wanted)
        while at >= 0:  # the same bytes may lie in an object id
            entry = bisect_right(self.starts, at) - 1
            found = self.items(entry, entry + 1)[0]
            if found[0] == name:
                return found
            at = self.raw.find(wanted, at + 1)
        return None

    def span(self, raw: bytes) -> Span:
        """Return where this folder differs from the one of these bytes."""
        first = bisect_right(self.starts, _common(self.raw, raw)) - 1
        begin = self.starts[first]
        last = bisect_left(self.starts, len(self.raw) - _common_end(self.raw[begin:], raw[begin:]))
        return Span(first, last, raw[begin : len(raw) - (len(self.raw) - self.starts[last])])

    def like(self, raw: bytes, span: Span, path: str) -> Folder:
        """Return the folder of these bytes, of which only what differs from this one is read. Raises Refusal."""
        if span.last - span.first > _MANY or len(span.there) > _MANY * 50:
            return parse_folder(raw, path)
        found, starts = _entries(span.there, path)
        if any(raw.count(b" " + name + b"\0") > 1 for _, name, _ in found):  # perhaps a name that is there twice
            return parse_folder(raw, path)
        before = _ENTRY.findall(self.raw, self.starts[max(span.first - 1, 0)], self.starts[span.first])
        after = _ENTRY.findall(self.raw, self.starts[span.last], self.starts[min(span.last + 1, len(self))])
        _check(found, [*before, *found, *after], path)
        begin, grown = self.starts[span.first], len(raw) - len(self.raw)
        if not grown and len(found) == span.last - span.first == 1:
            return Folder(raw, self.starts)
        rest = self.starts[span.last + 1 :]
        return Folder(raw, [*self.starts[: span.first], *(begin + at for at in starts), *(at + grown for at in rest)])


def parse_folder(raw: bytes, path: str = "") -> Folder:
    """Return the folder of a tree object; ``path`` is where it lies ("" or with "/" at its end).

    Raises Refusal ``tree.malformed`` or ``tree.duplicate``.
    """
    found, starts = _entries(raw, path)
    if len({name for _, name, _ in found}) < len(found):
        counts = Counter(os.fsdecode(name) for _, name, _ in found)
        twice = max(counts, key=counts.__getitem__)
        raise refused(TREE_DUPLICATE, path + twice, name=twice)
    _check(found, found, path)
    return Folder(raw, starts)


def items(raw: bytes) -> list[Item]:
    """Return the entries that these bytes of a folder hold."""
    return [(os.fsdecode(name), _MODE[mode], id.hex()) for mode, name, id in _ENTRY.findall(raw)]


def is_dot_git(name: str) -> bool:
    """Tell whether some file system takes this name for ``.git``."""
    lower = name.lower()
    return _IGNORED.sub("", lower) == ".git" or _NTFS.fullmatch(lower) is not None


def refused(code: Code, path: str, **params: str | int) -> Refusal:
    """Return the refusal of what lies at ``path``."""
    return Refusal(replace(code.at(path), params={"commit": "", "person": "", **params}))


def _entries(raw: bytes, path: str) -> tuple[list[Raw], list[int]]:
    found: list[Raw] = _ENTRY.findall(raw)
    starts = list(accumulate((len(mode) + len(name) + 22 for mode, name, _ in found), initial=0))
    if starts[-1] != len(raw):  # something between the entries
        raise refused(TREE_MALFORMED, path, what="entry")
    return found, starts


def _check(found: Iterable[Raw], ordered: Iterable[Raw], path: str) -> None:
    """Refuse names that no folder may hold, and entries that aren't in Git's order."""
    for _, raw, _ in found:
        if _SUSPICIOUS.search(raw):
            name = os.fsdecode(raw)
            if name in {".", ".."} or is_dot_git(name):
                raise refused(TREE_MALFORMED, path + name, what=name)
    order = [name + b"/" if mode == b"40000" else name for mode, name, _ in ordered]
    if any(a >= b for a, b in pairwise(order)):
        raise refused(TREE_MALFORMED, path, what="order")


def _common(a: bytes, b: bytes) -> int:
    """Return how many bytes two values share at their beginning."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _common_end(a: bytes, b: bytes) -> int:
    """Return how many bytes two values share at their end."""
    low, high = 0, min(len(a), len(b))
    if a[len(a) - high :] == b[len(b) - high :]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle
    return low
