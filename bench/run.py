"""Compares orderctl with check-jsonschema, a bare loop and ``git status`` in one run; prints ratios as Markdown."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import generate, measure, rivals

ORDERCTL = str(Path(sys.executable).parent / "orderctl")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. ``limit`` is what ``value`` may be at most, or at least when ``at_least``."""

    name: str
    value: float
    limit: float
    unit: str
    how: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Tell whether the target is met."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def cells(self) -> str:
        """Return the row of a Markdown table."""
        sign, verdict = ("≥" if self.at_least else "≤"), ("yes" if self.met else "NO")
        return (
            f"| {self.name} | {self.value:.2f}{self.unit} | {sign} {self.limit:g}{self.unit} | {verdict} | {self.how} |"
        )


class Workspace:
    """A generated workspace under Git, and what is done to it."""

    def __init__(self, folder: Path, size: int, seed: int) -> None:
        self.folder, self.size = folder, size
        self.documents = generate.write(generate.generate(size, seed), folder)
        generate.commit(folder)
        orders = sorted(folder.glob("orders/*/*/*/order.yaml"))
        self.order = orders[len(orders) // 2]
        self.text = self.order.read_text(encoding="utf-8")
        self.edits = 0

    def check(self, *options: str) -> list[str]:
        """Return the command that checks this workspace."""
        return [ORDERCTL, "check", "--output", "concise", *options]

    def forget(self) -> None:
        """Delete the book, so that the next run is cold."""
        for path in (self.folder / ".orderctl").glob("*"):
            if path.is_file():
                path.unlink()

    def edit(self) -> None:
        """Change a remark of one order, another one each time."""
        self.edits += 1
        self.order.write_text(f"{self.text}remarks: 第 {self.edits} 次修改\n", encoding="utf-8")

    def commit_edit(self) -> None:
        """Change one order and commit it; the book still holds the state before."""
        self.edit()
        git = ["git", "-C", str(self.folder), "-c", "user.name=bench", "-c", "user.email=bench@orderctl.example"]
        subprocess.run([*git, "commit", "-q", "-a", "-m", "edit"], check=True)


def cold(space: Workspace, sample: int, scratch: Path) -> tuple[list[Row], list[str]]:
    """Return the rows of a cold check, and notes on how the rival was measured."""
    space.forget()
    ours = measure.run(space.check(), space.folder)
    space.forget()
    memory = measure.run(space.check(), space.folder, memory=True).memory
    loop = rivals.bare_loop(space.folder)
    rates = list(rivals.check_jsonschema(space.folder, sample, scratch))
    documents = sum(rate.files for rate in rates)
    in_all = sum(rate.start + rate.files * rate.each for rate in rates)
    without = sum(rate.files * rate.each for rate in rates)
    speed = documents / ours.wall
    tried = sum(rate.tried for rate in rates)
    rows = [
        Row(
            "cold check : check-jsonschema, documents per second",
            speed / (documents / without),
            20,
            "×",
            f"{speed:.0f}/s : {documents / without:.1f}/s",
            at_least=True,
        ),
        Row(
            "cold check : CSafeLoader + jsonschema-rs, CPU",
            ours.cpu / loop.cpu,
            3,
            "×",
            f"{ours.cpu:.2f} s : {loop.cpu:.2f} s",
        ),
        Row("cold check: peak memory of all processes", memory, 400, " MB", f"PSS, every {measure.POLL * 1000:.0f} ms"),
    ]
    without_start, with_start = f"{without:.0f} s without its start-up", f"{in_all:.0f} s with it"
    notes = [
        f"{space.size} orders are {documents} documents; cold check {ours.wall:.2f} s",
        f"check-jsonschema ran on {tried} of them, at most {sample} of each kind",
        f"its time per document of a kind × the kind's documents: {without_start}, {with_start}",
    ]
    return rows, notes


def warm(space: Workspace, small: Workspace, rounds: int) -> list[Row]:
    """Return the rows of runs with a current book."""
    taken = []
    for each in (small, space):
        measure.run(each.check("--rev", "HEAD"), each.folder)
        taken.append(measure.median(rounds, each.check("--rev", "HEAD"), each.folder, each.commit_edit))
    measure.run(space.check(), space.folder)
    status = measure.median(rounds, ["git", "status", "--porcelain"], space.folder)
    same = measure.median(rounds, space.check(), space.folder)
    edited = measure.median(rounds, space.check(), space.folder, space.edit)
    return [
        Row(
            f"one order changed, check --rev: {space.size} : {small.size} orders",
            taken[1] / taken[0],
            1.3,
            "×",
            f"{taken[1]:.3f} s : {taken[0]:.3f} s",
        ),
        Row(
            "one order changed in the work tree, over git status",
            edited - status,
            0.3,
            " s",
            f"{edited:.3f} s − {status:.3f} s",
        ),
        Row("nothing changed, over git status", same - status, 0.2, " s", f"{same:.3f} s − {status:.3f} s"),
    ]


def report(rows: list[Row], notes: list[str]) -> str:
    """Return the result as Markdown."""
    head = "| measured | result | target | met | from |\n|---|---|---|---|---|\n"
    python = f"Python {sys.version.split()[0]}"
    facts = "".join(f"- {fact}\n" for fact in [*notes, *measure.machine(), python])
    return head + "".join(f"{row.cells()}\n" for row in rows) + "\n" + facts


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="orders of the large workspace")
    parser.add_argument("--small", type=int, default=1_000, help="orders of the small one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=200, help="files of a kind that check-jsonschema gets at most")
    parser.add_argument("--rounds", type=int, default=7, help="runs that a warm time is the median of")
    parser.add_argument("--output", type=Path, help="write the Markdown to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="orderctl-bench-") as name:
        folder = Path(name)
        print("generating", file=sys.stderr)
        space = Workspace(folder / "large", options.size, options.seed)
        small = Workspace(folder / "small", options.small, options.seed)
        (folder / "schemas").mkdir()
        print("measuring cold runs", file=sys.stderr)
        rows, notes = cold(space, options.sample, folder / "schemas")
        print("measuring warm runs", file=sys.stderr)
        rows += warm(space, small, options.rounds)
    text = report(rows, notes)
    print(text, end="")
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
