"""Time that counts: the business hours of a place, added to moments and measured between them.

Spans are of the local wall clock and lengths are real time, so a day on which the clocks change is as long as it is: a
shop open day and night has 23 or 25 hours then, one open from nine to five has eight. A wall-clock time that the
change skips stands for the moment it would have been, as PEP 495 has it; one that comes twice for the first.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from omnicqm.common.errors import InvalidInput

MOST_DAYS = 3 * 366  # with no open span in as many days there is none
_SPAN = re.compile(r"(\d{2}):(\d{2})\s*[-–]\s*(\d{2}):(\d{2})")
_HOLIDAY = re.compile(r"(?:(?P<year>\d{4})-)?(?P<month>\d{2})-(?P<day>\d{2})(?:\s+\S.*)?")
_DAY = 24 * 60

Span = tuple[int, int]  # minutes of the wall clock from midnight


@dataclass(frozen=True)
class Calendar:
    """`week` are the spans of Monday to Sunday, in order and apart; `holidays` closed days, `yearly` those of every
    year as (month, day)."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    def add(self, moment: datetime, length: timedelta) -> datetime:
        """The moment when `length` of business time has passed since `moment`, in UTC; for none, `moment` itself.

        Raises `InvalidInput` when the place is never open again.
        """
        left = length
        if left <= timedelta(0):
            return moment.astimezone(UTC)
        for start, end in self._spans(moment):
            if end - start >= left:
                return start + left
            left -= end - start
        raise InvalidInput("These business hours have no open day left. Open one.", param="holidays")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The business time from `start` to `end`; nothing when `end` is the earlier one."""
        passed = timedelta(0)
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            passed += min(closes, end) - opens
        return passed

    def is_open(self, moment: datetime) -> bool:
        return self.between(moment, moment + timedelta(microseconds=1)) > timedelta(0)

    def _spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans from `since` on, in UTC, in order and never overlapping."""
        reached = since.astimezone(UTC)
        day = reached.astimezone(self.zone).date() - timedelta(days=1)
        for _ in range(MOST_DAYS):
            for start, end in () if self._is_closed(day) else self.week[day.weekday()]:
                opens, closes = max(self._moment(day, start), reached), self._moment(day, end)
                if closes > opens:
                    yield opens, closes
                    reached = closes
            day += timedelta(days=1)

    def _is_closed(self, day: date) -> bool:
        return day in self.holidays or (day.month, day.day) in self.yearly

    def _moment(self, day: date, minute: int) -> datetime:
        day += timedelta(days=minute // _DAY)
        wall = datetime.combine(day, time(minute % _DAY // 60, minute % 60), self.zone)
        return wall.astimezone(UTC)


def calendar_read(*, time_zone: str, week: Mapping[str, str], holidays: str = "") -> Calendar:
    """The calendar of what people have written; `week` has the seven days' names in order.

    Raises `InvalidInput` naming the field: the time zone, a day, or ``holidays``.
    """
    spans = tuple(_spans_read(text, day) for day, text in week.items())
    if not any(spans):
        raise InvalidInput("Open on one day at least.", param=next(iter(week)))
    once, yearly = _holidays_read(holidays)
    return Calendar(_zone_read(time_zone), spans, once, yearly)


def _zone_read(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("There is no such time zone. Write e.g. Europe/Berlin.", param="time_zone") from error


def _spans_read(text: str, day: str) -> tuple[Span, ...]:
    spans = tuple(_span_read(part.strip(), day) for part in text.split(",") if part.strip())
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise InvalidInput(f"The times of {day} overlap or are out of order.", param=day)
    return spans


def _span_read(text: str, day: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InvalidInput("Write times as 09:00-12:00, 13:00-17:30.", param=day)
    hours = [int(part) for part in found.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or not start < end <= _DAY:
        raise InvalidInput(f"'{text}' is no span of a day: its end comes after its start, 24:00 at most.", param=day)
    return start, end


def _holidays_read(text: str) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    once, yearly = set(), set()
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _HOLIDAY.fullmatch(line)
        try:
            if found is None:
                raise ValueError
            # A leap year, so that the 29th of February may be a holiday of every year that has it.
            day = date(int(found["year"] or 2024), int(found["month"]), int(found["day"]))
        except ValueError as error:
            message = f"'{line[:40]}' is no date. Write 2026-12-24, or 12-25 for every year."
            raise InvalidInput(message, param="holidays") from error
        if found["year"]:
            once.add(day)
        else:
            yearly.add((day.month, day.day))
    return frozenset(once), frozenset(yearly)
