"""A day is a local day, also on those with 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.facts.services import facts_rebuild
from analytics.querying import Compare, Grain, Period, QuerySpec, spec_run
from analytics.querying.days import bounds, buckets
from tests.analytics.seeding import answered, asked, escalated

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Santiago", date(2026, 9, 6), 23),  # its midnight is left out
        ("Asia/Kolkata", date(2026, 10, 25), 24),
        ("UTC", date(2026, 10, 25), 24),
    ],
)
def test_days_are_as_long_as_they_are(zone: str, day: date, hours: float) -> None:
    since, until = bounds(Period(day, day), ZoneInfo(zone))
    assert until - since == timedelta(hours=hours)
    assert buckets(Period(day, day), Grain.DAY, ZoneInfo(zone), until=LATER) == [day]
    assert len(buckets(Period(day, day), Grain.HOUR, ZoneInfo(zone), until=LATER)) == -(-hours // 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "moments", "expected"),
    [
        # Put back at 3: two hours are called 2. The day goes from 22:00 UTC to 23:00 UTC.
        (
            "Europe/Berlin",
            [utc(2026, 10, 24, 21, 59), utc(2026, 10, 24, 22), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30),
             utc(2026, 10, 25, 22, 59), utc(2026, 10, 25, 23)],
            {date(2026, 10, 24): 1, date(2026, 10, 25): 4, date(2026, 10, 26): 1},
        ),
        # Put forward at 2: the day goes from 23:00 UTC to 22:00 UTC.
        (
            "Europe/Berlin",
            [utc(2026, 3, 28, 22, 59), utc(2026, 3, 28, 23), utc(2026, 3, 29, 21, 59), utc(2026, 3, 29, 22)],
            {date(2026, 3, 28): 1, date(2026, 3, 29): 2, date(2026, 3, 30): 1},
        ),
        (
            "Asia/Kolkata",
            [utc(2026, 10, 24, 18, 29), utc(2026, 10, 24, 18, 30), utc(2026, 10, 25, 18, 29),
             utc(2026, 10, 25, 18, 30)],
            {date(2026, 10, 24): 1, date(2026, 10, 25): 2, date(2026, 10, 26): 1},
        ),
        (
            "America/Los_Angeles",
            [utc(2026, 11, 1, 6, 59), utc(2026, 11, 1, 7), utc(2026, 11, 2, 7, 59), utc(2026, 11, 2, 8)],
            {date(2026, 10, 31): 1, date(2026, 11, 1): 2, date(2026, 11, 2): 1},
        ),
    ],
)  # fmt: skip
def test_what_happened_is_counted_on_its_local_day(settings, zone, moments, expected) -> None:
    settings.TIME_ZONE = zone
    for moment in moments:
        asked(moment)
    facts_rebuild()
    result = spec_run(QuerySpec("queries", Period(min(expected), max(expected)), grain=Grain.DAY))
    assert {row.bucket: row.value for row in result.rows} == expected
    assert result.total.value == len(moments)
    assert result.time_zone == zone
    for day, count in expected.items():
        assert spec_run(QuerySpec("queries", Period(day, day))).total.value == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 10, 25), utc(2026, 10, 24, 22), utc(2026, 10, 25, 22, 59)),  # of 25 hours
        (date(2026, 3, 29), utc(2026, 3, 28, 23), utc(2026, 3, 29, 21, 59)),  # of 23
    ],
)
def test_alpha_is_that_of_the_local_day(settings, day, first, last) -> None:
    """Resolved in its first and its last minute, and not in between; the minutes around it belong to other days."""
    settings.TIME_ZONE = "Europe/Berlin"
    answered(asked(first))
    escalated(asked(first + timedelta(hours=12)))
    answered(asked(last))
    for outside in (first - timedelta(minutes=1), last + timedelta(minutes=1)):
        escalated(asked(outside))
    facts_rebuild()
    around = Period(day - timedelta(days=1), day + timedelta(days=1))
    rows = spec_run(QuerySpec("alpha", around, grain=Grain.DAY)).rows
    assert [(row.value, row.n) for row in rows] == [(0, 1), (pytest.approx(2 / 3), 3), (0, 1)]
    total = spec_run(QuerySpec("alpha", Period(day, day))).total
    assert (total.value, total.n) == (pytest.approx(2 / 3), 3)


@pytest.mark.django_db
def test_the_hour_that_comes_twice_is_two_hours(settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    for moment in (utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 1, 10), utc(2026, 10, 25, 1, 20)):
        asked(moment)  # 2:10, 2:10 and 2:20 on the clock
    facts_rebuild()
    day = Period(date(2026, 10, 25), date(2026, 10, 25))
    hours = spec_run(QuerySpec("queries", day, grain=Grain.HOUR)).rows
    assert len(hours) == 25
    counted = {row.bucket: row.value for row in hours if row.value}
    assert counted == {utc(2026, 10, 25, 0): 1, utc(2026, 10, 25, 1): 2}
    of_day = spec_run(QuerySpec("queries", day, dimensions=("hour_of_day",))).rows
    assert [(row.keys, row.labels, row.value) for row in of_day] == [(("02",), ("02:00",), 3)]


@pytest.mark.django_db
def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    for day in (utc(2026, 9, 30), utc(2026, 10, 4, 23), utc(2026, 10, 5), utc(2026, 10, 31), utc(2026, 11, 1)):
        asked(day)
    facts_rebuild()
    period = Period(date(2026, 9, 30), date(2026, 11, 2))
    weeks = spec_run(QuerySpec("queries", period, grain=Grain.WEEK))
    assert [(row.bucket, row.value) for row in weeks.rows] == [
        (date(2026, 9, 28), 2), (date(2026, 10, 5), 1), (date(2026, 10, 12), 0), (date(2026, 10, 19), 0),
        (date(2026, 10, 26), 2), (date(2026, 11, 2), 0),
    ]  # fmt: skip
    assert "The first and last week is cut by the period." in weeks.notes
    months = spec_run(QuerySpec("queries", period, grain=Grain.MONTH))
    assert [row.value for row in months.rows] == [1, 3, 1]


@pytest.mark.django_db
def test_periods_are_held_against_the_one_before_step_by_step() -> None:
    for day in (utc(2026, 10, 1), utc(2026, 10, 3), utc(2026, 10, 3), utc(2026, 10, 4), utc(2025, 10, 4)):
        asked(day)
    facts_rebuild()
    period = Period(date(2026, 10, 3), date(2026, 10, 4))
    before = spec_run(QuerySpec("queries", period, grain=Grain.DAY, compare=Compare.PREVIOUS))
    assert before.compare_period == Period(date(2026, 10, 1), date(2026, 10, 2))
    assert [(row.value, row.compare) for row in before.rows] == [(2, 1), (1, 0)]
    assert (before.total.value, before.total.compare, before.total.change) == (3, 1, 2.0)
    year = spec_run(QuerySpec("queries", period, compare=Compare.YEAR))
    assert year.compare_period == Period(date(2025, 10, 3), date(2025, 10, 4))
    assert year.total.compare == 1


@pytest.mark.parametrize(
    ("compare", "first", "last", "before"),
    [
        (Compare.WEEK, "2026-11-16", "2026-11-18", ("2026-11-09", "2026-11-11")),
        (Compare.MONTH, "2026-11-01", "2026-11-18", ("2026-10-01", "2026-10-18")),
        (Compare.MONTH, "2026-10-01", "2026-10-31", ("2026-09-01", "2026-09-30")),
        (Compare.MONTH, "2026-09-01", "2026-09-30", ("2026-08-01", "2026-08-31")),
        (Compare.MONTH, "2026-03-29", "2026-03-31", ("2026-02-28", "2026-02-28")),
    ],
)
def test_the_same_days_of_the_week_or_month_before(
    compare: Compare, first: str, last: str, before: tuple[str, str]
) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last)).before(compare)
    assert (str(period.first), str(period.last)) == before
