"""The findings of the machine's own stages, by dotted code. One file a stage."""

from __future__ import annotations

from typing import Protocol

from orderctl.model import Severity
from orderctl.rule import Code


class Writer(Protocol):
    """Makes a code of one stage."""

    def __call__(
        self, id: str, zh: str, en: str, hint_zh: str, hint_en: str, why_zh: str = "", why_en: str = "", /
    ) -> Code:
        """Return the code; without a reason of its own it has the stage's."""


def writer(stage_zh: str = "", stage_en: str = "") -> Writer:
    """Return what makes the codes of a stage whose common reason is ``stage_zh``/``stage_en``."""

    def code(id: str, zh: str, en: str, hint_zh: str, hint_en: str, why_zh: str = "", why_en: str = "", /) -> Code:
        return Code(
            id=id,
            severity=Severity.ERROR,
            since="0.1",
            zh=zh,
            en=en,
            hint_zh=hint_zh,
            hint_en=hint_en,
            why_zh=why_zh or stage_zh,
            why_en=why_en or stage_en,
        )

    return code
