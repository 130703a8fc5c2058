"""``orderctl approve ID``: says yes to an order, the policy or a waiver, signed, in a signed commit."""

from __future__ import annotations

from typing import Any

import click

from orderctl.commands._decision import decide, decision_command


@decision_command(
    "approve",
    "Approve an order, the policy or a waiver: shows what you sign, signs it with your SSH key, commits it signed.",
    click.option(
        "--prepare", default="", metavar="PERSON", help="Write the statement for that person's review on the forge."
    ),
)
def command(id: str, prepare: str, **given: Any) -> int:
    """Exit 2 for what can't be signed here, 11 for what the gate would deny."""
    return decide("approve", id, given, prepare)
