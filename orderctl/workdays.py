"""Working days, close of business and company time, read from the book's calendar and workspace documents.

Days are ISO dates (2024-05-20), instants are RFC 3339 with a zone. A year without a calendar document has ordinary
weekends and no holidays. Source of holidays and make-up days 调休: the year's notice of the State Council.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderctl.hookspecs import Book

FARTHEST = 10000
"""The most working days that can be counted, some forty years."""
ZONE = "Asia/Shanghai"
CLOSE = "18:00"
HOURS = ("9:00-18:00",)
"""Working hours of a company that states none, or none that can be worked in."""


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


def add_working_hours(book: Book, instant: str, hours: int | Decimal) -> str:
    """Return when ``hours`` working hours after ``instant`` are over, in the company's zone, as RFC 3339.

    Time outside working hours, on weekends and holidays doesn't count; make-up days do. Hours that end at a break end
    when it begins. Raises ValueError for negative hours and for an end more than 10,000 days ahead.
    """
    start, zone = moment(instant).astimezone(UTC), _zone(book)
    left = timedelta(microseconds=int(Decimal(hours) * 3_600_000_000))
    if left < timedelta(0):
        raise ValueError(f"{hours} working hours can't be counted")
    if not left:
        return start.astimezone(zone).isoformat()
    company = book.doc("workspace", "workspace")
    spans = _spans(tuple(company.get("working_hours") or HOURS) if company else HOURS)
    night = spans[-1][1] > timedelta(days=1)  # hours after midnight belong to the day before
    day = start.astimezone(zone).date() - timedelta(days=night)
    for _ in range(FARTHEST):
        if _is_workday(book, day):
            for opens, closes in _on(day, spans, zone):
                begin = max(opens, start)
                if begin < closes and closes - begin >= left:
                    return (begin + left).astimezone(zone).isoformat()
                left -= max(timedelta(0), closes - begin)
        day += timedelta(days=1)
    raise ValueError(f"{hours} working hours are too many to count")


def _on(day: date, spans: Sequence[tuple[timedelta, timedelta]], zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working hours of one day as instants; where clocks are put forward they are shorter by that."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  the wall clock's
    for opens, closes in spans:
        yield (
            (midnight + opens).replace(tzinfo=zone).astimezone(UTC),
            (midnight + closes).replace(tzinfo=zone).astimezone(UTC),
        )


@lru_cache(maxsize=16)
def _spans(written: tuple[str, ...]) -> tuple[tuple[timedelta, timedelta], ...]:
    """Return working hours as spans after midnight, sorted and without overlaps."""
    spans: list[tuple[timedelta, timedelta]] = []
    for opens, closes in sorted(map(_span, written)):
        begin = max(opens, spans[-1][1]) if spans else opens
        if begin < closes:
            spans.append((begin, closes))
    return tuple(spans) or _spans(HOURS)


def _span(written: str) -> tuple[timedelta, timedelta]:
    times = (t.split(":") for t in written.split("-"))
    opens, closes = (timedelta(hours=int(hour), minutes=int(minute)) for hour, minute in times)
    return opens, closes


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
