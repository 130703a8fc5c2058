"""Can every seat of a flow be filled by somebody else? The answer beside that of trying everything."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from orderctl.trust.soundness import seat_faults

ROLES = "abcd"
Stages = Sequence[tuple[int, frozenset[str]]]
SOME = st.frozensets(st.sampled_from(ROLES), min_size=1, max_size=3)
STAGES = st.lists(st.tuples(st.integers(1, 3), SOME), min_size=1, max_size=4)


def fits(people: Sequence[frozenset[str]], stages: Stages) -> bool:
    """Tell whether different persons can fill all seats, by trying every choice."""
    if not stages:
        return True
    (needs, roles), *rest = stages
    able = [n for n, own in enumerate(people) if own & roles]
    return any(
        fits([own for n, own in enumerate(people) if n not in chosen], rest) for chosen in combinations(able, needs)
    )


def expected(people: Sequence[frozenset[str]], stages: Stages) -> str:
    """Return the place of the first stage that can't be filled, on its own or beside those before it; "" if all can."""
    alone = [n for n, stage in enumerate(stages) if not fits(people, [stage])]
    beside = [n for n in range(len(stages)) if not fits(people, stages[: n + 1])]
    return next((f"/flows/0/stages/{n}" for n in (*alone, *beside)), "")


@given(st.lists(SOME, max_size=6), STAGES)
def test_seats_are_filled_where_any_choice_fills_them(people: list[frozenset[str]], stages: Stages) -> None:
    rows = [{"id": f"s{n}", "needs": needs, "roles": sorted(roles)} for n, (needs, roles) in enumerate(stages)]
    flows = {"flows": [{"id": "x", "subject": "order", "stages": rows}]}
    persons = {"people": [{"id": f"p{n}", "roles": sorted(roles)} for n, roles in enumerate(people)]}
    found = [f.pointer for f in seat_faults(flows, persons, [], 0, "")]
    assert found == [*filter(None, [expected(people, stages)]), "/flows"]
