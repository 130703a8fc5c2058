"""The sample company as a living workspace: its documents in, a Git history out, each commit by who wrote it then."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orderctl.load import load
from orderctl.resources import SAMPLE, sample_root

ZONE = ZoneInfo("Asia/Shanghai")
START = "2024-01-02T09:00:00+08:00"
"""When the sample company began: the first commit holds what is no case."""
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
_EVIDENCE = re.compile(rb"\b(?:orders|customers)/[^\s,}\"']+/evidence/[^\s,}\"']+")


@dataclass(frozen=True, slots=True)
class Step:
    """One commit of the history: when, by whom (person id), what, and its files."""

    at: datetime
    rank: int
    person: str
    subject: str
    files: Mapping[str, bytes]


def sample_files() -> dict[str, bytes]:
    """Return the files a demo starts with: the sample's, with an own repository id, no fixed day, no sample mark."""
    root = sample_root()
    found = {}
    for name in SAMPLE:
        top = root / name
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            if file.is_file():
                found[file.relative_to(root).as_posix()] = file.read_bytes()
    text = found["orderctl.yaml"].decode()
    text = re.sub(r"(?m)^(sample|clock):.*\n", "", text)
    text = re.sub(r"(?m)^repository:.*$", f"repository: {uuid.uuid4()}", text)
    found["orderctl.yaml"] = text.encode()
    found["site/.gitignore"] = b"*\n!.gitignore\n"
    found[".gitignore"] = b".orderctl/\n"
    return found


def last_day() -> str:
    """Return the day on which the sample's story stands: orders are open then, and not yet late."""
    found = re.search(r"(?m)^clock: *(\S+)", (sample_root() / "orderctl.yaml").read_text(encoding="utf-8"))
    return found[1] if found else "2024-12-31"


def history(files: Mapping[str, bytes]) -> list[Step]:
    """Return the commits that tell how the files came about, oldest first."""
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
    steps.append(Step(start, -1, "", "workspace: company, people, catalogue and customers", rest))
    steps.sort(key=lambda s: (s.at, s.rank, s.subject))
    return list(_once(steps))


def _step(path: str, data: bytes, named: Mapping[str, bytes], start: datetime) -> Step:
    value: dict[str, Any] = load(path, data)[0] or {}
    kind = str(value.get("schema", "")).partition("/")[0]
    when, who = _WRITTEN.get(kind, ("", ""))
    text = str(value.get(when) or start.isoformat())
    at = (
        datetime.fromisoformat(text) if "T" in text else datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=ZONE)
    )
    rank = list(_WRITTEN).index(kind) if kind in _WRITTEN else 0
    if "T" not in text:
        at += timedelta(minutes=rank)
    case = path.split("/")[3]
    return Step(
        max(at, start + timedelta(minutes=1)), rank, str(value.get(who, "")), f"{case}: {kind}", {path: data, **named}
    )


def _named(data: bytes) -> list[str]:
    return [m.decode() for m in _EVIDENCE.findall(data)]


def _once(steps: list[Step]) -> Iterator[Step]:
    """Yield steps with evidence only in the first that names it."""
    seen: set[str] = set()
    for step in steps:
        files = {path: data for path, data in step.files.items() if path not in seen}
        seen.update(files)
        yield Step(step.at, step.rank, step.person, step.subject, files)


def fast_import(steps: list[Step], people: Mapping[str, tuple[str, str]]) -> bytes:
    """Return the history as a ``git fast-import`` stream on main. ``people``: id → name and e-mail."""
    out = [b"feature done\nreset refs/heads/main\n"]
    for number, step in enumerate(steps, 1):
        name, email = people.get(step.person) or next(iter(people.values()))
        stamp = f"{name} <{email}> {int(step.at.timestamp())} +0800"
        out.append(f"commit refs/heads/main\nmark :{number}\nauthor {stamp}\ncommitter {stamp}\n".encode())
        out.append(_data(step.subject.encode() + b"\n"))
        for path, data in sorted(step.files.items()):
            out.append(f'M 100644 inline "{path}"\n'.encode() if " " in path else f"M 100644 inline {path}\n".encode())
            out.append(_data(data))
    out.append(b"done\n")
    return b"".join(out)


def _data(data: bytes) -> bytes:
    return b"data %d\n" % len(data) + data + b"\n"


def people_of(files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """Return the sample's people: id → name and e-mail."""
    value = load("policy/people.yaml", files["policy/people.yaml"])[0] or {}
    return {
        p["id"]: (p.get("name_en") or p["name"], p.get("email", f"{p['id']}@example.invalid")) for p in value["people"]
    }


def write_demo(folder: Path) -> int:
    """Make the demo in ``folder`` (empty or new) with its whole history; return the number of commits."""
    from git import Repo

    files = sample_files()
    steps = history(files)
    people = people_of(files)
    repository = Repo.init(folder, initial_branch="main")
    stream = folder / ".git" / "demo-history"
    stream.write_bytes(fast_import(steps, people))
    with stream.open("rb") as source:
        repository.git.fast_import("--quiet", "--done", istream=source)
    stream.unlink()
    repository.git.reset("--hard", "--quiet", "main")
    name, email = next(iter(people.values()))
    with repository.config_writer() as config:
        config.set_value("user", "name", name)
        config.set_value("user", "email", email)
    return len(steps)
