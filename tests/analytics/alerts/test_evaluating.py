"""When a rule fires, when it ends, and when nothing is concluded."""

from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.db import DatabaseError
from django.utils import timezone

from analytics.alerts import evaluating, signals
from analytics.alerts.evaluating import alerts_evaluate
from analytics.alerts.sending import _mail_build
from analytics.alerts.services import alert_acknowledge
from analytics.alerts.signals import SIGNALS, Reading, Signal
from analytics.models import Alert, AlertNotice, AlertReceiver, AlertRule, AlertState
from omnicqm.common.errors import Conflict
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make

pytestmark = pytest.mark.django_db
KEY = "failure_rate"


class Course:
    """Evaluates one value after the other, half a minute apart, by the rule: bad above 5, good below 3."""

    def __init__(self, monkeypatch, **rule) -> None:
        self.reading = Reading(0, 100, "")
        self.now = timezone.now()
        measure = lambda window: self.reading  # noqa: E731
        watched = Signal(
            "Failure rate", "%", "Failures", measure, {"threshold": 5, "clear_below": 3, "window_minutes": 5}
        )
        monkeypatch.setattr(evaluating, "SIGNALS", {KEY: watched})
        evaluating.rules_ensure()
        AlertRule.objects.update(**({"hits": 2, "of_last": 3, "least_sample": 20} | rule))

    def go(self, *values: float, sample: int = 100) -> list[bool]:
        """After each value: whether an alert is open."""
        seen = []
        for value in values:
            self.now += timedelta(seconds=30)
            self.reading = Reading(value, sample, f"{value} of {sample}")
            alerts_evaluate(now=self.now)
            seen.append(Alert.objects.filter(resolved_at=None).exists())
        return seen


@pytest.fixture
def course(monkeypatch):
    return lambda **rule: Course(monkeypatch, **rule)


def test_it_fires_after_two_bad_ones_of_three_and_ends_after_two_good_ones(course):
    watched = course()
    assert watched.go(9, 1, 9, 1, 1) == [False, False, True, True, False]
    assert watched.go(9, 9) == [False, True]
    assert Alert.objects.count() == 2


def test_one_peak_is_no_alert_and_between_the_bars_nothing_changes(course):
    watched = course()
    assert watched.go(9, 4, 4, 9, 4, 4) == [False] * 6
    assert watched.go(9, 9, 4, 4, 4, 2, 4, 2, 2) == [False, True, True, True, True, True, True, True, False]


def test_exactly_at_a_bar_is_neither_bad_nor_good(course):
    watched = course(hits=1, of_last=1)
    assert watched.go(5, 5.01, 3, 2.99) == [False, True, True, False]


def test_what_was_bad_a_while_ago_does_not_fire_now(course):
    assert course(hits=2, of_last=5).go(9, 1, 1, 1, 9) == [False, False, False, False, True]
    Alert.objects.all().delete()
    AlertState.objects.update(recent="")
    assert course(hits=2, of_last=5).go(9, 1, 1, 1, 1, 9) == [False] * 6


def test_with_too_few_cases_nothing_is_concluded(course):
    watched = course(hits=1, of_last=1)
    assert watched.go(50, 50, sample=19) == [False, False]
    assert watched.go(50, sample=20) == [True]
    assert watched.go(0, 0, 0, sample=3) == [True, True, True]
    assert AlertState.objects.get().value is None
    assert watched.go(0, sample=20) == [False]


def test_the_worst_is_kept_while_it_fires(course):
    course(hits=1, of_last=1).go(9, 30, 12)
    alert = Alert.objects.get()
    assert (alert.value, alert.worst, alert.threshold, alert.words) == (9, 30, 5, "9 of 100")


def test_a_rule_that_is_switched_off_measures_nothing_and_ends_what_fires(course, monkeypatch):
    watched = course(hits=1, of_last=1)
    watched.go(9)
    AlertRule.objects.update(enabled=False)
    assert watched.go(9) == [False]
    assert AlertState.objects.get().recent == ""


def test_an_alert_of_a_rule_that_the_product_has_no_more_ends_and_can_be_read(client):
    lost = AlertRule.objects.create(key="moon_phase", threshold=1, clear_below=1, window_minutes=5)
    alert = Alert.objects.create(rule=lost, value=3, worst=3, threshold=1)
    receiver = AlertReceiver.objects.create(name="Ops", kind=AlertReceiver.Kind.MAIL, target="ops@example.com")
    client.force_login(admin_make())
    page = client.get(f"/admin/analytics/alert/{alert.pk}/change/")
    assert (page.status_code, "moon_phase" in page.content.decode()) == (200, True)
    now = timezone.now()
    state = AlertState.objects.create(rule=lost, evaluated_at=now - timedelta(minutes=1))  # by the next release
    alerts_evaluate(now=now)
    alert.refresh_from_db()
    assert alert.resolved_at is None
    AlertState.objects.filter(pk=state.pk).update(evaluated_at=now - timedelta(hours=2))
    alerts_evaluate(now=now + timedelta(minutes=1))
    alert.refresh_from_db()
    assert alert.resolved_at is not None
    notice = AlertNotice.objects.get(alert=alert, receiver=receiver)
    assert notice.transition == "resolved"
    assert "Not watched any more since" in _mail_build(notice).body


def test_two_evaluations_at_once_are_one(course):
    watched = course()
    watched.go(9)
    alerts_evaluate(now=watched.now + timedelta(seconds=3))
    assert AlertState.objects.get().recent == "+"
    assert not Alert.objects.exists()


def test_what_cannot_be_measured_stops_no_other_rule(monkeypatch):
    def broken(window):
        raise DatabaseError("no such table")

    kept = dict(SIGNALS)
    kept["alpha_drop"] = Signal("Drop", "", "", broken, SIGNALS["alpha_drop"].defaults)
    monkeypatch.setattr(evaluating, "SIGNALS", kept)
    alerts_evaluate()
    states = {state.rule_id: state for state in AlertState.objects.all()}
    assert states["alpha_drop"].error == "DatabaseError"
    assert [key for key, state in states.items() if state.error] == ["alpha_drop"]
    assert all(state.evaluated_at for state in states.values())


def test_the_rules_of_a_fresh_installation_are_those_of_the_product():
    current_app.tasks["analytics.alerts_evaluate"].delay()
    bars = dict(AlertRule.objects.values_list("key", "threshold"))
    assert bars == {
        "failure_rate": 5,
        "model_timeouts": 10,
        "summary_miss_rate": 20,
        "empty_summary_rate": 20,
        "alpha_drop": 10,
        "overdue_queue": 5,
        "budget_used": 80,
        "autonomy_demoted": 0.5,
    }
    assert AlertRule.objects.get(pk="model_timeouts").window_minutes == 5
    AlertRule.objects.filter(pk="budget_used").update(threshold=95)
    alerts_evaluate(now=timezone.now() + timedelta(minutes=1))
    assert AlertRule.objects.get(pk="budget_used").threshold == 95, "what an admin has set stays"
    assert not Alert.objects.exists()


def test_every_signal_measures_an_empty_installation():
    window = signals.Window(datetime(2026, 1, 1, tzinfo=timezone.get_current_timezone()), timezone.now())
    for key, signal in SIGNALS.items():
        assert signal.measure(window).value == 0, key


def test_everybody_who_wants_to_know_is_told_once_of_each_transition(course):
    watched = course(hits=1, of_last=1)
    rule = AlertRule.objects.get()
    other = AlertRule.objects.create(key="other", threshold=1, clear_below=1, window_minutes=5)
    kinds = {"all": [], "this": [rule], "other": [other], "off": []}
    for name, rules in kinds.items():
        receiver = AlertReceiver.objects.create(
            name=name, kind="mail", target=f"{name}@example.com", enabled=name != "off"
        )
        receiver.rules.set(rules)
    watched.go(9, 9, 1, 1)
    told = AlertNotice.objects.order_by("receiver__name", "created_at").values_list("receiver__name", "transition")
    assert list(told) == [("all", "fired"), ("all", "resolved"), ("this", "fired"), ("this", "resolved")]


def test_a_person_takes_care_once(course):
    course(hits=1, of_last=1).go(9)
    alert, boss = Alert.objects.get(), admin_make()
    alert_acknowledge(alert_id=alert.pk, user=boss)
    with pytest.raises(Conflict, match="already"):
        alert_acknowledge(alert_id=alert.pk, user=boss)
    assert AuditEvent.objects.get(action="alert.acknowledged").actor == f"user:{boss.pk}"
