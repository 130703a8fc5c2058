"""``orderctl reject ID``: says no to an order, the policy or a waiver, and what must change."""

from __future__ import annotations

from typing import Any

from orderctl.commands._decision import decide, decision_command


@decision_command("reject", "Reject an order, the policy or a waiver; the opinion says what must change.")
def command(id: str, **given: Any) -> int:
    """Exit 2 for what can't be signed here, 11 for what the gate would deny."""
    return decide("reject", id, given)
