"""Insights in the console: what was told, by which model, how fast, and what it rests on."""

import pytest
from django.urls import reverse

from conversations.models import Insight
from feedback.models import Rating
from tests.console.people import admin_make, consultant_make
from tests.conversations.insights.asking import DAMAGED_SOFA, Caller

LIST = reverse("admin:conversations_insight_changelist")


@pytest.fixture
def crm(db):
    crm = Caller.new()
    crm.happened()
    return crm


@pytest.fixture
def boss(client, crm):
    client.force_login(admin_make())
    return client


def page(client, insight: Insight) -> str:
    return client.get(reverse("admin:conversations_insight_change", args=[insight.pk])).content.decode()


def listed(client, **chosen) -> set[str]:
    return {insight.pk for insight in client.get(LIST, chosen).context["cl"].queryset}


def test_an_insight_shows_the_interactions_it_was_made_from_also_when_it_repeats_another(boss, crm):
    generated, repeated = crm.insight(), crm.insight(contact_id="call-2")
    for insight in (generated, repeated):
        shown = page(boss, insight)
        assert shown.count(DAMAGED_SOFA) >= 1
        assert "local-extractive" in shown
        assert "HH-10001" in shown
    assert generated.pk in page(boss, repeated)


def test_what_was_forgotten_and_what_never_was_are_told_apart(boss, crm):
    forgotten, nothing = crm.insight(), crm.insight(account="nobody-1")
    Insight.objects.filter(pk=forgotten.pk).update(summary="", interactions=[], query={})
    assert "This text was forgotten" in page(boss, forgotten)
    assert "There were none." in page(boss, nothing)


def test_the_list_is_cut_by_model_cache_and_latency(boss, crm):
    generated, repeated = crm.insight(), crm.insight(contact_id="call-2")
    nothing = crm.insight(account="nobody-1")
    Insight.objects.filter(pk=generated.pk).update(latency_ms=5200)
    Insight.objects.exclude(pk=generated.pk).update(latency_ms=20)
    assert listed(boss, cache__exact="result") == {repeated.pk}
    assert listed(boss, model_used="none") == {nothing.pk}
    assert listed(boss, latency="late") == {generated.pk}
    assert listed(boss, latency="instant") == {repeated.pk, nothing.pk}
    assert listed(boss, q="call-2") == {repeated.pk}


def test_the_list_asks_the_database_as_often_for_many_as_for_one(boss, crm, django_assert_max_num_queries):
    for number in range(6):
        crm.told(contact_id=f"call-{number}")
    with django_assert_max_num_queries(14):
        boss.get(LIST)


def test_ratings_are_shown_with_what_they_are_about(boss, crm):
    insight = crm.insight()
    crm.api.post("/api/v1/feedback", {"request_id": insight.pk, "feedback": "not_helpful"})
    assert Rating.objects.exists()
    assert "Not helpful" in page(boss, insight)


def test_it_is_for_admins_alone(client, crm):
    client.force_login(consultant_make())
    assert client.get(LIST).status_code == 403
