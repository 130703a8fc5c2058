"""Working days, close of business and company time, read from the book's calendar and workspace documents.

Days are ISO dates (2024-05-20), instants are RFC 3339 with a zone. A year without a calendar document has ordinary
weekends and no holidays. Source of holidays and make-up days 调休: the year's notice of the State Council.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderctl.hookspecs import Book

FARTHEST = 10000
"""The most working days that can be counted, some forty years."""
ZONE = "Asia/Shanghai"
CLOSE = "18:00"


def is_workday(book: Book, day: str) -> bool:
    """Tell whether ``day`` is a working day of the company."""
    return _is_workday(book, date.fromisoformat(day))


def add_workdays(book: Book, day: str, n: int) -> str:
    """Return the ``n``-th working day after ``day`` (before it, if ``n`` is negative); ``day`` itself isn't counted.

    Raises ValueError for more than 10,000 days.
    """
    if abs(n) > FARTHEST:
        raise ValueError(f"{n} working days are too many to count")
    at, step = date.fromisoformat(day), timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        at += step
        while not _is_workday(book, at):
            at += step
    return at.isoformat()


def workdays_between(book: Book, first: str, last: str) -> int:
    """Return how many working days come after ``first`` up to and with ``last``; negative if ``last`` is earlier."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if end < start:
        return -workdays_between(book, last, first)
    return sum(_is_workday(book, start + timedelta(days=i)) for i in range(1, (end - start).days + 1))


def next_workday(book: Book, day: str) -> str:
    """Return ``day`` if it is a working day, else the first working day after it."""
    return day if is_workday(book, day) else add_workdays(book, day, 1)


def due_instant(book: Book, day: str) -> str:
    """Return close of business on ``day``: the end of the last working hours, in the company's zone, as RFC 3339."""
    company = book.doc("workspace", "workspace")
    hours = company.get("working_hours") if company else None
    hour, minute = (hours[-1].split("-")[1] if hours else CLOSE).split(":")
    close = datetime.fromisoformat(day).replace(hour=int(hour), minute=int(minute), tzinfo=_zone(book))
    return close.isoformat()


def company_day(book: Book, instant: str) -> str:
    """Return the company's calendar day of ``instant``; a date is returned as it is."""
    return instant if len(instant) == 10 else moment(instant).astimezone(_zone(book)).date().isoformat()


def company_time(book: Book, instant: str) -> str:
    """Return ``instant`` as people in the company read it: 2024-05-20 15:00, in the company's zone."""
    return f"{moment(instant).astimezone(_zone(book)):%Y-%m-%d %H:%M}"


def moment(instant: str) -> datetime:
    """Return an RFC 3339 instant as an aware datetime, to be compared with others in whatever zone."""
    return datetime.fromisoformat(instant)


def _is_workday(book: Book, day: date) -> bool:
    calendar = book.doc("calendar", str(day.year))
    if calendar is not None:
        text = day.isoformat()
        if any(entry["date"] == text for entry in calendar.get("workdays", ())):
            return True
        if any(entry["date"] == text for entry in calendar.get("holidays", ())):
            return False
    return day.weekday() < 5


def _zone(book: Book) -> ZoneInfo:
    company = book.doc("workspace", "workspace")
    return _zone_info(company.get("time_zone", ZONE) if company else ZONE)


@lru_cache(maxsize=16)
def _zone_info(name: str) -> ZoneInfo:
    """Return the zone; an unknown name is a finding of its own, and must not stop every rule that reads a clock."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(ZONE)
