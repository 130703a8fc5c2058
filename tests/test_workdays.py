"""Working days over a calendar document, close of business, company days; the generated calendar of a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderctl.calendar_year import calendar_document
from orderctl.workdays import (
    add_workdays,
    add_working_hours,
    company_day,
    company_time,
    due_instant,
    is_workday,
    moment,
    next_workday,
    workdays_between,
)
from tests.fake_book import FakeBook, base_documents

BASE = FakeBook(base_documents())
BARE = FakeBook({})


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2024-05-20", True),  # Monday
        ("2024-05-18", False),  # Saturday
        ("2024-05-19", False),
        ("2024-05-01", False),  # Wednesday, Labour Day
        ("2024-05-11", True),  # Saturday, make-up day
        ("2025-05-01", True),  # Thursday of a year without a calendar
        ("2025-05-03", False),
    ],
)
def test_is_workday(day: str, works: bool) -> None:
    assert is_workday(BASE, day) is works


@pytest.mark.parametrize(
    ("day", "n", "result"),
    [
        ("2024-05-06", 0, "2024-05-06"),
        ("2024-05-06", 1, "2024-05-07"),
        ("2024-05-10", 1, "2024-05-11"),  # a make-up Saturday counts
        ("2024-05-11", 1, "2024-05-13"),
        ("2024-05-06", 10, "2024-05-17"),
        ("2024-04-30", 1, "2024-05-06"),  # over the holiday
        ("2024-05-06", -1, "2024-04-30"),
        ("2024-12-31", 1, "2025-01-01"),  # no calendar for 2025
    ],
)
def test_add_workdays(day: str, n: int, result: str) -> None:
    assert add_workdays(BASE, day, n) == result
    if n and is_workday(BASE, day):
        assert workdays_between(BASE, day, result) == n


def test_a_count_beyond_all_sense_is_refused() -> None:
    assert add_workdays(BARE, "2024-01-01", 10000) > "2062"
    with pytest.raises(ValueError, match="10001 working days"):
        add_workdays(BARE, "2024-01-01", 10001)


def test_workdays_between_leaves_the_first_day_out() -> None:
    assert workdays_between(BASE, "2024-05-06", "2024-05-06") == 0
    assert workdays_between(BASE, "2024-05-04", "2024-05-06") == 1
    assert workdays_between(BASE, "2024-04-30", "2024-05-11") == 6


def test_next_workday() -> None:
    assert next_workday(BASE, "2024-05-20") == "2024-05-20"
    assert next_workday(BASE, "2024-05-01") == "2024-05-06"


def test_due_instant_is_the_end_of_the_last_working_hours() -> None:
    assert due_instant(BASE, "2024-05-20") == "2024-05-20T18:00:00+08:00"
    documents = base_documents()
    documents["orderctl.yaml"] |= {"time_zone": "Europe/Berlin", "working_hours": ["9:00-17:30"]}
    assert due_instant(FakeBook(documents), "2024-05-20") == "2024-05-20T17:30:00+02:00"
    assert due_instant(BARE, "2024-05-20") == "2024-05-20T18:00:00+08:00"


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-05-20", "2024-05-20"),
        ("2024-05-20T15:59:59Z", "2024-05-20"),
        ("2024-05-20T16:00:00Z", "2024-05-21"),
    ],
)
def test_company_day(instant: str, day: str) -> None:
    assert company_day(BASE, instant) == day


def test_an_unknown_zone_does_not_stop_the_clock() -> None:
    documents = base_documents()
    documents["orderctl.yaml"]["time_zone"] = "Mars/Phobos"
    assert company_day(FakeBook(documents), "2024-05-20T16:00:00Z") == "2024-05-21"


def test_company_time() -> None:
    assert company_time(BASE, "2024-05-20T16:00:00Z") == "2024-05-21 00:00"


def test_a_moment_has_its_zone() -> None:
    assert moment("2024-05-20T16:00:00Z") == moment("2024-05-21T00:00:00+08:00")


@pytest.mark.parametrize("year", range(2020, 2027))
def test_a_calendar_of_the_library_is_right_on_every_day(year: int) -> None:
    book = FakeBook({f"calendar/{year}.yaml": calendar_document(year)})
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if year % 4 == 0 else 365)]
    wrong = [d.isoformat() for d in days if is_workday(book, d.isoformat()) != chinese_calendar.is_workday(d)]
    assert wrong == []


def test_the_calendar_of_2024_says_the_same_as_the_notice() -> None:
    book = FakeBook({"calendar/2024.yaml": calendar_document(2024)})
    days = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(366)]
    assert [d for d in days if is_workday(book, d) != is_workday(BASE, d)] == []


def test_a_calendar_names_its_days_and_its_source() -> None:
    document = calendar_document(2024)
    assert {**document, "holidays": None, "workdays": None} == {
        "schema": "calendar/1",
        "year": 2024,
        "source": "国务院办公厅关于2024年部分节假日安排的通知",
        "estimated": False,
        "holidays": None,
        "workdays": None,
    }
    assert in_may(document["holidays"]) == [
        {"date": "2024-05-01", "zh": "劳动节", "en": "Labor Day"},
        {"date": "2024-05-02", "zh": "劳动节", "en": "Labor Day"},
        {"date": "2024-05-03", "zh": "劳动节", "en": "Labor Day"},
    ]
    assert in_may(document["workdays"]) == [
        {"date": "2024-05-11", "zh": "劳动节调休", "en": "Make-up day for Labor Day"}
    ]


def in_may(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [e for e in entries if e["date"].startswith("2024-05")]


def test_a_year_without_a_notice_is_an_estimate() -> None:
    document = calendar_document(2050)
    assert document["estimated"] is True
    assert document["workdays"] == []
    assert document["source"] == "按《全国年节及纪念日放假办法》推算的2050年放假安排，待国务院办公厅通知后更新"
    assert {e["zh"] for e in document["holidays"]} >= {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2024-05-06T09:00:00+08:00", 0, "2024-05-06T09:00:00+08:00"),
        ("2024-05-06T09:00:00+08:00", 3, "2024-05-06T12:00:00+08:00"),  # up to the break, not beyond
        ("2024-05-06T12:00:00+08:00", 1, "2024-05-06T14:30:00+08:00"),
        ("2024-05-06T12:30:00+08:00", 1, "2024-05-06T14:30:00+08:00"),
        ("2024-05-06T13:30:00+08:00", 1, "2024-05-06T14:30:00+08:00"),
        ("2024-05-06T08:59:59+08:00", 1, "2024-05-06T10:00:00+08:00"),
        ("2024-05-06T17:00:00+08:00", 1, "2024-05-06T18:00:00+08:00"),
        ("2024-05-06T17:00:01+08:00", 1, "2024-05-07T09:00:01+08:00"),
        ("2024-05-06T18:00:00+08:00", 1, "2024-05-07T10:00:00+08:00"),
        ("2024-04-30T17:00:00+08:00", 2, "2024-05-06T10:00:00+08:00"),  # over the holiday
        ("2024-05-10T17:00:00+08:00", 2, "2024-05-11T10:00:00+08:00"),  # a make-up Saturday
        ("2024-05-11T17:00:00+08:00", 2, "2024-05-13T10:00:00+08:00"),
        ("2024-05-06T01:00:00Z", 1, "2024-05-06T10:00:00+08:00"),
        ("2024-05-06T09:00:00+08:00", Decimal("0.5"), "2024-05-06T09:30:00+08:00"),
        ("2024-05-06T09:00:00+08:00", 15, "2024-05-07T18:00:00+08:00"),
    ],
)
def test_add_working_hours(start: str, hours: int | Decimal, end: str) -> None:
    assert add_working_hours(BASE, start, hours) == end


START = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 1)).map(  # noqa: DTZ001  Hypothesis adds the zone
    lambda d: d.replace(microsecond=0, tzinfo=UTC).isoformat()
)
HOURS = st.decimals(0, 60, places=2)


@settings(max_examples=100, deadline=None)
@given(START, START, HOURS)
def test_whoever_starts_later_ends_no_earlier(one: str, other: str, hours: Decimal) -> None:
    first, last = sorted([one, other], key=moment)
    assert moment(add_working_hours(BASE, first, hours)) <= moment(add_working_hours(BASE, last, hours))


@settings(max_examples=100, deadline=None)
@given(START, HOURS, HOURS)
def test_hours_in_two_parts_are_the_hours_in_one(start: str, one: Decimal, other: Decimal) -> None:
    assert add_working_hours(BASE, add_working_hours(BASE, start, one), other) == (
        add_working_hours(BASE, start, one + other)
    )
    assert moment(add_working_hours(BASE, start, one)) >= moment(start)


def test_working_hours_where_clocks_are_put_forward_and_back() -> None:
    documents = base_documents()
    documents["orderctl.yaml"] |= {"time_zone": "Europe/Berlin", "working_hours": ["0:00-24:00"]}
    book = FakeBook({p: d for p, d in documents.items() if not p.startswith("calendar/")})
    assert add_working_hours(book, "2024-03-29T12:00:00+01:00", 24) == "2024-04-01T12:00:00+02:00"  # the Sunday is free
    documents["orderctl.yaml"] |= {"working_hours": ["9:00-17:00"]}
    assert add_working_hours(FakeBook(documents), "2024-03-29T16:00:00+01:00", 2) == "2024-04-01T10:00:00+02:00"


def test_working_hours_that_nobody_can_work_are_the_ordinary_ones() -> None:
    documents = base_documents()
    for written in (["18:00-9:00"], ["9:00-9:00"]):
        documents["orderctl.yaml"] |= {"working_hours": written}
        assert add_working_hours(FakeBook(documents), "2024-05-06T17:00:00+08:00", 2) == "2024-05-07T10:00:00+08:00"
    documents["orderctl.yaml"] |= {"working_hours": ["13:00-18:00", "9:00-14:00"]}  # out of order, overlapping
    assert add_working_hours(FakeBook(documents), "2024-05-06T09:00:00+08:00", 9) == "2024-05-06T18:00:00+08:00"
    assert add_working_hours(BARE, "2024-05-06T09:00:00+08:00", 9) == "2024-05-06T18:00:00+08:00"


def test_hours_beyond_all_sense_are_refused() -> None:
    for hours in (-1, 10**7):
        with pytest.raises(ValueError, match="working hours"):
            add_working_hours(BARE, "2024-05-06T09:00:00+08:00", hours)
