"""When a text is told again, and when it is not."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.insights.services import insights_purge
from conversations.insights.storing import FALLBACK_KEPT, KEPT
from conversations.models import Insight
from tests.api import ApiClient
from tests.conversations.insights.asking import PRIMARY, Caller
from tests.simulators.bedrock import Simulator, Throttle


@pytest.fixture
def first(crm: Caller) -> dict[str, Any]:
    crm.happened()
    return crm.told(contact_id="call-1")


def test_a_transfer_to_another_crm_agent_gets_the_text_at_once(crm: Caller, first: dict[str, Any]) -> None:
    transferred = crm.ask(contact_id="call-2", initial_contact_id="call-1")
    told = transferred.json()
    assert (told["cache_hit"], transferred["X-Cache-Hit"]) == (True, "true")
    same = ("summary", "model_used", "prompt_version", "generated_at", "date_range")
    assert {name: told[name] for name in same} == {name: first[name] for name in same}
    assert told["contact_id"] == "call-2"
    assert told["request_id"] != first["request_id"]


def test_the_record_tells_where_the_text_came_from(crm: Caller, first: dict[str, Any]) -> None:
    generated = Insight.objects.get(pk=first["request_id"])
    repeated, repeated_again = crm.insight(contact_id="call-2"), crm.insight(contact_id="call-3")
    assert (generated.cache, repeated.cache, repeated_again.cache) == ("none", "result", "result")
    assert (repeated.source, repeated_again.source) == (generated, generated)
    assert [event["text"] for event in generated.interactions] == [
        "The sofa of order HH-4711 came damaged. I want a refund of 1,299.00 EUR."
    ]
    assert generated.query
    assert repeated.summary == ""


def test_another_client_gets_it_too(crm: Caller, first: dict[str, Any]) -> None:
    assert Caller(ApiClient()).told()["cache_hit"]


def test_a_new_event_makes_a_new_text(crm: Caller, first: dict[str, Any]) -> None:
    crm.happened("The refund arrived, thank you.", days_ago=0)
    told = crm.told()
    assert not told["cache_hit"]
    assert told["summary"] != first["summary"]


@pytest.mark.parametrize(
    "fields", [{"max_history_days": 91}, {"max_interactions": 9}, {"channel_filter": "voice"}], ids=str
)
def test_other_parameters_make_a_new_text(crm: Caller, first: dict[str, Any], fields: dict[str, Any]) -> None:
    assert not crm.told(**fields)["cache_hit"]


def test_an_intent_counts_where_it_changes_the_text(crm: Caller, first: dict[str, Any]) -> None:
    assert crm.told(ivr_intent="other")["cache_hit"]
    assert not crm.told(ivr_intent="refund")["cache_hit"]
    assert crm.told(ivr_intent="Refund")["cache_hit"]


def test_no_text_is_told_after_seven_days(crm: Caller, first: dict[str, Any]) -> None:
    made = timezone.now() - KEPT
    Insight.objects.update(generated_at=made + timedelta(minutes=1), valid_until=made + KEPT + timedelta(minutes=1))
    assert crm.told()["cache_hit"]
    Insight.objects.update(generated_at=made, valid_until=made + KEPT)
    assert not crm.told()["cache_hit"]


def test_other_models_words_serve_a_transfer_and_no_longer(
    crm: Caller, first: dict[str, Any], bedrock: Simulator, settings: Any
) -> None:
    settings.MODEL_ROUTE = ["primary", "local"]
    bedrock.always(PRIMARY, Throttle())
    insight = crm.insight()
    assert (insight.fell_back, insight.cache) == (True, "none")  # another route was wanted than for the first
    assert insight.valid_until - insight.generated_at == FALLBACK_KEPT
    assert crm.told(contact_id="call-2")["cache_hit"]


def test_old_texts_are_forgotten_and_what_was_measured_stays(crm: Caller, first: dict[str, Any]) -> None:
    Insight.objects.update(created_at=timezone.now() - timedelta(days=91))
    fresh = crm.insight(contact_id="call-2")
    assert insights_purge() == 1
    assert insights_purge() == 0
    insight = Insight.objects.get(pk=first["request_id"])
    assert (insight.summary, insight.interactions, insight.query) == ("", [], {})
    assert insight.model_used == first["model_used"]
    assert Insight.objects.get(pk=fresh.pk).query
    assert not crm.told(contact_id="call-3")["cache_hit"]
