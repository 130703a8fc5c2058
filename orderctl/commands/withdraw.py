"""``orderctl withdraw ID``: takes back one's own newest decision, named by its digest."""

from __future__ import annotations

from typing import Any

from orderctl.commands._decision import decide, decision_command


@decision_command("withdraw", "Take back your own decision at a stage; the opinion says why.")
def command(id: str, **given: Any) -> int:
    """Exit 2 when there is nothing to withdraw, 11 for what the gate would deny."""
    return decide("withdraw", id, given)
