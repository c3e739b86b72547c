"""Until when a case is put aside."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omnicqm.common.errors import InvalidInput
from omnicqm.console.snoozing import SNOOZES, snooze_until

FRIDAY = datetime(2026, 11, 27, 14, 30, 5, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "now", "until"),
    [
        ("1h", FRIDAY, FRIDAY + timedelta(hours=1)),
        ("3h", FRIDAY, FRIDAY + timedelta(hours=3)),
        ("tomorrow", FRIDAY, datetime(2026, 11, 28, 9, tzinfo=UTC)),
        ("monday", FRIDAY, datetime(2026, 11, 30, 9, tzinfo=UTC)),
        ("monday", MONDAY, datetime(2026, 12, 7, 9, tzinfo=UTC)),
        ("2026-12-24T18:00", FRIDAY, datetime(2026, 12, 24, 18, tzinfo=UTC)),
    ],
)
def test_what_is_chosen_is_a_moment(chosen, now, until):
    assert snooze_until(chosen, now=now, param="until") == until


def test_an_hour_is_an_hour_when_the_clocks_are_put_back():
    before = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # the first time it is half past two
    assert snooze_until("1h", now=before, param="until") - before.astimezone(UTC) == timedelta(hours=1)


def test_every_choice_is_a_moment_to_come():
    assert all(snooze_until(chosen, now=FRIDAY, param="until") > FRIDAY for chosen in SNOOZES)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("", "until when"),
        ("someday", "until when"),
        ("2026-99-99T10:00", "until when"),
        ("2026-11-27T14:30", "90 days"),
        ("2027-02-26T14:31", "90 days"),
        ("9999-12-31T23:59", "90 days"),
    ],
)
def test_another_one_is_refused_with_what_to_do(chosen, words):
    with pytest.raises(InvalidInput) as refused:
        snooze_until(chosen, now=FRIDAY, param="snooze_until")
    assert words in refused.value.message
    assert refused.value.param == "snooze_until"
