"""Which period a question is about, and what that is held against."""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics.analyst.grammar.asked import Unclear
from analytics.analyst.grammar.reading import Reading
from analytics.analyst.grammar.signs import CompareSign
from analytics.querying import Compare, Grain, Period, QuerySpec

DEFAULT_DAYS = 30
_LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}


@dataclass(frozen=True)
class When:
    """`remarks` say what was taken for granted."""

    period: Period
    compare: Compare | None
    remarks: tuple[str, ...] = ()

    @property
    def steps(self) -> Grain:
        """Those that fit the period."""
        days = self.period.days
        if days <= 2:
            return Grain.HOUR
        if days <= 45:
            return Grain.DAY
        return Grain.WEEK if days <= 200 else Grain.MONTH


def when_read(reading: Reading, before: QuerySpec | None, today: date) -> When:
    """What `reading` says, else what `before` asked, else the last 30 days. Raises `Unclear`."""
    if len({sign.compare for sign in reading.compares}) > 1:
        raise Unclear("I can compare with one period at a time.")
    periods = list(dict.fromkeys(sign.period for sign in reading.periods))
    remarks = tuple(dict.fromkeys(sign.note for sign in reading.periods if sign.note))
    if len(periods) == 2 and reading.is_versus:
        return When(periods[0], _compare_of(periods[0], periods[1]), remarks)
    if len(periods) > 1:
        raise Unclear("I found more than one period: which one is meant?")
    known = periods[0] if periods else before.period if before else None
    if reading.compares:
        sign = reading.compares[0]
        period = known or _period_for(sign, today)
        return When(period, _compare(sign, period), remarks)
    compare = before.compare if before and "drop compare" not in reading.roles else None
    if known is None:
        remarks = (*remarks, "No period was named, so these are the last 30 days.")
    return When(known or _days_back(DEFAULT_DAYS, today), compare, remarks)


def _compare(sign: CompareSign, period: Period) -> Compare:
    longest = _LONGEST.get(sign.unit)
    if longest and period.days > longest:
        raise Unclear(f"A period of {period.days} days cannot be held against a {sign.unit}.")
    if sign.unit == "week" and period.days == 7:
        return Compare.PREVIOUS
    return sign.compare


def _compare_of(period: Period, other: Period) -> Compare:
    for compare in Compare:
        if period.before(compare) == other:
            return compare
    raise Unclear("I can hold a period against the one before it, or against the same dates a year before.")


def _period_for(sign: CompareSign, today: date) -> Period:
    match sign.unit:
        case "week":
            return Period(today - timedelta(days=today.weekday()), today)
        case "month":
            return Period(today.replace(day=1), today)
        case "year":
            return Period(today.replace(month=1, day=1), today)
        case "day":
            return Period(today, today)
    return _days_back(DEFAULT_DAYS, today)


def _days_back(days: int, today: date) -> Period:
    return Period(today - timedelta(days=days - 1), today)
