"""Alerts in the console: seen where people look, changed by who may, taken care of by a person."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from analytics.alerts.evaluating import rules_ensure
from analytics.models import Alert, AlertReceiver, AlertRule
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
ALERTS, RULES = reverse("admin:analytics_alert_changelist"), reverse("admin:analytics_alertrule_changelist")
ADD_RECEIVER = reverse("admin:analytics_alertreceiver_add")


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


@pytest.fixture
def alert() -> Alert:
    rules_ensure()
    return Alert.objects.create(
        rule_id="failure_rate", value=7.5, worst=9, threshold=5, sample=40, words="3 of 40 runs failed."
    )


def rule_page(key: str) -> str:
    return reverse("admin:analytics_alertrule_change", args=[key])


def rule_form(**changes: str) -> dict[str, str]:
    values = {"enabled": "on", "threshold": "5", "clear_below": "3", "window_minutes": "15", "least_sample": "20"}
    return {**values, "hits": "2", "of_last": "3", **changes}


def test_open_alerts_are_on_the_home_page_and_in_the_sidebar(client, boss, alert):
    shown = client.get(HOME).content.decode()
    assert 'data-testid="alerts"' in shown
    assert "7.5 %, bad above 5 %" in shown
    assert "3 of 40 runs failed." in shown
    listed = client.get(ALERTS).content.decode()
    assert "Failure rate" in listed
    alert.resolved_at = alert.fired_at
    alert.save()
    assert 'data-testid="alerts"' not in client.get(HOME).content.decode()


def test_a_person_takes_care(client, boss, alert):
    page = reverse("admin:analytics_alert_change", args=[alert.pk])
    shown = client.get(page).content.decode()
    assert "I take care" in shown
    take_care = reverse("admin:analytics_alert_acknowledge", args=[alert.pk])
    assert 'method="post"' in client.get(take_care).content.decode()
    alert.refresh_from_db()
    assert alert.acknowledged_at is None, "a link does nothing yet"
    client.post(take_care)
    alert.refresh_from_db()
    assert alert.acknowledged_by == boss
    assert "Alex Morgan" in client.get(page).content.decode()
    assert "takes care" in client.get(HOME).content.decode()


def test_rules_are_shown_on_a_fresh_installation_and_changed(client, boss):
    assert "Overdue queue" in client.get(RULES).content.decode()
    response = client.post(rule_page("failure_rate"), rule_form(threshold="8"))
    assert response.status_code == 302, response.context["adminform"].errors
    assert AlertRule.objects.get(pk="failure_rate").threshold == 8
    assert AuditEvent.objects.get(action="alertrule.changed").actor == f"user:{boss.pk}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"clear_below": "6"}, "clear_below"), ({"hits": "4"}, "hits"), ({"window_minutes": "0"}, "window_minutes")],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(client, boss, changes, field):
    client.get(RULES)
    response = client.post(rule_page("failure_rate"), rule_form(**changes))
    assert response.context["adminform"].form.errors[field]


def test_a_receiver_gets_a_secret_that_is_shown_once(client, boss):
    form = {"name": "On-call", "kind": "webhook", "target": "https://hooks.example.com/x", "enabled": "on"}
    shown = client.post(ADD_RECEIVER, form, follow=True).content.decode()
    receiver = AlertReceiver.objects.get()
    assert receiver.secret in shown.replace("&#x2B;", "+")
    assert (
        receiver.secret
        not in client.get(reverse("admin:analytics_alertreceiver_change", args=[receiver.pk])).content.decode()
    )
    before = receiver.secret
    client.get(reverse("admin:analytics_alertreceiver_secret_page", args=[receiver.pk]))
    receiver.refresh_from_db()
    assert receiver.secret == before, "a link does nothing yet"
    client.post(reverse("admin:analytics_alertreceiver_secret_page", args=[receiver.pk]))
    receiver.refresh_from_db()
    assert receiver.secret != before


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("webhook", "http://hooks.example.com"),
        ("webhook", "https://10.0.0.1/x"),
        ("mail", "nobody"),
        ("webhook", "x@y.org"),
    ],
)
def test_a_target_that_cannot_work_is_refused(client, boss, kind, target):
    response = client.post(ADD_RECEIVER, {"name": "X", "kind": kind, "target": target})
    assert response.context["adminform"].form.errors["target"]
    assert not AlertReceiver.objects.exists()


def test_consultants_see_and_change_nothing_of_it(client, alert):
    person = consultant_make()
    client.force_login(person)
    assert 'data-testid="alerts"' not in client.get(HOME).content.decode()
    acknowledge = reverse("admin:analytics_alert_acknowledge", args=[alert.pk])
    for url in (ALERTS, RULES, ADD_RECEIVER, acknowledge):
        assert client.get(url).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_alert"))
    assert 'data-testid="alerts"' in client.get(HOME).content.decode()
    assert client.get(acknowledge).status_code == 403
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
