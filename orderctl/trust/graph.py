"""Commit ids in, ranges, ancestry and merge bases out: no committer date is believed, no commit is read twice.

Two colours flow from two sides down the parents: ``HEAD`` and ``BASE``. Commits that carry only ``HEAD`` are the range.
Dates decide only where to walk next, never what is true, and every fourth step goes elsewhere, so that false dates
can't send the walk down a whole history. A walk ends only where what is unread is provably below what was found.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from heapq import heappop, heappush

from orderctl.codes.commit import COMMIT_MALFORMED, COMMIT_MISSING
from orderctl.objects import Objects
from orderctl.trust.commit import Commit, parse_commit
from orderctl.trust.refusal import Refusal

HEAD, BASE, BOTH = 1, 2, 3
_KEPT = 20_000  # parsed commits that are kept in memory
_ASKED = 16  # commits read one by one before more are read ahead
_AHEAD = 8192  # commits read ahead at most
# How Git itself finds parents; what lies on the base's side needs no more.
_LINKS = re.compile(rb"tree [0-9a-f]{40}\n((?:parent [0-9a-f]{40}\n)*)")
_DATE = re.compile(rb"\ncommitter [^\n]*> ([0-9]{1,12}) [^\n]*\n")

Links = tuple[tuple[str, ...], int]


class Graph:
    """The commits of a repository. Everything raises Refusal ``commit.missing``; ``commit`` those of parse_commit."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._links: dict[str, Links] = {}
        self._commits: OrderedDict[str, Commit] = OrderedDict()
        self._asked = 0
        self._ahead = 128

    def commit(self, id: str) -> Commit:
        """Return a commit, read strictly."""
        known = self._commits.get(id)
        if known is not None:
            self._commits.move_to_end(id)
            return known
        commit = self._commits[id] = parse_commit(id, self._raw(id))
        if len(self._commits) > _KEPT:
            self._commits.popitem(last=False)
        return commit

    def links(self, id: str) -> Links:
        """Return a commit's parents, and its date as a hint where to look next."""
        known = self._links.get(id)
        if known is None:
            raw = self._raw(id)
            found = _LINKS.match(raw)
            if found is None:
                raise Refusal(COMMIT_MALFORMED.at("", commit=id, person="", what="headers"))
            date = _DATE.search(raw, found.end(), found.end() + 2000)
            parents = dict.fromkeys(line[7:].decode() for line in found[1].splitlines())
            known = self._links[id] = (tuple(parents), int(date[1]) if date else 0)
        return known

    def _raw(self, id: str) -> bytes:
        if not self._objects.holds(id):
            self._asked += 1
            if self._asked >= _ASKED:  # a long walk: what git says lies below is read in few rounds, a hint like a date
                self._asked, self._ahead = 0, min(self._ahead * 2, _AHEAD)
                self._objects.prefetch_below(id, self._ahead)
        found = self._objects.get(id)
        if found is None or found[0] != "commit":
            raise _missing(id)
        return found[1]

    def range(self, base: str | None, head: str) -> list[str]:
        """Return every commit reachable from ``head`` and not from ``base``, parents first."""
        painted = _Paint(self, [head], [base] if base else [])
        while painted.live[HEAD] or not painted.settled():
            painted.step()
        return self.parents_first([head], {id for id, colour in painted.colours.items() if colour == HEAD})

    def parents_first(self, starts: Iterable[str], members: set[str]) -> list[str]:
        """Return those of ``members`` that the walk from ``starts`` meets inside them, parents first."""
        order: list[str] = []
        seen: set[str] = set()
        stack = [(id, False) for id in starts]
        while stack:
            id, done = stack.pop()
            if done:
                order.append(id)
            elif id in members and id not in seen:
                seen.add(id)
                stack.append((id, True))
                stack.extend((parent, False) for parent in reversed(self.links(id)[0]))
        return order

    def first_parents(self, base: str, head: str) -> list[str] | None:
        """Return the first-parent chain from ``base`` (exclusive) to ``head``, oldest first, or None."""
        members = set(self.range(base, head))
        chain: list[str] = []
        at = head
        while at in members:
            chain.append(at)
            parents = self.links(at)[0]
            if not parents:
                return None
            at = parents[0]
        return chain[::-1] if at == base else None

    def check(self, base: str, head: str) -> None:
        """Refuse a commit of the range that can't be read strictly: the range itself may hang on how it is read."""
        for id in self.range(base, head):
            self.commit(id)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Tell whether ``old`` is ``new`` or can be reached from it."""
        return self._reached(old, [new])

    def _reached(self, old: str, new: Iterable[str]) -> bool:
        painted = _Paint(self, [old], new)
        while painted.colours[old] != BOTH and (painted.live[HEAD] or not painted.settled()):
            painted.step()
        return painted.colours[old] == BOTH

    def merge_bases(self, a: str, b: str) -> list[str]:
        """Return the best common ancestors, sorted: those that no other common ancestor descends from."""
        painted = _Paint(self, [a], [b])
        while painted.live[HEAD] or painted.live[BASE]:
            painted.step()
        common = {id for id, colour in painted.colours.items() if colour == BOTH}
        below = {parent for id in common & painted.walked for parent in self.links(id)[0]}
        best = sorted(common - below)
        if len(best) == 1:
            return best
        return [id for id in best if not self._reached(id, [other for other in best if other != id])]


class _Paint:
    """A walk from two sides. ``live`` counts commits met but not walked, by colour; ``alone`` those of HEAD alone."""

    def __init__(self, graph: Graph, head: Iterable[str], base: Iterable[str]) -> None:
        self._graph = graph
        self.colours: dict[str, int] = {}
        self.walked: set[str] = set()
        self.live = [0, 0, 0, 0]
        self.alone = 0
        self._heaps: tuple[list[tuple[int, str]], ...] = ([], [], [], [])
        self._steps = 0
        self._enough = 0
        for colour, ids in ((HEAD, head), (BASE, base)):
            for id in ids:
                self._flood(id, colour)

    def step(self) -> None:
        """Walk one commit: the newest, every fourth time that of a colour whose turn it is."""
        self._steps += 1
        open = [colour for colour in (HEAD, BASE, BOTH) if self.live[colour]]
        for colour in open:
            heap = self._heaps[colour]
            while heap[0][1] in self.walked or self.colours[heap[0][1]] != colour:
                heappop(heap)
        turn, rest = divmod(self._steps, 4)
        colour = open[turn % len(open)] if rest == 0 else min(open, key=lambda colour: self._heaps[colour][0][0])
        id = heappop(self._heaps[colour])[1]
        self.walked.add(id)
        self.live[colour] -= 1
        for parent in self._graph.links(id)[0]:
            self._flood(parent, colour)

    def _flood(self, id: str, colour: int) -> None:
        """Give a commit this colour, and with it everything below that was walked."""
        stack = [id]
        while stack:
            id = stack.pop()
            old = self.colours.get(id, 0)
            new = old | colour
            if new == old:
                continue
            self.colours[id] = new
            self.alone += (new == HEAD) - (old == HEAD)
            parents, date = self._graph.links(id)
            if id in self.walked:
                stack.extend(parents)
            else:
                self.live[old] -= 1 if old else 0
                self.live[new] += 1
                heappush(self._heaps[new], (-date, id))

    def settled(self) -> bool:
        """Tell whether what is left to walk can't reach a commit of HEAD alone: it lies below all of them.

        Asked again only after the walk has grown by half, so that asking costs no more than walking.
        """
        left = sum(self.live)
        if not left or not self.alone:
            return True
        if self.live[BASE] or len(self.walked) < self._enough:
            return False
        self._enough = len(self.walked) * 3 // 2 + 16
        links = self._graph.links
        bits: dict[frozenset[str], int] = {}
        below: dict[str, int] = {}  # commit → which of the lowest commits of HEAD alone it is known to lie below
        for id in [id for id, colour in self.colours.items() if colour == HEAD]:
            parents = frozenset(links(id)[0])
            if not any(self.colours[parent] == HEAD for parent in parents):
                bit = bits.setdefault(parents, 1 << len(bits))
                for parent in parents:
                    below[parent] = below.get(parent, 0) | bit
        every = (1 << len(bits)) - 1
        for id in reversed(self._graph.parents_first(list(below), self.walked)):
            for parent in links(id)[0]:
                below[parent] = below.get(parent, 0) | below[id]
        return all(
            below.get(id, 0) == every for id, colour in self.colours.items() if colour == BOTH and id not in self.walked
        )


def _missing(id: str) -> Refusal:
    return Refusal(COMMIT_MISSING.at("", commit=id, person=""))
