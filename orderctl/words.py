"""How numbers, money and dates read on papers and pages: values in, text out. Formatting only, never arithmetic."""

from __future__ import annotations

import re
from decimal import Decimal

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}
_WHOLE = frozenset({"JPY", "KRW", "VND"})


def money(amount: Decimal | int, currency: str = "") -> str:
    """Return an amount with thousands separators and at least two decimals: 11700 → 11,700.00, CNY → ¥11,700.00.

    ``currency`` is an ISO 4217 code, or "" to leave the sign away. More decimals (a unit price) stay as written.
    """
    value = _decimal(amount)
    least = 0 if currency in _WHOLE else 2
    written = max(0, -int(value.as_tuple().exponent))
    sign = _SIGNS.get(currency, f"{currency} " if currency else "")
    return ("-" if value < 0 else "") + sign + f"{abs(value):,.{max(least, written)}f}"


def number(value: Decimal | int) -> str:
    """Return a quantity with thousands separators and no idle zeros: 1200.50 → 1,200.5."""
    text = f"{_decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | int) -> str:
    """Return a value in percent: 13 → 13%."""
    return number(value) + "%"


def date_zh(value: str) -> str:
    """Return a date, or an instant in its own zone, in Chinese: 2024-05-20 → 2024年5月20日."""
    year, month, day, clock = _parts(value)
    return f"{year}年{month}月{day}日" + (f" {clock}" if clock else "")


def date_en(value: str) -> str:
    """Return a date, or an instant in its own zone, in English: 2024-05-20 → 20 May 2024."""
    year, month, day, clock = _parts(value)
    return f"{day} {_MONTHS[month - 1]} {year}" + (f", {clock}" if clock else "")


def instant(value: str) -> str:
    """Return an instant in its own zone, or a date, in figures: 2024-05-04T09:30:00+08:00 → 2024-05-04 09:30."""
    year, month, day, clock = _parts(value)
    return f"{year}-{month:02}-{day:02}" + (f" {clock}" if clock else "")


def _parts(value: str) -> tuple[int, int, int, str]:
    """Return year, month, day and "HH:MM" or ""; raise ValueError for anything else."""
    found = _DATE.fullmatch(value)
    if not found or not 1 <= int(found[2]) <= 12:
        raise ValueError(f"not a date: {value!r}")
    return int(found[1]), int(found[2]), int(found[3]), found[4] or ""


def _decimal(value: Decimal | int) -> Decimal:
    """Refuse what is no exact number: a float, a bool, a text or NaN on a paper is a mistake in its view."""
    given: object = value
    if isinstance(given, bool) or not isinstance(given, int | Decimal) or not Decimal(given).is_finite():
        raise TypeError(f"not an exact number: {given!r}")
    return Decimal(given)
