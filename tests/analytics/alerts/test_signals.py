"""What alerts watch, on rows with known totals."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from agents.models import Budget, Run
from analytics.alerts.evaluating import rules_ensure
from analytics.alerts.signals import SIGNALS, Reading, Window, figure
from analytics.facts.services import facts_rebuild
from analytics.models import Alert, AlertReceiver, AlertRule, AlertState
from analytics.querying import Period, QuerySpec, spec_run
from conversations.models import Escalation
from omnicqm.common.models import Attempt
from tests.analytics.seeding import answered, asked, escalated, found_helpful, told
from tests.console.people import escalation_make
from tests.feedback.people import insight_make

pytestmark = pytest.mark.django_db


def measured(key: str, minutes: int = 60) -> Reading:
    now = timezone.now() + timedelta(seconds=1)
    return SIGNALS[key].measure(Window(now - timedelta(minutes=minutes), now))


def run_make(state: str = "finished", *, minutes_ago: int = 1, **fields) -> Run:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    decided = {"decision": "escalate", "score": 0} if state == "finished" else {}
    return Run.objects.create(**{"scope": "channel:chat", "state": state, "finished_at": at, **decided, **fields})


def test_the_failure_rate_counts_runs_that_ended_in_the_window_and_no_replays():
    for _ in range(19):
        run_make()
    run_make("failed", error_code="internal")
    run_make("failed", error_code="abandoned")  # another run took it up
    run_make("failed", scope="replay")
    run_make("failed", minutes_ago=90)
    Run.objects.create(scope="channel:chat")
    assert measured("failure_rate") == Reading(5.0, 20, "1 of 20 runs failed.")


def test_without_a_run_there_is_no_rate():
    assert measured("failure_rate") == Reading(0.0, 0, "0 of 0 runs failed.")


def test_timeouts_are_calls_that_ran_out_of_time():
    for outcome, count in {"timeout": 3, "ok": 2, "error": 1}.items():
        for _ in range(count):
            Attempt.objects.create(purpose="gather", provider="primary", model="m", latency_ms=5, outcome=outcome)
    Attempt.objects.update_or_create(
        outcome="timeout", purpose="old", provider="p", model="m", latency_ms=1, at=timezone.now() - timedelta(hours=2)
    )
    assert measured("model_timeouts", 5).value == 3


def test_a_summary_is_empty_when_it_had_nothing_to_tell():
    for model in ("none", "local-extractive", "local-extractive", "nova"):
        insight_make(model_used=model)
    assert measured("empty_summary_rate") == Reading(25.0, 4, "1 of 4 summaries asked for had nothing to tell.")


def test_the_summary_miss_rate_is_the_metric_of_that_name():
    now = timezone.now()
    for number, helpful in enumerate((True, True, True, False)):
        found_helpful(told(now - timedelta(minutes=5), contact_id=f"call-{number}"), helpful)
    told(now, contact_id="unrated")
    told(now, contact_id="empty", model_used="none")
    found_helpful(told(now - timedelta(days=5), contact_id="long ago"), False)
    facts_rebuild()
    reading = measured("summary_miss_rate", 1440)
    assert reading == Reading(25.0, 4, "25.0 % of 4 ratings say that the summary did not help.")
    today = timezone.localdate()
    metric = spec_run(QuerySpec("summary_miss_rate", Period(today - timedelta(days=1), today))).total
    assert (100 * metric.value, metric.n) == (reading.value, reading.sample)


@pytest.mark.parametrize("is_ahead", [False, True])
def test_who_set_the_rule_about_empty_summaries_finds_it_under_its_own_name(is_ahead):
    """With bars, alerts and receivers; also when a worker was quicker than the migration."""
    rule = AlertRule.objects.create(key="summary_misses", threshold=35, clear_below=30, window_minutes=60)
    AlertState.objects.create(rule=rule, recent="+-")
    alert = Alert.objects.create(rule=rule, value=40, worst=40, threshold=35)
    receiver = AlertReceiver.objects.create(name="ops", kind="mail", target="ops@example.com")
    receiver.rules.add(rule)
    if is_ahead:
        rules_ensure()
    migration = import_module("analytics.migrations.0006_alert_of_empty_summaries")
    for _ in range(2):
        migration.rule_rename(apps, None, old="summary_misses", new="empty_summary_rate")
    assert not AlertRule.objects.filter(pk="summary_misses").exists()
    renamed = AlertRule.objects.get(pk="empty_summary_rate")
    assert (renamed.threshold, renamed.state.recent) == (35, "+-")
    assert list(renamed.alerts.all()) == [alert]
    assert list(receiver.rules.all()) == [renamed]


def test_the_queue_counts_what_is_past_its_due_time():
    first, _, done = (escalation_make(f"{number}@example.org") for number in range(3))
    late = timezone.now() - timedelta(minutes=90)
    Escalation.objects.filter(pk__in=[first.pk, done.pk]).update(due_at=late)
    Escalation.objects.filter(pk=done.pk).update(state="closed")
    reading = measured("overdue_queue")
    assert reading.value == 1
    assert "1 h 30 min" in reading.words


def test_the_budget_used_up_most_is_told():
    Budget.objects.create(scope="", usd_per_day=10)
    Budget.objects.create(scope="channel:chat", usd_per_day=1)
    Attempt.objects.create(
        purpose="gather",
        provider="p",
        model="m",
        latency_ms=1,
        outcome="ok",
        scope="channel:chat",
        cost_usd=Decimal("0.9"),
    )
    reading = measured("budget_used")
    assert reading == Reading(90.0, 2, "90 % of the day's budget for channel:chat is spent.")


def test_without_a_budget_nothing_is_used_up():
    assert measured("budget_used").value == 0


def test_alpha_drops_against_the_week_before():
    now = timezone.now()
    for days in (3, 4, 5):
        answered(asked(now - timedelta(days=days)))
    escalated(asked(now - timedelta(days=4)))
    answered(asked(now - timedelta(minutes=5)))
    for _ in range(3):
        escalated(asked(now - timedelta(minutes=5)))
    facts_rebuild()
    reading = measured("alpha_drop", 1440)
    assert (reading.value, reading.sample) == (50.0, 4)
    assert reading.words == "α is 25.0 %, and was 75.0 % in the 7 days before."


def test_alpha_that_rises_is_no_drop():
    escalated(asked(timezone.now() - timedelta(days=4)))
    answered(asked(timezone.now() - timedelta(minutes=5)))
    facts_rebuild()
    assert measured("alpha_drop", 1440).value == 0


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [(7.5, "%", "7.5 %"), (12.0, "", "12"), (10, "points", "10 points"), (100, "%", "100 %")],
)
def test_a_figure_is_told_as_people_write_it(value, unit, told):
    assert figure(value, unit) == told
