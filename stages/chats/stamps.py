"""Dates and times as messengers write them, in Korean and English."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?i:{'|'.join(_MONTHS)})[a-z]{{0,6}}"
DATE = (
    r"(?:\d{4}[년年]\s?\d{1,2}[월月]\s?\d{1,2}[일日]"
    r"|\d{4}[-./]\s?\d{1,2}[-./]\s?\d{1,2}\.?"
    r"|\d{1,2}[-./]\s?\d{1,2}[-./]\s?(?:\d{4}|\d{2})\.?"
    rf"|\d{{1,2}}[-. ]\s?{_MONTH}\.?[-, ]\s?(?:\d{{4}}|\d{{2}})"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
"""`2026년 11월 19일`, `2026. 11. 19.`, `19.11.26`, `11/19/26`, `19-Nov-26`, `November 19, 2026`."""
_WEEKDAY = (
    r"\(?(?:[월화수목금토일](?:요일)?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6})\)?"
)
DAY = rf"(?:{_WEEKDAY},?\s)?{DATE}(?:,?\s?{_WEEKDAY}(?!\w))?"
"""A date that may have its day of the week."""
_HALF = r"(?:오전|오후|午前|午後|[AaPp]\.?[Mm]\.?(?![A-Za-z]))"
TIME = rf"(?:{_HALF}\s?)?\d{{1,3}}:[0-5]\d(?::[0-5]\d)?(?!:?\d)(?:\s?{_HALF})?"
"""`오후 3:14`, `3:14 PM`, `15:14`, `15:14:03`; between hours and half there may be U+202F."""
STAMP = rf"(?P<date>{DATE}),?[\sT](?:at\s)?(?P<time>{TIME})"

_AFTERNOON = re.compile(r"오후|午後|[Pp]\.?[Mm]")
_MORNING = re.compile(r"오전|午前|[Aa]\.?[Mm]")
_NUMBER = re.compile(r"\d+")
_DAY = 24 * 3600
_MONTH_NAME = re.compile(rf"\b{_MONTH}")


def has_half(clock: str) -> bool:
    """Tell whether a time says which half of the day it is in."""
    return bool(_AFTERNOON.search(clock) or _MORNING.search(clock))


def offset(clock: str) -> str:
    """Return the time since a recording began with its hours.

    >>> offset("01:13"), offset("1:02:03")
    ('0:01:13', '1:02:03')
    """
    return clock if clock.count(":") > 1 else f"0:{clock}"


def seconds_of(clock: str) -> int:
    """Return the seconds since midnight, or since the recording began.

    >>> seconds_of("오후 3:14"), seconds_of("12:00 AM"), seconds_of("0:01:13")
    (54840, 0, 73)
    """
    hours, minutes, *rest = (int(part) for part in _NUMBER.findall(clock))
    if has_half(clock):
        hours = hours % 12 + 12 * bool(_AFTERNOON.search(clock))
    return hours * 3600 + minutes * 60 + sum(rest)


def day_first(dates: Iterable[str]) -> bool:
    """Tell whether dates such as `3/4/24` have the day first, by the file's other dates.

    >>> day_first(["3/4/24", "13/4/24"]), day_first(["3/4/24", "3/14/24"])
    (True, False)

    Where none of them has a number above 12: dots have it first, and slashes where the dates then
    never go back but would do so otherwise.
    """
    parts = [[int(n) for n in _NUMBER.findall(one)[:3]] for one in dict.fromkeys(dates)]
    short = [one for one in parts if len(one) == 3 and one[0] < 32]
    if any(one[0] > 12 for one in short):
        return True
    if any(one[1] > 12 for one in short):
        return False
    if any(re.match(r"\d{1,2}\.", one) for one in dates):
        return True
    american = [(year, month, day) for month, day, year in short]
    european = [(year, month, day) for day, month, year in short]
    return american != sorted(american) and european == sorted(european)


def date_of(written: str, *, day_first: bool) -> date | None:
    """Return the date; none where there is no such day.

    >>> date_of("2026년 11월 19일 목요일", day_first=False)
    datetime.date(2026, 11, 19)
    >>> date_of("19-Nov-26", day_first=False), date_of("4/3/24", day_first=True)
    (datetime.date(2026, 11, 19), datetime.date(2024, 3, 4))
    """
    numbers = [int(number) for number in _NUMBER.findall(written)]
    name = _MONTH_NAME.search(written)
    if name:
        day, year = numbers[:2]
        month = _MONTHS.index(name[0][:3].lower()) + 1
    elif numbers[0] > 31:
        year, month, day = numbers[:3]
    else:
        first, second, year = numbers[:3]
        day, month = (first, second) if day_first else (second, first)
    try:
        return date(year + 2000 * (year < 100), month, day)
    except ValueError:
        return None


def moments(stamps: Sequence[tuple[str, str]]) -> list[datetime | None]:
    """Return when each message was written; none where nothing tells the time.

    A stamp is a date and a time as they are written, either of them perhaps empty. Without a date
    the days count from 0001-01-01, and a time that goes back is the next day's.
    """
    european = day_first([written for written, _ in stamps if written])
    today, last = date.min, 0
    known: dict[str, date] = {}
    found: list[datetime | None] = []
    for written, clock in stamps:
        if written:
            if written not in known:
                known[written] = date_of(written, day_first=european) or today
            today = known[written]
        if not clock:
            found.append(None)
            continue
        seconds = min(seconds_of(clock), _DAY - 1) if written else seconds_of(clock)
        if not written and seconds < last:
            today += timedelta(days=1)
        last = 0 if written else seconds
        found.append(datetime.combine(today, time()) + timedelta(seconds=seconds))
    return found
