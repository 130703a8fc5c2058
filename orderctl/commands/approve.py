"""``orderctl approve ID``: says yes to an order, the policy or a waiver, signed, in a signed commit."""

from __future__ import annotations

from typing import Any

import click

from orderctl.commands._decision import decide, decision_options
from orderctl.session import Command


@click.command(
    "approve",
    cls=Command,
    help="Approve an order, the policy or a waiver: shown, signed with your SSH key, committed.",
)
@decision_options
@click.option(
    "--prepare", default="", metavar="PERSON", help="Write the statement for that person's review on the forge."
)
def command(id: str, prepare: str, **given: Any) -> int:
    """Exit 2 for what can't be signed here, 11 for what the gate would deny."""
    return decide("approve", id, given, prepare)
