"""The periods one click away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.querying import Grain, Period

CUSTOM = "custom"


@dataclass(frozen=True)
class Preset:
    """`period` makes it of today."""

    name: str
    title: str
    period: Callable[[date], Period]


def _last(days: int) -> Callable[[date], Period]:
    return lambda today: Period(today - timedelta(days=days - 1), today)


def _yesterday(today: date) -> Period:
    return Period(today - timedelta(days=1), today - timedelta(days=1))


def _this_month(today: date) -> Period:
    return Period(today.replace(day=1), today)


def _last_month(today: date) -> Period:
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def _this_year(today: date) -> Period:
    return Period(today.replace(month=1, day=1), today)


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("today", "Today", _last(1)),
        Preset("yesterday", "Yesterday", _yesterday),
        Preset("7d", "7 days", _last(7)),
        Preset("30d", "30 days", _last(30)),
        Preset("90d", "90 days", _last(90)),
        Preset("month", "This month", _this_month),
        Preset("last_month", "Last month", _last_month),
        Preset("year", "This year", _this_year),
    )
}
DEFAULT = "30d"
USUAL = ("today", "7d", "30d", "90d", "month")  # one click away; the others take two


def grain_of(period: Period) -> Grain:
    """Steps of which a chart can show as many as `period` has."""
    for days, grain in ((2, Grain.HOUR), (62, Grain.DAY), (366, Grain.WEEK)):
        if period.days <= days:
            return grain
    return Grain.MONTH
