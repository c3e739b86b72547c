"""Which answer was meant: what others, such as ratings, look an insight up by."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.insights.selectors import insight_find
from conversations.models import Insight

pytestmark = pytest.mark.django_db


def insight_make(**fields: Any) -> Insight:
    day = date(2026, 11, 21)
    told = {
        "client": "crm",
        "unique_process_id": "process-1",
        "account_number": "AC-77",
        "contact_id": "call-1",
        "ivr_intent": "misc",
        "max_history_days": 90,
        "max_interactions": 10,
        "summary": "The sofa came damaged.",
        "date_from": day,
        "date_to": day,
        "model_used": "local-extractive",
        "prompt_version": "1",
        "latency_ms": 12,
        "valid_until": timezone.now() + timedelta(days=7),
    }
    return Insight.objects.create(**told | fields)


def test_by_its_request_id_or_its_process() -> None:
    insight, _ = insight_make(), insight_make(unique_process_id="process-2")
    assert insight_find(request_id=insight.pk) == insight
    assert insight_find(unique_process_id="process-1") == insight
    assert insight_find(unique_process_id="process-1", request_id=insight.pk) == insight
    assert insight_find(unique_process_id="process-2", request_id=insight.pk) is None


def test_by_contact_and_account_the_latest_however_the_account_is_written() -> None:
    insight_make(created_at=timezone.now() - timedelta(minutes=5))
    insight_make(unique_process_id="process-2", contact_id="call-2")
    insight_make(unique_process_id="process-3", account_number="AC-78")
    latest = insight_make(unique_process_id="process-4")
    assert insight_find(contact_id="call-1", account_number=" ac-77") == latest
    assert insight_find(contact_id="call-1", account_number="AC-79") is None


def test_of_one_client_where_one_is_given() -> None:
    mine, theirs = insight_make(), insight_make(client="connect")
    assert insight_find(unique_process_id="process-1", client="crm") == mine
    assert insight_find(request_id=theirs.pk, client="crm") is None
    assert insight_find(request_id=theirs.pk) == theirs


def test_nothing_to_look_for_finds_nothing() -> None:
    insight_make()
    assert insight_find() is None
    assert insight_find(contact_id="call-1") is None
    assert insight_find(account_number="AC-77") is None


def test_what_repeats_another_tells_its_text() -> None:
    source = insight_make()
    repeated = insight_make(unique_process_id="process-2", source=source, summary="", cache="result")
    found = insight_find(request_id=repeated.pk)
    assert found
    assert found.text == "The sofa came damaged."
