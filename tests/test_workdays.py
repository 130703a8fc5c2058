"""Working days over a calendar document, close of business, company days; the generated calendar of a year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest

from orderctl.calendar_year import calendar_document
from orderctl.workdays import (
    add_workdays,
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
