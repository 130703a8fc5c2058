"""A report with everything that trips an output format up. ``python -m tests.report.awkward`` writes the expected."""

from __future__ import annotations

from pathlib import Path

from orderctl.model import Report, Severity, Shown
from orderctl.report import formats, renderer

EXPECTED = Path(__file__).parent / "expected"
ESC, RTL, BELL = "\x1b[31m", "\u202e", "\x07"


def shown(rule: str, severity: Severity = Severity.ERROR, path: str = "customers/C1.yaml", **more: object) -> Shown:
    values: dict[str, object] = {
        "line": 3,
        "column": 7,
        "field": "/name",
        "message": "is wrong",
        "hint": "",
        "url": "",
        "source": "name: 云帆",
    }
    return Shown(rule=rule, severity=severity, path=path, **{**values, **more})  # type: ignore[arg-type]


def awkward(language: str) -> Report:
    """Return findings with pipes, newlines, quotes, control characters, bidi, percent signs and command marks."""
    return Report(
        (
            shown(
                "plugin.broken",
                path="",
                line=0,
                column=0,
                field="",
                message="can't be loaded: 100% | of <it>",
                source="",
            ),
            shown("path.charset", path=f"customers/{ESC}a,b:c\udcff.yaml", line=0, column=0, field="", source=""),
            shown(
                "credit-limit-exceeded",
                message="北京云帆科技 将欠款 210000.00，超出额度 200000.00",
                hint="先收回一部分货款，或请财务调整额度",
                url="https://orders.example/rules.html#credit-limit-exceeded",
                line=12,
                column=22,
                field="/credit/limit",
                source="credit: {名称: 额度, limit: 200000.00}",
            ),
            shown(
                "line-amount-wrong",
                message=f'says "8300" {ESC}red{BELL}\nsecond line\r\n::error::no ]]> {RTL}evil & <b>',
                hint="type 8200.00 | `not` 8300.00 *here* [a](javascript:x) @team",
                url="javascript:alert(1)",
                line=4,
                column=41,
                field="/lines/0/amount",
                source=f"  - {{name: '{ESC}{RTL}שלום', amount: 8300.00}}",
            ),
            shown(
                "vague-wording",
                Severity.WARNING,
                path="orders/a b/订单.yaml",
                message="若干 is vague",
                line=1,
                column=1,
            ),
            shown("review-due", Severity.INFO, message="", hint="review it", column=200, source="x" * 300),
        ),
        42,
        language,
    )


def main() -> None:
    """Write what every format says now; look at the difference before committing it."""
    EXPECTED.mkdir(exist_ok=True)
    for name in formats():
        for language in ("en", "zh"):
            text = renderer(name)(awkward(language))
            (EXPECTED / f"{name}.{language}.txt").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
