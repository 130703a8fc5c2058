"""The ledger beside the branch it tells of: when each step was seen, and where the two don't agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orderctl.codes.gate import REF_NON_FF
from orderctl.codes.server import LEDGER_BROKEN, LEDGER_GAP
from orderctl.model import Finding
from orderctl.trust.graph import Graph
from orderctl.trust.ledger import Entry, Ledger
from orderctl.trust.refusal import Refusal

ZERO = "0" * 40


def seen(ledger: Ledger, ref: str, places: dict[str, int], count: int) -> list[int | None]:
    """Return for each of the ``count`` states of a line when the push that brought it was seen; None: not known.

    ``places``: commit → its place on the line. A push of several states was seen once, for all of them.
    """
    times: list[int | None] = [None] * count
    done = 0
    for entry in _of(ledger, ref):
        place = places.get(entry.new, -1)
        start = max(done, places[entry.old] + 1) if entry.old in places else done
        for at in range(start, place + 1):
            times[at] = entry.observed
        done = max(done, place + 1)
    return times


def disagreements(
    ledger: Ledger, ref: str, graph: Graph, tip: str, places: dict[str, int], root: str
) -> Iterator[Finding]:
    """Yield where the ledger's entries don't chain, where the branch has lost a commit, and what it doesn't tell of."""
    last = ""
    for entry in _of(ledger, ref):
        if last and entry.old != last:
            yield _gap(ref, tip=entry.old, last=last)
        if entry.new not in places and entry.new != root and not _within(graph, entry.new, root):
            yield REF_NON_FF.at("", commit=tip, person="", head=tip[:12], base=entry.new[:12])
        elif (tree := _tree(graph, entry.new)) != entry.tree:
            yield LEDGER_BROKEN.at(
                "", commit=entry.new, person="", file="ledger", entry=entry.seq, what=f"tree {tree[:12]}"
            )
        last = entry.new
    if last and last != tip:
        yield _gap(ref, tip=tip, last=last)


def _of(ledger: Ledger, ref: str) -> Sequence[Entry]:
    return [entry for entry in ledger.entries if entry.ref == ref]


def _within(graph: Graph, commit: str, root: str) -> bool:
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
