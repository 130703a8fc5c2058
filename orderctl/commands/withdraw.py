"""``orderctl withdraw ID``: takes back one's own newest decision, named by its digest."""

from __future__ import annotations

from typing import Any

import click

from orderctl.commands._decision import decide, decision_options
from orderctl.session import Command


@click.command("withdraw", cls=Command, help="Take back your own decision at a stage; the opinion says why.")
@decision_options
def command(id: str, **given: Any) -> int:
    """Exit 2 when there is nothing to withdraw, 11 for what the gate would deny."""
    return decide("withdraw", id, given)
