"""Answers as files for spreadsheets."""

from datetime import UTC, date, datetime

import pytest

from analytics.analyst.sentences import answer_say
from analytics.facts.services import facts_rebuild
from analytics.querying import Compare, Grain, Period, QuerySpec, result_csv, spec_run
from tests.analytics.seeding import answered, asked, escalated, told

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)


def test_a_series_with_its_comparison() -> None:
    for day in (4, 5, 5):
        answered(asked(datetime(2026, 10, day, 9, tzinfo=UTC)))
    facts_rebuild()
    period = Period(date(2026, 10, 5), date(2026, 10, 5))
    result = spec_run(QuerySpec("cost_per_call", period, grain=Grain.DAY, compare=Compare.PREVIOUS))
    assert result_csv(result) == "Day,Cost per call,Period before,Change,n\r\n2026-10-05,0.001,0.001,0.0,2\r\n"


def test_a_share_changes_by_points_in_table_file_and_sentence() -> None:
    answered(asked(datetime(2026, 10, 4, 9, tzinfo=UTC)))
    escalated(asked(datetime(2026, 10, 4, 10, tzinfo=UTC)))
    answered(asked(MONDAY))
    facts_rebuild()
    result = spec_run(QuerySpec("alpha", Period(MONDAY.date(), MONDAY.date()), compare=Compare.PREVIOUS))
    assert result.table["rows"] == [[1.0, 0.5, 50.0, 1]]
    assert [column["unit"] for column in result.table["columns"]] == ["share", "share", "points", "count"]
    assert result_csv(result) == "α,Period before,Change (points),n\r\n1.0,0.5,50.0,1\r\n"
    assert "it was 50.0 %: up 50.0 percentage points." in answer_say(result)


def test_a_label_that_reads_like_a_formula_is_text() -> None:
    told(MONDAY, ivr_intent='=HYPERLINK("https://evil.example","x")')
    facts_rebuild()
    result = spec_run(QuerySpec("insights", Period(MONDAY.date(), MONDAY.date()), dimensions=("ivr_intent",)))
    assert result_csv(result).splitlines()[1] == '"\'=HYPERLINK(""https://evil.example"",""x"")",1'
