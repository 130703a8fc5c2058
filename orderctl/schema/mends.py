"""What to type instead of a wrong value, where that is certain enough to offer."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from orderctl.model import Mend
from orderctl.schema.walk import Schema, types
from orderctl.schema.words import means, nearest, plain, scalar, values

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_WRITTEN = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_DAY = re.compile(r"([12][0-9]{3})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?", re.ASCII)
_COMPACT_DAY = re.compile(r"([12][0-9]{3})([0-9]{2})([0-9]{2})", re.ASCII)
_INSTANT = re.compile(
    r"([^Tt ]+)[Tt ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([Zz]|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_UNIT = re.compile(r"\s*(?:[%％元]|[\u4e00-\u9fff]{1,2})$")
_MYRIADS = re.compile(r"[十百千万亿]")
_ZONED = re.compile(r"[+-][0-9]{2}:[0-9]{2}$")
_TRUE = frozenset({"true", "yes", "y", "on", "是", "对", "√"})
_FALSE = frozenset({"false", "no", "n", "off", "否", "不是", "×"})


def of_type(found: Any, node: Schema, pointer: str) -> Mend | None:
    """Return the mend of a value of the wrong type, or None."""
    kind = types(node)
    if isinstance(found, str) and "array" in kind:
        return _alone(found, node.get("items", {}), pointer)
    if isinstance(found, str):
        return _from_text(found.strip(), kind, pointer)
    if isinstance(found, bool) or not isinstance(found, int | Decimal) or "string" not in kind:
        return None
    text = f"{found:f}" if isinstance(found, Decimal) else str(found)
    if node.get("format") == "date":
        return day(text, pointer)
    if len(text) > node.get("maxLength", len(text)) or not _fits(text, node):
        return None
    return Mend("scalar", json.dumps(text), pointer)


def _alone(found: str, item: Schema, pointer: str) -> Mend | None:
    """Return the mend of one text where a list of texts is wanted: safe when the list may hold just that."""
    if "string" not in types(item):
        return None
    if not item.get("enum"):
        return Mend("scalar", f"[{scalar(found)}]", pointer) if _fits(found, item) else None
    if found in item["enum"]:
        return Mend("scalar", f"[{scalar(found)}]", pointer)
    near = of_choice(found, item, pointer)
    return Mend("scalar", f"[{near.value}]", pointer, safe=near.safe) if near else None


def _from_text(text: str, kind: tuple[str, ...], pointer: str) -> Mend | None:
    if "number" in kind or "integer" in kind:
        whole = "number" not in kind
        same = _same_number(text)
        if same and not (whole and "." in same):
            return Mend("scalar", same, pointer)
        bare = text if _MYRIADS.search(text) else _UNIT.sub("", re.sub(r"^[¥￥$€]\s*", "", text))
        if bare != text or _THOUSANDS.fullmatch(bare):
            bare = bare.replace(",", "") if _THOUSANDS.fullmatch(bare) else bare
            if _NUMBER.fullmatch(bare) and not (whole and "." in bare):
                return Mend("scalar", bare, pointer, safe=False)
    if "boolean" in kind:
        word = text.casefold()
        if word in _TRUE | _FALSE:
            return Mend("scalar", "true" if word in _TRUE else "false", pointer)
    return None


def _same_number(text: str) -> str:
    """Return a number that was written in another way (0012, +5, .5, 1_000, 1e3, full-width) as we write it, or ""."""
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).replace("_", ""))
    if found is None:
        return ""
    number = f"{Decimal(found[0]):f}"
    return number if _NUMBER.fullmatch(number) else ""


def _fits(text: str, node: Schema) -> bool:
    if node.get("enum") and text not in node["enum"]:
        return False
    return re.search(node["pattern"], text) is not None if "pattern" in node else True


def day(text: str, pointer: str) -> Mend | None:
    """Return the mend of a date written year first in another way: 2024/5/6, 2024年5月6日, 20240506."""
    found = _DAY.fullmatch(text.strip())
    safe = found is not None
    if found is None:
        found = _COMPACT_DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        proper = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return Mend("scalar", proper.isoformat(), pointer, safe=safe)


def moment(text: str, node: Schema, pointer: str) -> Mend | None:
    """Return the mend of a date, or of a date and time, written in another way.

    A time without a zone is given the example's, for the writer to confirm.
    """
    if node.get("format") == "date":
        return day(text, pointer)
    found = _INSTANT.fullmatch(text.strip())
    proper = day(found[1], pointer) if found else None
    if found is None or proper is None:
        return None
    named = found[5] or next(iter(_ZONED.findall(str(next(iter(node.get("examples", ())), "")))), "")
    if not named:
        return None
    zone = "Z" if named in "Zz" else f"{named[:3]}:{named[-2:]}"
    value = f"{proper.value}T{int(found[2]):02}:{found[3]}:{found[4] or '00'}{zone}"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return Mend("scalar", value, pointer, safe=proper.safe and bool(found[5]))


def of_choice(found: Any, node: Schema, pointer: str) -> Mend | None:
    """Return the mend of a value that isn't in the list: safe when it is another name of one that is."""
    choices = values(node)
    near = nearest(str(found), choices) if isinstance(found, str) and plain(found) else ""
    if not near:
        return None
    return Mend("scalar", scalar(near), pointer, safe=means(str(found), near, choices[near]))
