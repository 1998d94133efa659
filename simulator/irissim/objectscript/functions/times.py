# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$HOROLOG dates and times as text and back."""

from __future__ import annotations

import math
import re
import time
from datetime import UTC, date, datetime, timedelta

from irissim.objectscript.functions.strict import Given, strict
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int, to_number, to_string

_DAY_ZERO = date(1840, 12, 31)
_LAST_DAY = (date.max - _DAY_ZERO).days
_UNIX_DAY = (date(1970, 1, 1) - _DAY_ZERO).days
_DAY_SECONDS = 86400
_MOST_DECIMALS = 9
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def horolog(when: datetime) -> str:
    """$HOROLOG of a moment."""
    return f"{(when.date() - _DAY_ZERO).days},{when.hour * 3600 + when.minute * 60 + when.second}"


def timestamp() -> str:
    """$ZTIMESTAMP: now in UTC with fractions of a second."""
    now = datetime.now(UTC)
    fraction = numbers.number_text(numbers.parse_leading_number(f"0.{now.microsecond:06d}"))
    return horolog(now) + (fraction if fraction != "0" else "")


@strict("now", least=0, most=1)
def _now(given: Given) -> Value:
    now = datetime.now()
    return horolog(now) + f".{now.microsecond:06d}".rstrip("0").rstrip(".")


@strict("zdate", "zd", least=1, most=9)
def _zdate(given: Given) -> Value:
    return _date_text(given.integer(0), given.integer(1, 1))


@strict("ztime", "zt", least=1, most=6)
def _ztime(given: Given) -> Value:
    return _time_text(given.text(0), given.integer(1, 1), _precision(given, 2))


@strict("zdatetime", "zdt", least=1, most=9)
def _zdatetime(given: Given) -> Value:
    day, _, seconds = given.text(0).partition(",")
    dformat = given.integer(1, 1)
    if dformat == -2:
        return _unix_time(to_int(day), seconds)
    text = _date_text(to_int(day), dformat)
    if not seconds and not given.has(2):
        return text
    separator = "T" if given.integer(2, 1) in (5, 7) and dformat == 3 else " "
    return text + separator + _time_text(seconds or "0", given.integer(2, 1), _precision(given, 3))


@strict("zdateh", "zdh", least=1, most=9)
def _zdateh(given: Given) -> Value:
    return _day_number(given.text(0), given.integer(1, 1))


@strict("ztimeh", "zth", least=1, most=3)
def _ztimeh(given: Given) -> Value:
    return _second_number(given.text(0))


@strict("zdatetimeh", "zdth", least=1, most=9)
def _zdatetimeh(given: Given) -> Value:
    if given.integer(1, 1) == -2:
        moment = datetime.fromtimestamp(given.integer(0))
        return horolog(moment)
    day, _, clock = re.sub(r"[T ](?=\d)", "\x00", given.text(0), count=0).rpartition("\x00")
    if not day:
        day, clock = clock, ""
    number = to_string(_day_number(day.replace("\x00", " "), given.integer(1, 1)))
    return f"{number},{to_string(_second_number(clock))}" if clock else number


def _precision(given: Given, index: int) -> int:
    return min(max(given.integer(index, 0), 0), _MOST_DECIMALS)


def _unix_time(day: int, seconds: str) -> int:
    local = datetime.combine(_DAY_ZERO + timedelta(days=day), datetime.min.time())
    return int((local + timedelta(seconds=to_int(seconds or "0"))).timestamp())


def _date_text(day_number: int, dformat: int) -> str:
    if not 0 <= day_number <= _LAST_DAY:
        raise OsError("<VALUE OUT OF RANGE>")
    day = _DAY_ZERO + timedelta(days=day_number)
    year = f"{day.year % 100:02d}" if 1900 <= day.year <= 1999 else f"{day.year:04d}"
    month = _MONTHS[day.month - 1]
    weekday = _WEEKDAYS[(day.weekday() + 1) % 7]
    texts = {
        -1: f"{day.month:02d}/{day.day:02d}/{year}",
        1: f"{day.month:02d}/{day.day:02d}/{year}",
        2: f"{day.day:02d} {month[:3]} {year}",
        3: day.isoformat(),
        4: f"{day.day:02d}/{day.month:02d}/{year}",
        5: f"{month[:3]} {day.day}, {day.year}",
        6: f"{month[:3]} {day.day} {day.year}",
        7: f"{month[:3]} {day.day:02d} {year}",
        8: day.strftime("%Y%m%d"),
        9: f"{month} {day.day}, {day.year}",
        10: str((day.weekday() + 1) % 7),
        11: weekday[:3],
        12: weekday,
        14: str(day.timetuple().tm_yday),
        15: f"{day.day:02d}/{day.month:02d}/{day.year}",
        16: f"{day.year}/{day.month:02d}/{day.day:02d}",
    }
    if dformat not in texts:
        raise OsError("<ILLEGAL VALUE>")
    return texts[dformat]


def _time_text(seconds_text: str, tformat: int, precision: int) -> str:
    seconds = to_number(seconds_text)
    if not 0 <= seconds < _DAY_SECONDS:
        raise OsError("<ILLEGAL VALUE>")
    whole = math.floor(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    fraction = f"{float(seconds) - whole:.{precision}f}"[1:] if precision > 0 else ""
    twelve, half = (hours - 1) % 12 + 1, "AM" if hours < 12 else "PM"
    texts = {
        -1: f"{hours:02d}:{minutes:02d}:{rest:02d}{fraction}",
        1: f"{hours:02d}:{minutes:02d}:{rest:02d}{fraction}",
        2: f"{hours:02d}:{minutes:02d}",
        3: f"{twelve:02d}:{minutes:02d}:{rest:02d}{fraction}{half}",
        4: f"{twelve:02d}:{minutes:02d}{half}",
        5: f"{hours:02d}:{minutes:02d}:{rest:02d}{fraction}{_offset()}",
        7: f"{hours:02d}:{minutes:02d}:{rest:02d}{fraction}Z",
    }
    if tformat not in texts:
        raise OsError("<ILLEGAL VALUE>")
    return texts[tformat]


def _offset() -> str:
    minutes = -(time.altzone if time.localtime().tm_isdst > 0 else time.timezone) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _day_number(text: str, dformat: int) -> int:
    day = _parse_day(text.strip(), dformat)
    if day is None:
        raise OsError("<ILLEGAL VALUE>")
    return (day - _DAY_ZERO).days


def _parse_day(text: str, dformat: int) -> date | None:
    forms = {
        1: ("%m/%d/%Y", "%m/%d/%y"),
        2: ("%d %b %Y", "%d %b %y"),
        3: ("%Y-%m-%d",),
        4: ("%d/%m/%Y", "%d/%m/%y"),
        5: ("%b %d, %Y", "%Y-%m-%d", "%m/%d/%Y"),
        6: ("%b %d %Y",),
        7: ("%b %d %Y", "%b %d %y"),
        8: ("%Y%m%d",),
        9: ("%B %d, %Y",),
    }
    for form in forms.get(dformat, ()):
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        # Two-digit years belong to the twentieth century, as $ZDATE prints them.
        return found.date().replace(year=1900 + found.year % 100) if form.endswith("%y") else found.date()
    return None


def _second_number(text: str) -> Value:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d*)?)?\s*([AaPp][Mm])?(?:Z|[+-]\d\d:\d\d)?", text.strip())
    if match is None:
        raise OsError("<ILLEGAL VALUE>")
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        hours = hours % 12 + (12 if match[5].upper() == "PM" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise OsError("<ILLEGAL VALUE>")
    total = hours * 3600 + minutes * 60 + seconds
    return numbers.add(total, numbers.parse_leading_number("0" + match[4])) if match[4] else total
