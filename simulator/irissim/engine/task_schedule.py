# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a task is due next, by the properties of its schedule."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from irissim.engine.tasks import DAILY, MONTHLY, MONTHLY_SPECIAL, ON_DEMAND, RUN_AFTER, WEEKLY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irissim.engine.security_objects import Record

DAY_ZERO = date(1840, 12, 31)
_LAST_DAY, _LAST_WEEK = 31, 5
_FAR = 366 * 2


def next_run(record: Record, now: datetime) -> datetime | None:
    """None for a task without a schedule of its own, and for one whose schedule is over."""
    # FIDELITY(documented; TASK): TimePeriod 0 daily, 1 weekly, 2 monthly, 3 monthly special, 4 after another task,
    #   5 on demand; TimePeriodDay is a set of days 1 (Sunday) to 7, a day of the month (31 is the last), or week^day
    #   (week 5 is the last)
    if record["TimePeriod"] in (RUN_AFTER, ON_DEMAND):
        return None
    first = DAY_ZERO + timedelta(days=int(record["StartDate"] or (now.date() - DAY_ZERO).days))
    last = DAY_ZERO + timedelta(days=int(record["EndDate"])) if record["EndDate"] else None
    day = max(first, now.date())
    for _ in range(_FAR):
        if last is not None and day > last:
            return None
        if _fits(record, first, day):
            for second in _seconds(record):
                moment = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
                if moment > now:
                    return moment
        day += timedelta(days=1)
    return None


def _fits(record: Record, first: date, day: date) -> bool:
    period, every = record["TimePeriod"], int(record["TimePeriodEvery"] or 1)
    days, weekday = record["TimePeriodDay"], day.isoweekday() % 7 + 1
    if period == DAILY:
        return (day - first).days % every == 0
    if period == WEEKLY:
        weeks = (_sunday(day) - _sunday(first)).days // 7
        return weeks % every == 0 and str(weekday) in days
    months = (day.year - first.year) * 12 + day.month - first.month
    length = calendar.monthrange(day.year, day.month)[1]
    if period == MONTHLY:
        return months % every == 0 and (day.day == int(days) or (int(days) == _LAST_DAY and day.day == length))
    assert period == MONTHLY_SPECIAL
    week, wanted = (int(part) for part in days.split("^"))
    in_week = day.day > length - 7 if week == _LAST_WEEK else (day.day - 1) // 7 + 1 == week
    return months % every == 0 and weekday == wanted and in_week


def _sunday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % 7)


def _seconds(record: Record) -> Iterator[int]:
    """Seconds of the day."""
    # FIDELITY(documented; TASK): DailyFrequency 0 is once at DailyStartTime, 1 is every DailyIncrement minutes
    #   (DailyFrequencyTime 0) or hours (1) until DailyEndTime
    start = int(record["DailyStartTime"] or 0)
    if record["DailyFrequency"] != "1":
        yield start
        return
    step = int(record["DailyIncrement"]) * (3600 if record["DailyFrequencyTime"] == "1" else 60)
    yield from range(start, int(record["DailyEndTime"] or 0) + 1, step)
