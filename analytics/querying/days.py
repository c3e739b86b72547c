"""Local days as instants, and the steps of a series, in settings.TIME_ZONE: a day may have 23 or 25 hours."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.querying.spec import Grain, Period

Bucket = date | datetime
_STEP = timedelta(minutes=30)  # clocks are put forward or back by this or a multiple


def bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants from (included) and until (not included) which `period` goes."""
    return day_start(period.first, zone), day_start(period.last + timedelta(days=1), zone)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the local `day`, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def buckets(period: Period, grain: Grain, zone: ZoneInfo, *, until: datetime) -> list[Bucket]:
    """The steps of `period` that had begun at `until`: days, Mondays, firsts of months, or instants of full hours."""
    start, end = bounds(period, zone)
    if grain is Grain.HOUR:
        return list(dict.fromkeys(_hours(start, min(end, until), zone)))
    last = min(period.last, until.astimezone(zone).date())
    days = (period.first + timedelta(days=number) for number in range((last - period.first).days + 1))
    return list(dict.fromkeys(bucket_of(day, grain) for day in days))


def bucket_of(day: date, grain: Grain) -> date:
    """The first day of the step that `day` is in."""
    if grain is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain is Grain.MONTH else day


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    moment = start
    while moment < end:
        local = moment.astimezone(zone)
        yield moment - timedelta(minutes=local.minute, seconds=local.second)
        moment += _STEP
