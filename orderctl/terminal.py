"""Text for terminals and files: the unseen is spelled out, wide characters count two, a closed pipe is no error."""

from __future__ import annotations

import errno
import os
import re
import sys
import unicodedata
from typing import TextIO

_TROUBLE = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘只读",
    errno.ENOSPC: "磁盘已满",
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str) -> str:
    r"""Return ``text`` with control, bidi, zero-width and undecodable characters as ``\x1b``, ``\u202e``, ``\xff``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(c) if unicodedata.category(c) in _INVISIBLE else c for c in text)


def _spelled(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as Python keeps it in paths
        return f"\\x{code - 0xDC00:02x}"
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def trouble(error: OSError, language: str) -> str:
    """Return why a file can't be read or written, in the user's words."""
    known = _TROUBLE.get(error.errno or 0) if language == "zh" else None
    return known or visible(error.strerror or type(error).__name__)


def clock(time: str) -> str:
    """Return an instant (RFC 3339) as people read it, to the minute and without its offset; anything else as it is."""
    return time[:16].replace("T", " ") if _INSTANT.fullmatch(time) else time


def in_place(text: str) -> str:
    """Return a source line with each unseen character as one visible one (␛, �), so that columns stay true."""
    return "".join(_picture(c) if unicodedata.category(c) in _INVISIBLE else c for c in text)


def _picture(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return " "
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def width(text: str) -> int:
    """Return how many terminal cells ``text`` takes: East Asian wide and full-width characters two, marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def window(text: str, column: int, cells: int) -> tuple[str, int]:
    """Cut ``text`` to ``cells`` around character ``column`` (from 1).

    Returns the cut text, with … where something was left out, and the cell (from 0) at which that character stands.
    """
    at = max(0, min(column - 1, len(text)))
    if width(text) <= cells:
        return text, width(text[:at])
    start = at
    while start > 0 and width(text[start - 1 : at]) <= cells * 2 // 3 - 1:
        start -= 1
    lead = "…" if start else ""
    end = start
    while end < len(text) and width(lead + text[start : end + 1]) <= cells - 1:
        end += 1
    return lead + text[start:end] + ("…" if end < len(text) else ""), width(lead + text[start:at])


def technical(value: object) -> bool:
    """Tell whether a value is a digest, which says nothing to people."""
    return isinstance(value, str) and len(value) in {32, 40, 64} and set(value) <= set("0123456789abcdef")


def pad(text: str, cells: int) -> str:
    """Fill ``text`` with spaces to ``cells``."""
    return text + " " * max(0, cells - width(text))


def table(rows: list[list[str]]) -> str:
    """Return rows as aligned columns, two spaces apart, wide characters counted; every line ends with LF."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return "".join("  ".join(pad(c, w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def prepare(*streams: TextIO) -> None:
    """Let no encoding of a stream crash a run: what it can't hold is written with backslashes."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def emit(text: str, stream: TextIO | None = None) -> None:
    """Write ``text`` and flush. A reader that went away (``| head``) ends the output, not the run."""
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
