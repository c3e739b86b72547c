"""Business hours: time that counts, in a place whose clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from conversations.desk.hours import Calendar, calendar_read
from conversations.models import BusinessHours
from omnicqm.common.errors import InvalidInput

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = BusinessHours.WEEKDAYS
NINE_TO_FIVE = dict.fromkeys(DAYS[:5], "09:00-17:00") | dict.fromkeys(DAYS[5:], "")
HOUR = timedelta(hours=1)


def office(zone: str = "Europe/Berlin", holidays: str = "", **week: str) -> Calendar:
    return calendar_read(time_zone=zone, week={**NINE_TO_FIVE, **week}, holidays=holidays)


def berlin(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BERLIN)


def test_four_hours_that_begin_on_friday_afternoon_end_on_monday():
    assert office().add(berlin(2026, 3, 6, 15), 4 * HOUR) == berlin(2026, 3, 9, 11)


def test_what_comes_in_at_night_begins_to_count_in_the_morning():
    assert office().add(berlin(2026, 3, 2, 23, 30), HOUR) == berlin(2026, 3, 3, 10)


def test_the_last_minute_of_a_day_belongs_to_that_day():
    assert office().add(berlin(2026, 3, 2, 9), 8 * HOUR) == berlin(2026, 3, 2, 17)


def test_a_lunch_break_does_not_count():
    hours = office(monday="09:00-12:00, 13:00-17:00")
    assert hours.add(berlin(2026, 3, 2, 11), 2 * HOUR) == berlin(2026, 3, 2, 14)
    assert hours.between(berlin(2026, 3, 2, 11), berlin(2026, 3, 2, 14)) == 2 * HOUR


def test_holidays_are_closed_once_or_every_year():
    hours = office(holidays="2026-03-03 Founders' day\n12-25 Christmas\n")
    assert hours.add(berlin(2026, 3, 2, 16), 2 * HOUR) == berlin(2026, 3, 4, 10)
    assert hours.between(berlin(2028, 12, 25), berlin(2028, 12, 26)) == timedelta(0)
    assert hours.between(berlin(2027, 3, 3), berlin(2027, 3, 4)) == 8 * HOUR


def test_no_time_at_all_is_the_moment_itself():
    closed = berlin(2026, 3, 1, 12)
    assert office().add(closed, timedelta(0)) == closed


def test_a_working_day_is_eight_hours_long_also_when_the_clocks_change():
    hours = office(sunday="09:00-17:00")
    for day in (berlin(2026, 3, 29), berlin(2026, 10, 25)):
        assert hours.between(day, day + timedelta(days=1)) == 8 * HOUR


@pytest.mark.parametrize(("day", "length"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 3, 30), 24)])
def test_a_place_open_day_and_night_has_the_hours_the_day_has(day, length):
    always = office(**dict.fromkeys(DAYS, "00:00-24:00"))
    start = berlin(*day)
    assert always.between(start, datetime(*day, tzinfo=BERLIN).replace(hour=0) + timedelta(days=1)) == length * HOUR
    assert always.add(start, length * HOUR) == start + timedelta(days=1)


def test_a_time_that_the_clocks_skip_is_counted_once():
    """In Berlin 02:00 to 03:00 does not exist on this Sunday."""
    hours = office(sunday="01:00-02:30, 02:30-04:00")
    assert hours.between(berlin(2026, 3, 29), berlin(2026, 3, 30)) == 2 * HOUR


def test_an_hour_that_comes_twice_counts_as_what_it_lasts():
    hours = office(sunday="01:00-04:00")
    assert hours.between(berlin(2026, 10, 25), berlin(2026, 10, 26)) == 4 * HOUR


def test_places_are_told_apart_by_their_zone():
    moment = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert office("Europe/Berlin").is_open(moment)
    assert not office("Asia/Tokyo").is_open(moment)
    assert office("America/New_York").is_open(moment)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("time_zone", {"time_zone": "Europe/Atlantis"}),
        ("monday", {"monday": "9-17"}),
        ("monday", {"monday": "17:00-09:00"}),
        ("monday", {"monday": "09:00-25:00"}),
        ("monday", {"monday": "09:00-12:75"}),
        ("tuesday", {"tuesday": "13:00-17:00, 09:00-12:00"}),
        ("tuesday", {"tuesday": "09:00-13:00, 12:00-17:00"}),
        ("holidays", {"holidays": "2026-02-30"}),
        ("holidays", {"holidays": "Christmas"}),
        ("monday", dict.fromkeys(DAYS, "")),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(field, change):
    with pytest.raises(ValidationError) as caught:
        BusinessHours(name="x", **change).clean()
    assert list(caught.value.message_dict) == [field]


def test_a_place_that_is_never_open_again_is_an_error_and_no_endless_search():
    with pytest.raises(InvalidInput):
        office(holidays="\n".join(f"{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 30))).add(
            berlin(2026, 1, 1), timedelta(days=3650)
        )


zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(seconds=1), timedelta(hours=300))
minutes = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)


def clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def spans_text(bounds: list[int]) -> str:
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return ", ".join(f"{clock_text(start)}-{clock_text(end)}" for start, end in pairs)


calendars = st.builds(
    lambda zone, days: calendar_read(time_zone=zone, week=dict(zip(DAYS, map(spans_text, days), strict=True))),
    zones,
    st.lists(minutes, min_size=7, max_size=7),
)


@given(calendars, moments, lengths)
def test_what_was_added_is_what_is_measured(calendar, start, length):
    end = calendar.add(start, length)
    assert end > start
    assert calendar.between(start, end) == length
    assert calendar.between(start, end - timedelta(microseconds=1)) < length


@given(calendars, moments, lengths, lengths)
def test_it_can_be_added_in_two_parts(calendar, start, first, second):
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@given(calendars, moments, moments, moments)
def test_a_length_of_time_is_that_of_its_parts(calendar, one, two, three):
    first, middle, last = sorted((one, two, three))
    whole = calendar.between(first, last)
    assert whole == calendar.between(first, middle) + calendar.between(middle, last)
    assert timedelta(0) <= whole <= last - first
    assert calendar.between(last, first) == timedelta(0)
