"""``orderctl reject ID``: says no to an order, the policy or a waiver, and what must change."""

from __future__ import annotations

from typing import Any

import click

from orderctl.commands._decision import decide, decision_options
from orderctl.session import Command


@click.command(
    "reject", cls=Command, help="Reject an order, the policy or a waiver; the opinion says what must change."
)
@decision_options
def command(id: str, **given: Any) -> int:
    """Exit 2 for what can't be signed here, 11 for what the gate would deny."""
    return decide("reject", id, given)
