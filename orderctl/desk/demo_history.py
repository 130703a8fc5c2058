"""The sample company's documents in; the commits that tell how they came about, oldest first, out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.load import load

ZONE = ZoneInfo("Asia/Shanghai")
START = "2024-01-02T09:00:00+08:00"
"""When the sample company began: the first commit holds what is no case."""
WAREHOUSE = "he-cang"
# Where a document says when it was written, and by whom. The order is that of a case's life, for equal times.
_WRITTEN = {
    "requirement": ("received_at", "salesperson"),
    "quotation": ("date", "salesperson"),
    "order": ("date", "entered_by"),
    "submission": ("submitted_at", "submitted_by"),
    "approval": ("issued", "person"),
    "hold": ("from", "by"),
    "cancellation": ("on", "by"),
    "shipment": ("dispatched_at", "dispatched_by"),
    "delivery": ("recorded_at", "recorded_by"),
    "feedback": ("visited_on", "by"),
    "ticket": ("raised_on", "first_asked"),
}
_CREDIT = {
    "customers/C0001.yaml": ("limit: 200000.00", "limit: 300000.00", "2024-07-01T10:30:00+08:00"),
    "customers/C0011.yaml": ("grade: D, limit: 0.00", "grade: C, limit: 50000.00", "2024-11-27T16:00:00+08:00"),
}
"""Customers' credit as the sample has it, as it was before, and when finance changed it."""
FINANCE = "su-cai"
_EVIDENCE = re.compile(rb"\b(?:orders|customers)/[^\s,}\"']+/evidence/[^\s,}\"']+")


@dataclass(frozen=True, slots=True)
class Step:
    """One commit of the history: when, by whom (person id), of which case and kind, and its files."""

    at: datetime
    rank: int
    person: str
    case: str
    kind: str
    files: Mapping[str, bytes]

    @property
    def subject(self) -> str:
        """The commit's message."""
        return f"{self.case}: {self.kind}" if self.case else "workspace: company, people, catalogue and customers"


def history(files: Mapping[str, bytes]) -> list[Step]:
    """Return the commits, oldest first; the first holds what is no case.

    An order lands with its submission, as it does in life: before that it is a draft on somebody's branch.
    """
    evidence = {path for path in files if "/evidence/" in path}
    start = datetime.fromisoformat(START)
    steps: list[Step] = []
    taken: set[str] = set()
    for path, data in files.items():
        if path.startswith("orders/") and path not in evidence:
            step = _step(path, data, {p: files[p] for p in _named(data) if p in evidence}, start)
            steps.append(step)
            taken.update(step.files)
    rest = {path: data for path, data in files.items() if path not in taken}
    for path, (now, before, at) in _CREDIT.items():
        steps.append(Step(datetime.fromisoformat(at), 0, FINANCE, path[10:15], "credit", {path: rest[path]}))
        rest[path] = rest[path].replace(now.encode(), before.encode())
    steps.append(Step(start, -1, "", "", "", rest))
    steps = list(_landed(steps))
    steps.sort(key=lambda s: (s.at, s.rank, s.subject))
    return list(_once(steps))


def _landed(steps: list[Step]) -> Iterator[Step]:
    """Yield the steps, each order in one with its submission."""
    orders = {step.case: step for step in steps if step.kind == "order"}
    for step in steps:
        if step.kind == "submission":
            order = orders[step.case]
            yield replace(step, kind="order", files={**order.files, **step.files})
        elif step.kind != "order":
            yield step


def _step(path: str, data: bytes, named: Mapping[str, bytes], start: datetime) -> Step:
    value: dict[str, Any] = load(path, data)[0] or {}
    kind = str(value.get("schema", "")).partition("/")[0]
    when, who = _WRITTEN.get(kind, ("", ""))
    if kind == "shipment" and when not in value:  # nothing has left yet: the warehouse opened the sheet for production
        when, who, value = "started", "", value["progress"][0] | {"": WAREHOUSE}
    if kind in ("hold", "cancellation") and "supervisor" in value:  # whoever asks for it, the supervisor decides
        who = "supervisor"
    text = str(value.get(when) or start.isoformat())
    at = (
        datetime.fromisoformat(text) if "T" in text else datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=ZONE)
    )
    rank = list(_WRITTEN).index(kind) if kind in _WRITTEN else 0
    if "T" not in text:
        at += timedelta(minutes=rank)
    case = path.split("/")[3]
    return Step(max(at, start + timedelta(minutes=1)), rank, str(value.get(who, "")), case, kind, {path: data, **named})


def _named(data: bytes) -> list[str]:
    return [m.decode() for m in _EVIDENCE.findall(data)]


def _once(steps: list[Step]) -> Iterator[Step]:
    """Yield steps with evidence only in the first that names it."""
    seen: set[str] = set()
    for step in steps:
        files = {path: data for path, data in step.files.items() if path not in seen or "/evidence/" not in path}
        seen.update(files)
        yield replace(step, files=files)
