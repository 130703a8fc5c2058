"""The ledger beside the branch it tells of: when each step was seen, and where the two don't agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orderctl.codes.gate import REF_NON_FF
from orderctl.codes.server import LEDGER_BROKEN, LEDGER_GAP
from orderctl.model import Finding
from orderctl.trust.graph import Graph
from orderctl.trust.ledger import Entry, Ledger
from orderctl.trust.refusal import Refusal


def seen(ledger: Ledger, line: Sequence[str]) -> list[int | None]:
    """Return for each state of a line when the push that brought it was seen; None: the ledger doesn't tell.

    A push of several states was seen once, for all of them.
    """
    places = {id: place for place, id in enumerate(line)}
    times: list[int | None] = [None] * len(line)
    for entry in ledger.entries:
        start = places[entry.old] + 1 if entry.old in places else 0
        for at in range(start, places.get(entry.new, -1) + 1):
            if times[at] is None:  # what was seen before, on this branch or another, was seen then
                times[at] = entry.observed
    return times


def disagreements(
    ledger: Ledger, ref: str, graph: Graph, tip: str, line: Sequence[str], root: str
) -> Iterator[Finding]:
    """Yield where the ledger's entries don't chain, where the branch has lost a commit, and what it doesn't tell of."""
    last, states = "", {root, *line}
    for entry in _of(ledger, ref):
        if last and entry.old != last:
            yield _gap(ref, tip=entry.old, last=last)
        if entry.new not in states and not within(graph, entry.new, root):
            yield REF_NON_FF.at("", commit=tip, person="", head=tip[:12], base=entry.new[:12])
        elif (tree := _tree(graph, entry.new)) != entry.tree:
            what = f"tree {tree[:12]}"
            yield LEDGER_BROKEN.at("", commit=entry.new, person="", file="ledger", entry=entry.seq, what=what)
        last = entry.new
    if last and last != tip:
        yield _gap(ref, tip=tip, last=last)


def _of(ledger: Ledger, ref: str) -> Sequence[Entry]:
    return [entry for entry in ledger.entries if entry.ref == ref]


def within(graph: Graph, commit: str, root: str) -> bool:
    """Tell whether a commit lies before the root: what was there then, the root stands for."""
    try:
        return graph.is_ancestor(commit, root)
    except Refusal:
        return False


def _tree(graph: Graph, commit: str) -> str:
    try:
        return graph.commit(commit).tree
    except Refusal:
        return ""


def _gap(ref: str, *, tip: str, last: str) -> Finding:
    return LEDGER_GAP.at("", commit=tip, person="", ref=ref, tip=tip[:12], last=last[:12])
