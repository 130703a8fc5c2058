"""One thing that is refused, on its way to the place that judges it: caught for each commit and each document."""

from __future__ import annotations

from orderctl.model import Finding


class Refusal(Exception):
    """Something is refused; ``finding`` says what, where and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding
