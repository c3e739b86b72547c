"""The interface as other systems were promised it, field for field."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.models import Insight
from tests.api import ApiClient, problem_of
from tests.conversations.insights.asking import INSIGHTS, Caller

REQUEST = {
    "unique_process_id": "a0X5g000001abcd-7f3e",
    "account_number": "HH-10001",
    "initial_contact_id": "contact-0",
    "contact_id": "contact-1",
    "ivr_intent": "refund",
    "max_history_days": 30,
    "max_interactions": 5,
    "channel_filter": "voice",
}


def test_the_request_of_the_table_gets_the_answer_of_the_table(crm: Caller) -> None:
    crm.happened("The sofa of order HH-4711 came damaged.", days_ago=3)
    crm.happened("I want a refund of 1,299.00 EUR.", days_ago=1)
    before = timezone.now()

    answer = crm.api.post(INSIGHTS, REQUEST)

    assert answer.status_code == 200
    told = answer.json()
    assert told.keys() == {
        *("contact_id", "unique_process_id", "request_id", "account_number", "summary", "date_range", "model_used"),
        *("cache_hit", "latency_ms", "generated_at", "max_history_days", "max_interactions", "channel_filter"),
        "prompt_version",
    }
    echoed = REQUEST.keys() - {"initial_contact_id", "ivr_intent"}
    assert {name: told[name] for name in echoed} == {name: REQUEST[name] for name in echoed}
    assert re.fullmatch(r"ins_[0-9a-z]{26}", told["request_id"])
    assert "refund of 1,299.00 EUR" in told["summary"]
    first, last = (before - timedelta(days=days) for days in (3, 1))
    assert told["date_range"] == f"{first.date()} to {last.date()}"
    assert told["model_used"] == "local-extractive"
    assert told["cache_hit"] is False
    assert 0 <= told["latency_ms"] < 8000
    assert before <= datetime.fromisoformat(told["generated_at"]) + timedelta(milliseconds=1) <= timezone.now()
    assert told["prompt_version"]

    assert answer["X-Model-Used"] == told["model_used"]
    assert answer["X-Cache-Hit"] == "false"
    assert answer["X-Latency-Ms"] == str(told["latency_ms"])
    assert answer["X-Request-Id"]


def test_an_account_and_a_contact_are_enough(crm: Caller) -> None:
    told = crm.api.post(INSIGHTS, {"account_number": "HH-10001", "contact_id": "contact-1"}).json()
    assert re.fullmatch(r"prc_[0-9a-z]{26}", told["unique_process_id"])
    assert (told["max_history_days"], told["max_interactions"], told["channel_filter"]) == (90, 10, None)


@pytest.mark.parametrize("empty", [None, "", []])
def test_what_a_gateway_leaves_empty_gets_its_default(crm: Caller, empty: Any) -> None:
    body: dict[str, Any] = {"account_number": "HH-10001", "contact_id": "contact-1", "channel_filter": empty}
    if empty != []:
        body |= {"unique_process_id": empty, "initial_contact_id": empty, "ivr_intent": empty}
    told = crm.api.post(INSIGHTS, body).json()
    assert told["channel_filter"] is None
    assert told["unique_process_id"]


class TestWithoutHistory:
    def test_it_says_so_and_asks_no_model(self, crm: Caller) -> None:
        crm.happened(days_ago=40)
        told = crm.told(max_history_days=30)
        today = timezone.now().date()
        assert told["summary"] == "No interactions found for this account in the last 30 days."
        assert told["date_range"] == f"{today - timedelta(days=30)} to {today}"
        assert (told["model_used"], told["prompt_version"], told["cache_hit"]) == ("none", "none", False)

    def test_an_account_that_nobody_knows_has_none(self, crm: Caller) -> None:
        assert crm.told(account="nobody-1")["model_used"] == "none"

    def test_channels_without_any_are_named(self, crm: Caller) -> None:
        crm.happened(channel="voice")
        told = crm.told(channel_filter=["chat", "whatsapp"])
        assert told["summary"] == "No interactions found for this account on chat, whatsapp in the last 90 days."

    def test_the_first_interaction_is_seen_at_once(self, crm: Caller) -> None:
        assert crm.told()["model_used"] == "none"
        crm.happened()
        assert crm.told()["model_used"] == "local-extractive"


class TestHistory:
    def test_is_cut_by_days_number_and_channel(self, crm: Caller) -> None:
        crm.happened("The table wobbles.", days_ago=5, channel="email")
        crm.happened("The lamp flickers.", days_ago=3, channel="voice")
        crm.happened("The chair squeaks.", days_ago=1, channel="chat")
        assert self.told_of(crm, max_history_days=4) == {"lamp", "chair"}
        assert self.told_of(crm, max_interactions=1) == {"chair"}
        assert self.told_of(crm, channel_filter="email") == {"table"}
        assert self.told_of(crm, channel_filter="email,chat") == {"table", "chair"}
        assert self.told_of(crm, channel_filter=["voice", "chat"]) == {"lamp", "chair"}

    @staticmethod
    def told_of(crm: Caller, **fields: Any) -> set[str]:
        insight = crm.insight(**fields)
        texts = " ".join(event["text"] for event in insight.interactions)
        return {thing for thing in ("table", "lamp", "chair") if thing in texts}


class TestTheSameProcess:
    def test_gets_the_stored_answer(self, crm: Caller) -> None:
        crm.happened()
        first = crm.ask(unique_process_id="process-1")
        crm.happened("I also want a voucher.", days_ago=0.5)
        again = crm.ask(unique_process_id="process-1")
        assert again.json() == first.json()
        for header in ("X-Model-Used", "X-Cache-Hit", "X-Latency-Ms"):
            assert again[header] == first[header]

    def test_with_another_body_is_a_conflict_that_names_it(self, crm: Caller) -> None:
        crm.told(unique_process_id="process-1")
        answer = crm.ask(unique_process_id="process-1", max_interactions=11)
        problem = problem_of(answer)
        assert (problem["status"], problem["param"]) == (409, "unique_process_id")
        assert "max_interactions" in problem["detail"]

    def test_of_another_client_is_another_one(self, crm: Caller) -> None:
        crm.happened()
        mine, theirs = crm.told(unique_process_id="p"), Caller(ApiClient()).told(unique_process_id="p", contact_id="x")
        assert mine["request_id"] != theirs["request_id"]

    def test_after_seven_days_is_answered_anew(self, crm: Caller) -> None:
        crm.happened()
        first = crm.told(unique_process_id="process-1")
        Insight.objects.update(created_at=timezone.now() - timedelta(days=7, seconds=1))
        again = crm.told(unique_process_id="process-1")
        assert again["request_id"] != first["request_id"]
        assert crm.told(unique_process_id="process-1") == again
