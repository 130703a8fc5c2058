"""Server: does the pinned root of trust hold, and does every protected branch descend from it?"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl.codes.doctor import DOCTOR_BRANCH_MISSING
from orderctl.doctor import Context
from orderctl.model import Finding
from orderctl.trust.server import pin_problem, read_server


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the pin."""
    if not context.server:
        return
    server = read_server(context.git)
    finding = pin_problem(context.git, server)
    if finding is not None:
        yield finding
    for ref in server.protected:
        if context.git.resolve(ref) is None:
            yield DOCTOR_BRANCH_MISSING.at("", commit="", person="", ref=ref)
