"""The demo's 90 days: invented, plausible, the same every time, and apart from everything a person or customer sees."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from analytics.facts.services import facts_rebuild, facts_refresh
from analytics.models import AttemptFact, CaseFact, DimensionValue, EscalationFact, FactsState, InsightFact, QueryFact
from analytics.querying import Compare, Grain, Period, QuerySpec, spec_run
from conversations.models import Customer, Query
from omnicqm.common.models import Attempt
from omnicqm.demo.history import history_load, history_remove
from omnicqm.demo.history.rhythm import INCIDENT_DAYS_AGO, NEW_PROMPT_DAYS_AGO

NOW = datetime(2026, 11, 30, 15, tzinfo=UTC)
ALL = Period(date(2026, 8, 31), date(2026, 11, 30))

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def history(django_db_setup, django_db_blocker):
    """Once for all tests that come now, and gone with the last of them."""
    with django_db_blocker.unblock():
        history_load(now=NOW)
        facts_rebuild()
        yield
        history_remove()
        FactsState.objects.all().delete()  # committed like the history itself


def days_ago(days: int) -> date:
    return NOW.date() - timedelta(days=days)


# This one begins without the history that the others share.
def test_the_same_day_gets_the_same_history_and_it_can_be_taken_away():
    assert not CaseFact.objects.exists()
    history_load(now=NOW)
    first = list(CaseFact.objects.order_by("pk").values_list("pk", "at", "resolved", "cost_usd"))
    assert history_load(now=NOW) == len(first)
    assert history_remove() > 10_000
    assert not AttemptFact.objects.exists()
    assert not DimensionValue.objects.exists()
    history_load(now=NOW)
    assert list(CaseFact.objects.order_by("pk").values_list("pk", "at", "resolved", "cost_usd")) == first


def test_there_are_ninety_days_of_everything(history):
    assert 2_500 < CaseFact.objects.count() < 6_000
    for table in (QueryFact, CaseFact, EscalationFact, AttemptFact, InsightFact):
        days = Counter(table.objects.values_list("at__date", flat=True))
        assert set(days) >= {days_ago(ago) for ago in range(2, 90)}, table
        assert max(days) < NOW.date()
        assert not table.objects.filter(is_demo=False).exists()


def test_nothing_of_it_is_anywhere_else(history):
    assert not Query.objects.exists()
    assert not Customer.objects.exists()
    assert not Attempt.objects.exists()


def test_the_weeks_have_their_rhythm_and_the_days_too(history):
    by_weekday = spec_run(QuerySpec("cases", ALL, dimensions=("weekday",)))
    counts = {row.keys[0]: row.value for row in by_weekday.rows}
    assert counts["1"] > counts["5"] > counts["6"] > counts["7"]
    by_hour = {row.keys[0]: row.value for row in spec_run(QuerySpec("cases", ALL, dimensions=("hour_of_day",))).rows}
    assert by_hour["10"] > 4 * by_hour.get("03", 0)


def test_a_new_prompt_made_it_better(history):
    new = days_ago(NEW_PROMPT_DAYS_AGO)
    before, after = Period(new - timedelta(days=28), new - timedelta(days=1)), Period(new, new + timedelta(days=27))
    for metric, sign in (("alpha_inbound", 1), ("thumbs_down_rate", -1), ("judge_accuracy", 1)):
        values = [spec_run(QuerySpec(metric, period)).total for period in (before, after)]
        assert all(total.enough for total in values)
        assert sign * (values[1].value - values[0].value) > 0, metric


def test_there_was_one_bad_afternoon(history):
    worst = max(spec_run(QuerySpec("timeouts", ALL, grain=Grain.DAY)).rows, key=lambda row: row.value)
    assert worst.bucket == days_ago(INCIDENT_DAYS_AGO)
    assert worst.value > 10
    fallback = spec_run(QuerySpec("fallback_rate", Period(worst.bucket, worst.bucket), compare=Compare.PREVIOUS)).total
    assert fallback.value > 3 * fallback.compare


def test_it_obeys_the_rules_that_are_told_of_cases(history):
    """The same words as in the definition of α, counted from the queries by other SQL than ours."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM analytics_casefact c WHERE resolved <> (
              answered_by_agent AND NOT escalated AND NOT person_spoke AND NOT reopened AND NOT EXISTS (
                SELECT 1 FROM analytics_queryfact q WHERE q.customer_id = c.customer_id AND q.category = c.category
                AND q.conversation_id <> c.conversation_id
                AND q.at > c.answered_at AND q.at <= c.answered_at + interval '7 days'))""")
        assert cursor.fetchone() == (0,)
    resolved = CaseFact.objects.filter(resolved=True)
    assert not resolved.filter(is_provisional=True, window_until__lte=NOW).exists()
    assert not resolved.filter(is_provisional=False, window_until__gt=NOW).exists()


def test_the_targets_are_in_sight(history):
    last_weeks = Period(days_ago(35), days_ago(2))
    values = {
        name: spec_run(QuerySpec(name, last_weeks)).total.value
        for name in ("alpha", "thumbs_down_rate", "adoption", "insight_fallback_rate", "draft_acceptance")
    }
    assert 0.6 < values["alpha"] < 0.85
    assert 0.05 < values["thumbs_down_rate"] < 0.2
    assert 0.7 < values["adoption"] < 0.95
    assert 0.01 < values["insight_fallback_rate"] < 0.15
    assert 0.6 < values["draft_acceptance"] < 0.95


def test_every_answer_says_that_it_is_invented(history):
    assert "Contains the demo's invented history." in spec_run(QuerySpec("cases", ALL)).notes


def test_refreshing_leaves_it_and_lets_its_days_pass(history):
    before = CaseFact.objects.filter(is_provisional=True).count()
    assert before > 20
    facts_refresh()
    assert CaseFact.objects.count() == history_load()
    late = CaseFact.objects.filter(is_provisional=True, window_until__lte=timezone.now())
    assert not late.exists()
