"""Whatever happens to a model, to Valkey or to the database: a whole, checked summary, or an honest refusal."""

from collections.abc import Callable
from typing import Any

import pytest

from omnicqm.common.outbox.models import OutboxRecord
from tests.conversations.insights.asking import DAMAGED_SOFA, PRIMARY, SECONDARY, Caller
from tests.simulators.bedrock import (
    ConnectionClosed,
    GarbageJson,
    Hang,
    HttpError,
    Reply,
    Simulator,
    Throttle,
    error_of,
)
from tests.simulators.bedrock.addresses import refusing_url

ENGINE = "local-extractive"
FAILURES: dict[str, Any] = {
    "throttled": Throttle(),
    "hanging": Hang(),
    "hung up": ConnectionClosed(),
    "broken": HttpError(500),
    "not allowed": error_of("AccessDeniedException"),
    "garbage": GarbageJson(),
    "no JSON": Reply("I would rather talk about the weather."),
    "invented amount": Reply(
        '{"matters": [{"subject": "refund", "statements": [{"kind": "problem", '
        '"text": "The customer wants a refund of 9,999.00 EUR.", "events": [1]}]}], "mood": "calm"}'
    ),
    "empty": Reply(""),
}


@pytest.fixture
def models(crm: Caller, bedrock: Simulator, settings: Any) -> Simulator:
    """Both models of Bedrock and the embedded engine; one interaction to summarise. Only a test of hanging hurries."""
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {"primary": 5.0, "secondary": 5.0}
    crm.happened()
    return bedrock


class TestModels:
    def test_the_primary_answers_when_it_can(self, crm: Caller, models: Simulator) -> None:
        told = crm.told()
        assert told["model_used"] == PRIMARY
        assert "1,299.00 EUR" in told["summary"]

    @pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
    def test_when_it_fails_the_secondary_does(
        self, crm: Caller, models: Simulator, settings: Any, failure: Any
    ) -> None:
        settings.MODEL_SECONDS = {"primary": 0.3 if isinstance(failure, Hang) else 5.0, "secondary": 5.0}
        models.always(PRIMARY, failure)
        insight = crm.insight()
        assert (insight.model_used, insight.fell_back) == (SECONDARY, True)
        assert "1,299.00 EUR" in insight.summary

    @pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
    def test_when_both_fail_the_engine_does(self, crm: Caller, models: Simulator, settings: Any, failure: Any) -> None:
        if isinstance(failure, Hang):
            settings.MODEL_SECONDS = {"primary": 0.3, "secondary": 0.3}
        models.always(PRIMARY, failure)
        models.always(SECONDARY, failure)
        insight = crm.insight()
        assert (insight.model_used, insight.fell_back) == (ENGINE, True)
        assert "1,299.00 EUR" in insight.summary
        assert "9,999" not in insight.summary

    def test_nobody_there_at_all_is_no_matter_either(
        self, crm: Caller, models: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", refusing_url())
        assert crm.told()["model_used"] == ENGINE

    def test_a_prompt_that_was_cached_is_told_apart_from_a_text_that_was(self, crm: Caller, models: Simulator) -> None:
        crm.told()
        models.always(PRIMARY, with_usage(models, cacheReadInputTokens=1200))
        prompt_cached = crm.insight(ivr_intent="another reason")
        assert (prompt_cached.cache, prompt_cached.usage["cache_read_tokens"]) == ("prompt", 1200)
        assert crm.told(ivr_intent="another reason")["cache_hit"]
        assert crm.insight(ivr_intent="another reason").cache == "result"


def with_usage(bedrock: Simulator, **usage: int) -> Callable[[Any], Reply]:
    """The simulator's own answer, with other numbers."""

    def answer(call: Any) -> Reply:
        reply = bedrock.reply_default(call)
        return Reply(reply.text, reply.tool_uses, usage=usage)

    return answer


class TestValkey:
    def test_its_absence_costs_nothing(self, crm: Caller, models: Simulator, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        settings.CACHES = {
            "default": {"BACKEND": "omnicqm.common.cache.ValkeyCache", "LOCATION": "redis://127.0.0.1:1/0"}
        }
        assert crm.told()["model_used"] == PRIMARY
        assert crm.told(contact_id="call-2")["cache_hit"]


class TestStorage:
    def test_every_answer_waits_in_the_outbox_wherever_s3_is(self, crm: Caller, settings: Any) -> None:
        crm.happened()
        generated, repeated = crm.told(), crm.told(contact_id="call-2")
        records = {record.key: record.payload for record in OutboxRecord.objects.filter(topic="omni-channel/processed")}
        assert records.keys() == {generated["request_id"], repeated["request_id"]}
        full, short = records[generated["request_id"]], records[repeated["request_id"]]
        assert generated.items() <= full.items()
        assert [event["text"] for event in full["interactions"]] == [DAMAGED_SOFA]
        assert full["query"]
        assert (short["cache"], short["source_id"], short["interactions"]) == ("result", generated["request_id"], [])


class TestHistoryElsewhere:
    """The company's DynamoDB table is away: what is told says so, and is made anew once the table is back."""

    @pytest.fixture
    def table_away(self, settings: Any, aws: Any) -> None:
        settings.HISTORY_TABLE = {**settings.HISTORY_TABLE, "name": "nowhere"}

    def test_a_summary_of_the_rest_says_that_it_is_not_the_whole(
        self, crm: Caller, table_away: None, settings: Any
    ) -> None:
        crm.happened()
        assert crm.told()["summary"].endswith("one source of interactions could not be read just now.")
        assert crm.told(contact_id="call-2")["cache_hit"]
        settings.HISTORY_TABLE = {**settings.HISTORY_TABLE, "name": ""}
        whole = crm.told(contact_id="call-3")
        assert (whole["cache_hit"], "could not be read" in whole["summary"]) == (False, False)

    def test_nothing_found_is_not_told_as_if_there_were_nothing(self, crm: Caller, table_away: None) -> None:
        assert "could not be read" in crm.told()["summary"]
