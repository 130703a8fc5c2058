"""Server: are the settings on that keep history from being rewritten, deleted or flooded?"""

from __future__ import annotations

from collections.abc import Iterator

from orderctl.codes.doctor import DOCTOR_SETTING
from orderctl.doctor import Context
from orderctl.model import Finding
from orderctl.trust.server import SETTINGS, read_server

_YES = {"true", "yes", "on", "1"}


def check(context: Context) -> Iterator[Finding]:
    """Yield each setting that is missing or different."""
    if not context.server:
        return
    found = read_server(context.git).settings
    for name, wanted in SETTINGS.items():
        value = found.get(name.lower(), "")
        enough = name == "receive.maxInputSize" and value not in ("", "0")
        if value.lower() != wanted and not enough and not (wanted == "true" and value.lower() in _YES):
            yield DOCTOR_SETTING.at("", commit="", person="", name=name, value=value or "—", wanted=wanted)
