"""A year in, the working-day calendar document of that year out: Chinese public holidays with make-up days 调休."""

from __future__ import annotations

from datetime import date
from typing import Any

OFFICIAL = "国务院办公厅关于{year}年部分节假日安排的通知"
ESTIMATE = "按《全国年节及纪念日放假办法》推算的{year}年放假安排，待国务院办公厅通知后更新"


def calendar_document(year: int) -> dict[str, Any]:
    """Return the calendar document of ``year`` as plain data, dates as ISO strings.

    ``estimated`` is true when the ``holidays`` library knows no make-up day of that year: the notice is then still
    to come (or the year lies before 2001, when there was none), and only the days that the law names are listed.
    """
    import holidays  # slow to import, needed by one command

    # make-up days of a holiday in January can fall in the December before
    years = (year - 1, year, year + 1)
    zh = holidays.country_holidays("CN", years=years, language="zh_CN")
    en = holidays.country_holidays("CN", years=years, language="en_US")
    made_up = sorted(day for day in zh.weekend_workdays if day.year == year)
    names = {day: (_plain(name, "、"), _plain(en[day], " and ")) for day, name in zh.items()}
    feasts = {day: pair for day, pair in names.items() if "调休" not in pair[0]}
    # a day off 2024-02-15 is called "休息日（由 2024-02-04 调休）": it stands for the make-up day 2024-02-04
    stands_for = {made: off for off, (name, _) in names.items() for made in made_up if made.isoformat() in name}
    rest = [(day, _nearest(day, feasts)) for day in sorted(zh) if day.year == year]
    work = [(day, _nearest(stands_for.get(day, day), feasts)) for day in made_up]
    return {
        "schema": "calendar/1",
        "year": year,
        "source": (OFFICIAL if made_up else ESTIMATE).format(year=year),
        "estimated": not made_up,
        "holidays": [{"date": day.isoformat(), "zh": zh_name, "en": en_name} for day, (zh_name, en_name) in rest],
        "workdays": [
            {"date": day.isoformat(), "zh": f"{zh_name}调休", "en": f"Make-up day for {en_name}"}
            for day, (zh_name, en_name) in work
        ],
    }


def _plain(name: str, joint: str) -> str:
    """Return the library's name without its note that a day was moved; several names joined."""
    return joint.join(part.removesuffix("（补假）").removesuffix(" (observed)") for part in name.split("; "))


def _nearest(day: date, feasts: dict[date, tuple[str, str]]) -> tuple[str, str]:
    """Return the names (zh, en) of the feast next to ``day``, the earlier one when two are as near."""
    return feasts[min(feasts, key=lambda feast: (abs((feast - day).days), feast))]
