"""Runs a command and measures it: wall and CPU seconds, peak memory summed over its processes. Linux."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL = 0.02
"""Seconds between two looks at the memory of a running command."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds by the clock, CPU seconds of all its processes, peak memory in MB (0: not asked)."""

    wall: float
    cpu: float
    memory: float = 0.0


def run(command: Sequence[str], folder: Path, *, memory: bool = False) -> Cost:
    """Run ``command`` in ``folder``. Raises RuntimeError with its output if it fails."""
    started = time.monotonic()
    process = subprocess.Popen(
        list(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    before = os.times()
    peak = 0.0
    if memory:
        # the output is short: a report without findings can't fill the pipe while nobody reads it
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(POLL)
    output, _ = process.communicate()
    after = os.times()
    if process.returncode:
        raise RuntimeError(
            f"{' '.join(command)} exited {process.returncode}:\n{output.decode(errors='replace')[-2000:]}"
        )
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.monotonic() - started, cpu, peak)


def median(rounds: int, command: Sequence[str], folder: Path, before: Callable[[], None] | None = None) -> float:
    """Return the median wall seconds of ``rounds`` runs, with ``before`` called ahead of each, unmeasured."""
    taken = []
    for _ in range(rounds):
        if before:
            before()
        taken.append(run(command, folder).wall)
    return statistics.median(taken)


def _memory(root: int) -> float:
    """Return the proportional set size (PSS) of a process and everything below it, in MB."""
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            stat = _text(f"/proc/{entry.name}/stat")
            if stat:
                parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        todo += parents.get(pid, [])
        for line in _text(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1000


def _text(path: str) -> str:
    """Return a file of /proc, or nothing when its process has gone."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def machine() -> list[str]:
    """Return what the numbers depend on: processor, cores, memory, versions."""
    processor = next((x for x in _text("/proc/cpuinfo").splitlines() if x.startswith("model name")), "unknown: unknown")
    memory = next((x for x in _text("/proc/meminfo").splitlines() if x.startswith("MemTotal")), "MemTotal: 0 kB")
    git = subprocess.run(["git", "--version"], capture_output=True, encoding="utf-8", check=False).stdout.strip()
    return [
        f"processor: {processor.split(':', 1)[1].strip()}, {len(os.sched_getaffinity(0))} cores",
        f"memory: {int(memory.split()[1]) / 1e6:.0f} GB",
        f"system: {os.uname().sysname} {os.uname().release}, {git}",
    ]
