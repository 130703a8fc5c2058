"""The gate's trust part over objects in memory: as many verdicts a second as a model or a unit test asks for."""

from __future__ import annotations

from typing import cast

from orderctl.catalogue import load_catalogue
from orderctl.gate import judge_range
from orderctl.git import EMPTY_TREE
from orderctl.model import Severity
from orderctl.objects import Objects
from orderctl.tree import Tree
from orderctl.trust.graph import Graph
from orderctl.trust.parser import Parser
from orderctl.trust.policy import Policy
from orderctl.trust.state import World
from orderctl.trust.trees import Trees
from tests.trust.histories import Commit, Store


class Gate:
    """The gate over objects in memory; what it has read once it knows."""

    def __init__(self) -> None:
        self.store = Store()
        kinds = load_catalogue(Tree(None, None, EMPTY_TREE))
        self.parser, self.facts = Parser(kinds.kinds), kinds.facts
        self.policies: dict[tuple[str | None, str], Policy] = {}
        self.new()

    def new(self) -> None:
        """Forget the objects of the history before, not what bytes mean."""
        self.store.objects.clear()
        self.store.ids.clear()
        objects = cast(Objects, self.store)
        self.world = World(Trees(objects), self.parser, self.facts, self.policies)
        self.graph = Graph(objects)

    def codes(self, old: Commit, new: Commit, now: int) -> set[str]:
        steps, mixed = judge_range(self.world, self.graph, old.id, new.id, now, ())
        findings = [*(f for step in steps for f in step.findings), *mixed]
        return {f.rule for f in findings if f.severity is Severity.ERROR}
