"""Who wrote a file: a merge that takes what one side has wrote nothing; in process."""

from __future__ import annotations

import pytest

from orderctl.trust.change import no_reviews
from orderctl.trust.context import Context, Signed
from orderctl.trust.state import State
from orderctl.trust.wrote import committers, contributors, wrote
from tests.trust.histories import Commit, Customer, Doc
from tests.trust.judging import Gate
from tests.trust.steps import CUSTOMER, NOW, on

OURS, THEIRS, NEITHER = Customer(1), Customer(2), Customer(3)


@pytest.mark.parametrize(("doc", "own"), [(OURS, False), (THEIRS, False), (NEITHER, True)])
@pytest.mark.parametrize("person", ["lin-xiao", ""])
def test_a_merge_wrote_what_no_side_has(gate: Gate, root: Commit, doc: Doc, own: bool, person: str) -> None:
    left, right = on(gate, root, {CUSTOMER: OURS}), on(gate, root, {CUSTOMER: THEIRS})
    merge = gate.store.commit((left, right), {**root.files, CUSTOMER: doc}, NOW - 30, "lin-xiao")
    commit = gate.graph.commit(merge.id)
    before, after = (State(gate.world, gate.graph.commit(c.id).tree, NOW) for c in (root, merge))
    context = Context(gate.world, gate.graph, before.policy(), before, after, merge.id, NOW, no_reviews)
    signed = Signed(commit, person, {CUSTOMER: (before.entry(CUSTOMER), after.entry(CUSTOMER))})
    assert wrote(context, signed, CUSTOMER) is own
    assert wrote(context, signed, "customers/C0002.yaml") is False
    assert committers([signed], CUSTOMER, context) == ([person] if own and person else [])
    assert contributors(context, "customers/C0002.yaml", [signed]) == set()
