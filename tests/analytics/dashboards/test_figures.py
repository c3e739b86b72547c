"""How values are written, for people and for spreadsheets."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from analytics.catalogue.definition import Direction, Unit
from analytics.dashboards.csv_file import csv_text, csv_write
from analytics.dashboards.figures import (
    bucket_figure,
    bucket_period,
    change_figure,
    change_tone,
    figure,
    period_figure,
)
from analytics.dashboards.tables import Cell, Column, Table
from analytics.querying import Grain, Period

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (1204, Unit.COUNT, "1,204"),
        (0.8123, Unit.SHARE, "81.2 %"),
        (None, Unit.SHARE, "–"),
        (850.4, Unit.MILLISECONDS, "850 ms"),
        (1240.0, Unit.MILLISECONDS, "1.24 s"),
        (90.0, Unit.SECONDS, "1.5 min"),
        (3 * 3600.0, Unit.SECONDS, "3.0 h"),
        (Decimal("1234.5"), Unit.USD, "$1,234.50"),
        (Decimal("0.0123"), Unit.USD, "$0.0123"),
        (Decimal("0.00000250"), Unit.USD, "$0.0000025"),
        (Decimal(0), Unit.USD, "$0"),
        (1_234_567, Unit.TOKENS, "1.2 M"),
        (9_999, Unit.TOKENS, "9,999"),
        (0.875, Unit.SCORE, "0.88"),
        (1.25, Unit.NUMBER, "1.2"),
    ],
)
def test_a_value_in_its_unit(value, unit, written) -> None:
    assert figure(value, unit).replace("\u00a0", " ") == written


def test_a_change_is_in_percent_and_of_shares_in_points() -> None:
    assert change_figure(120, 100, Unit.COUNT).replace("\u00a0", " ") == "+20 %"
    assert change_figure(0.75, 0.8, Unit.SHARE).replace("\u00a0", " ") == "−5.0 points"
    assert change_figure(5, 0, Unit.COUNT) == ""
    assert change_figure(5, None, Unit.COUNT) == ""
    assert change_tone(5, 4, Direction.DOWN) == "bad"
    assert change_tone(5, 4, Direction.UP) == "good"
    assert change_tone(5, 4, Direction.NONE) == ""


def test_periods_and_steps_in_words() -> None:
    assert period_figure(Period(date(2026, 11, 1), date(2026, 11, 30))) == "1 – 30 Nov 2026"
    assert period_figure(Period(date(2025, 12, 30), date(2026, 1, 2))) == "30 Dec 2025 – 2 Jan 2026"
    assert bucket_figure(datetime(2026, 10, 25, 0, 0, tzinfo=UTC), Grain.HOUR, BERLIN) == "02:00"
    assert bucket_figure(date(2026, 11, 30), Grain.DAY, BERLIN, whole=True) == "Mon 30 Nov 2026"
    within = Period(date(2026, 11, 5), date(2026, 11, 20))
    assert bucket_period(date(2026, 11, 2), Grain.WEEK, BERLIN, within) == Period(date(2026, 11, 5), date(2026, 11, 8))
    assert bucket_period(date(2026, 11, 1), Grain.MONTH, BERLIN, within) == within


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1", "  -1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    table = Table((Column(text, "head"),), ((Cell(text, text),),))
    assert csv_text(text) == f"'{text}"
    assert csv_write(table).count("'") == 2


def test_numbers_keep_every_digit() -> None:
    assert csv_text(-0.1) == "-0.1"
    assert csv_text(Decimal("0.00000250")) == "0.00000250"
    assert csv_text(1234567) == "1234567"
    assert csv_text(None) == ""
