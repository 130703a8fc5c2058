"""Server: does the ledger's chain hold, and does it end where the protected branches are?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orderctl.codes.doctor import DOCTOR_LEDGER_BEHIND, DOCTOR_LEDGER_TORN
from orderctl.doctor import Context
from orderctl.model import Finding
from orderctl.trust.ledger import ledger_path, read_ledger
from orderctl.trust.server import read_server


def check(context: Context) -> Iterator[Finding]:
    """Yield what the ledger lacks. Raises Refusal for a broken chain."""
    if not context.server:
        return
    server = read_server(context.git)
    ledger = read_ledger(ledger_path(context.git.git_dir))
    if ledger.torn:
        yield DOCTOR_LEDGER_TORN.at("", commit="", person="")
    for ref in server.protected:
        tip = context.git.resolve(ref)
        entry = ledger.last(ref)
        last = entry.new if entry else server.root
        if tip is not None and tip != last:
            params: dict[str, Any] = {"ref": ref, "tip": tip[:10], "last": last[:10]}
            yield DOCTOR_LEDGER_BEHIND.at("", commit=tip, person="", **params)
