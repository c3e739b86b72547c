"""Everything that can go wrong between us and Bedrock: who is asked how often, who answers, and what the ledger says.

Whole runs over the real route: our loop and router, the provider, boto3, HTTP, and the simulated service, whose
unscripted replies the embedded engine makes. The primary fails in each way; nothing is asked twice for one question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache

from agents.models import Run
from agents.routing.breaker import State
from agents.routing.stops import route_build
from agents.types import Blocker, Decision, RunResult
from omnicqm.common.models import Attempt
from tests.agents.conftest import HOURS
from tests.simulators import bedrock as simulated
from tests.simulators.bedrock import Call, Reply, Simulator, error_of
from tests.simulators.bedrock.addresses import refusing_url, silent_url
from tests.simulators.bedrock.script import Item

PRIMARY = "eu.amazon.nova-2-lite-v1:0"
SECONDARY = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
LOCAL = "local-extractive"
QUESTION = "When do you open?"
# Seconds a call of the primary may take: as long as it likes, hardly any, or enough for what it is not to fail at.
PATIENT, HURRIED, BUSY = 30.0, 0.4, 4.0

Row = tuple[str, str, str, str]  # purpose, provider, outcome, error code


def good(provider: str, *purposes: str) -> list[Row]:
    return [(purpose, provider, "ok", "") for purpose in purposes]


WHOLE_RUN = ("gather", "gather", "assess", "compose")  # it searches, has enough, assesses and answers


@dataclass(frozen=True)
class Failure:
    """A row of the table: how the primary fails, what the ledger calls it, and whether its breaker opens at once."""

    item: Item
    code: str
    outcome: str = "error"
    seconds: float = PATIENT
    opens: bool = False


def refused(kind: str, code: str, **how: Any) -> Failure:
    return Failure(error_of(kind), code, **how)


# What one call of Converse can come to: errors of the service, then of the connection, then of the body.
FAILURES = {
    "AccessDeniedException": refused("AccessDeniedException", "model_access_denied", opens=True),
    "ResourceNotFoundException": refused("ResourceNotFoundException", "model_access_denied", opens=True),
    "ValidationException": refused("ValidationException", "model_request_invalid"),
    "ValidationException, too long": Failure(
        error_of("ValidationException", "Input is too long for requested model."), "context_too_long"
    ),
    "ThrottlingException": refused("ThrottlingException", "model_throttled"),
    "ModelNotReadyException": refused("ModelNotReadyException", "model_unavailable"),
    "ModelTimeoutException": refused("ModelTimeoutException", "model_timeout", outcome="timeout"),
    "ModelErrorException": refused("ModelErrorException", "model_unavailable"),
    "InternalServerException": refused("InternalServerException", "model_unavailable"),
    "ServiceUnavailableException": refused("ServiceUnavailableException", "model_unavailable"),
    "ServiceQuotaExceededException": refused("ServiceQuotaExceededException", "model_access_denied", opens=True),
    "ConflictException": refused("ConflictException", "model_request_invalid"),
    "429 without a type": Failure(simulated.HttpError(429), "model_throttled"),
    "503 without a type": Failure(simulated.HttpError(503), "model_unavailable"),
    "a silent service": Failure(simulated.Hang(), "model_timeout", outcome="timeout", seconds=HURRIED),
    "a dripping answer": Failure(simulated.Drip(0.05), "model_timeout", outcome="timeout", seconds=HURRIED),
    "a closed connection": Failure(simulated.ConnectionClosed(), "model_unavailable"),
    "an answer cut in half": Failure(simulated.TruncatedStream(), "invalid_model_output"),
    "garbage": Failure(simulated.GarbageJson(), "invalid_model_output"),
    "an answer without its parts": Failure(simulated.RawJson({"stopReason": "end_turn"}), "invalid_model_output"),
    "ten megabytes": Failure(simulated.HugeReply(), "invalid_model_output"),
    "an unknown stop reason": Failure(Reply("Well.", stop_reason="bored"), "invalid_model_output"),
    "model_context_window_exceeded": Failure(
        Reply("Well.", stop_reason="model_context_window_exceeded"), "context_too_long"
    ),
}

# What a stream can come to before its first text is out.
EARLY = {
    "ThrottlingException": refused("ThrottlingException", "model_throttled"),
    "a silent service": Failure(simulated.Hang(), "model_timeout", outcome="timeout", seconds=BUSY),
    "ten megabytes": Failure(simulated.HugeReply(), "invalid_model_output"),
    "an empty stream": Failure(simulated.TruncatedStream(0), "invalid_model_output"),
    "a stream that ends after its start": Failure(simulated.TruncatedStream(1), "invalid_model_output"),
    "a broken connection": Failure(simulated.TruncatedStream(1, broken=True), "model_unavailable"),
    "a wrong checksum": Failure(simulated.BadChecksum(after=1), "invalid_model_output"),
    "garbage": Failure(simulated.GarbageJson(), "invalid_model_output"),
    "internalServerException": Failure(simulated.MidStreamError("internalServerException", 1), "model_unavailable"),
    "modelStreamErrorException": Failure(simulated.MidStreamError("modelStreamErrorException", 1), "model_unavailable"),
    "validationException": Failure(simulated.MidStreamError("validationException", 1), "model_request_invalid"),
    "throttlingException": Failure(simulated.MidStreamError("throttlingException", 1), "model_throttled"),
    "serviceUnavailableException": Failure(
        simulated.MidStreamError("serviceUnavailableException", 1), "model_unavailable"
    ),
}

# And after it: nobody else may go on with the sentence.
LATE = {
    "a stream that just ends": Failure(simulated.TruncatedStream(3), "invalid_model_output"),
    "a stream without its usage": Failure(simulated.TruncatedStream(-1), "invalid_model_output"),
    "a broken connection": Failure(simulated.TruncatedStream(3, broken=True), "model_unavailable"),
    "a wrong checksum": Failure(simulated.BadChecksum(after=3), "invalid_model_output"),
    "a stream that falls silent": Failure(simulated.StalledStream(3), "model_timeout", outcome="timeout", seconds=BUSY),
    "a stream that drips": Failure(simulated.Drip(0.6, size=150), "model_timeout", outcome="timeout", seconds=BUSY),
    **{
        code: Failure(simulated.MidStreamError(code, 3), expected)
        for code, expected in {
            "internalServerException": "model_unavailable",
            "modelStreamErrorException": "model_unavailable",
            "validationException": "model_request_invalid",
            "throttlingException": "model_throttled",
            "serviceUnavailableException": "model_unavailable",
        }.items()
    },
}


@pytest.fixture(autouse=True)
def route(bedrock: Simulator, know: Callable[..., None], settings: Any) -> None:
    """The route of OMNICQM_MODEL=bedrock over a knowledge base that knows the opening hours; no call fails for being
    slow unless a row says so."""
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {"primary": PATIENT, "secondary": PATIENT}
    settings.MODEL_RUN_SECONDS = 120.0
    cache.clear()  # breakers of other tests
    bedrock.reply_default = remembered(bedrock.reply_default)
    know(HOURS, external_id="hours")


def remembered(think: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    """The same reply to the same question without thinking again, so that a busy machine fails no call."""

    def reply(call: Call) -> Reply:
        messages = call.body["messages"]
        key = call.model_id, call.purpose, len(messages), str(messages[0])
        if key not in _REPLIES:
            _REPLIES[key] = think(call)
        return _REPLIES[key]

    return reply


_REPLIES: dict[tuple[str, str, int, str], Reply] = {}


def failing(bedrock: Simulator, failure: Failure, settings: Any, *, purpose: str = "") -> None:
    """The primary fails from now on, when asked for `purpose` or for anything."""
    settings.MODEL_SECONDS = {"primary": failure.seconds, "secondary": PATIENT}
    if not purpose:
        bedrock.always(PRIMARY, failure.item)
        return

    def when_asked(call: Call) -> Item:
        return failure.item if call.purpose == purpose else bedrock.reply_default(call)

    bedrock.always(PRIMARY, when_asked)


def rehearse(bedrock: Simulator, run: Callable[..., RunResult]) -> None:
    """A run in which nothing fails: what the primary says is remembered, and the engine that composes is loaded."""
    run(QUESTION)
    bedrock.calls.clear()


def ledger(result: RunResult) -> list[Row]:
    rows = Attempt.objects.filter(run_id=result.run_id).order_by("at", "id")
    return list(rows.values_list("purpose", "provider", "outcome", "error_code"))


def asked(bedrock: Simulator) -> Mapping[str, int]:
    """Requests that reached the service, by model: what boto3 itself repeated would show here."""
    return {model: len(bedrock.calls_of(model)) for model in (PRIMARY, SECONDARY)}


def breaker_of(alias: str) -> State:
    (stop,) = [stop for stop in route_build() if stop.alias == alias]
    assert stop.guards is not None
    return stop.guards.breaker.state


def test_when_nothing_fails_the_primary_does_it_all(bedrock: Simulator, run: Callable[..., RunResult]) -> None:
    result = run(QUESTION)
    assert (result.decision, result.model_used) == (Decision.AUTO_SEND, PRIMARY)
    assert "We open at 9" in result.reply_text
    assert ledger(result) == good("primary", *WHOLE_RUN)
    assert asked(bedrock) == {PRIMARY: 4, SECONDARY: 0}
    assert all(row.cost_usd > 0 and row.output_tokens > 0 for row in Attempt.objects.filter(run_id=result.run_id))


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_call_that_fails_is_made_once_and_the_secondary_answers(
    bedrock: Simulator, run: Callable[..., RunResult], settings: Any, failure: Failure
) -> None:
    failing(bedrock, failure, settings)
    result = run(QUESTION)
    assert ledger(result) == [("gather", "primary", failure.outcome, failure.code), *good("secondary", *WHOLE_RUN)]
    assert asked(bedrock) == {PRIMARY: 1, SECONDARY: 4}
    assert (result.decision, result.model_used) == (Decision.AUTO_SEND, SECONDARY)
    assert breaker_of("primary") is (State.OPEN if failure.opens else State.CLOSED)
    assert Run.objects.get(pk=result.run_id).error_code == ""


@pytest.mark.parametrize("failure", EARLY.values(), ids=EARLY)
def test_a_stream_that_fails_before_its_first_text_is_answered_by_the_secondary(
    bedrock: Simulator, run: Callable[..., RunResult], settings: Any, failure: Failure
) -> None:
    rehearse(bedrock, run)
    failing(bedrock, failure, settings, purpose="compose")
    heard: list[str] = []
    result = run(QUESTION, on_sentence=heard.append)
    assert ledger(result) == [
        *good("primary", "gather", "gather", "assess"),
        ("compose", "primary", failure.outcome, failure.code),
        *good("secondary", "compose"),
    ]
    assert (result.decision, result.model_used) == (Decision.AUTO_SEND, SECONDARY)
    assert "We open at 9" in "".join(heard)
    assert asked(bedrock) == {PRIMARY: 4, SECONDARY: 1}


@pytest.mark.parametrize("failure", LATE.values(), ids=LATE)
def test_a_stream_that_fails_after_its_first_text_goes_to_a_person(
    bedrock: Simulator, run: Callable[..., RunResult], settings: Any, failure: Failure
) -> None:
    rehearse(bedrock, run)
    failing(bedrock, failure, settings, purpose="compose")
    result = run(QUESTION, on_sentence=lambda sentence: None)
    assert ledger(result) == [
        *good("primary", "gather", "gather", "assess"),
        ("compose", "primary", failure.outcome, failure.code),
    ]
    assert (result.decision, result.score, result.reasons) == (Decision.ESCALATE, 0, (failure.code,))
    assert Run.objects.get(pk=result.run_id).error_code == failure.code
    assert asked(bedrock) == {PRIMARY: 4, SECONDARY: 0}


@pytest.mark.parametrize("kind", ["refusing", "silent"])
def test_without_a_connection_the_embedded_engine_answers(
    bedrock: Simulator, run: Callable[..., RunResult], settings: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """EndpointConnectionError, at once; ConnectTimeoutError, or the deadline when that is sooner."""
    settings.MODEL_SECONDS = {"primary": PATIENT, "secondary": HURRIED}
    with silent_url() as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", refusing_url() if kind == "refusing" else silent)
        result = run(QUESTION)
    late = ("timeout", "model_timeout") if kind == "silent" else ("error", "model_unavailable")
    assert ledger(result) == [
        ("gather", "primary", "error", "model_unavailable"),
        ("gather", "secondary", *late),
        *good("local", *WHOLE_RUN),
    ]
    assert (result.decision, result.model_used) == (Decision.AUTO_SEND, LOCAL)
    assert bedrock.calls == []


def test_when_both_models_fail_the_embedded_engine_answers(bedrock: Simulator, run: Callable[..., RunResult]) -> None:
    bedrock.always(PRIMARY, simulated.Throttle())
    bedrock.always(SECONDARY, error_of("InternalServerException"))
    result = run(QUESTION)
    assert ledger(result) == [
        ("gather", "primary", "error", "model_throttled"),
        ("gather", "secondary", "error", "model_unavailable"),
        *good("local", *WHOLE_RUN),
    ]
    assert (result.decision, result.model_used) == (Decision.AUTO_SEND, LOCAL)


@pytest.mark.parametrize("stop_reason", ["content_filtered", "guardrail_intervened"])
def test_a_refusal_goes_to_a_person_and_not_to_another_model(
    bedrock: Simulator, run: Callable[..., RunResult], stop_reason: str
) -> None:
    bedrock.always(PRIMARY, Reply("I cannot.", stop_reason=stop_reason))
    result = run(QUESTION)
    assert (result.decision, result.score, result.reasons) == (Decision.ESCALATE, 0, ("model_refused",))
    assert asked(bedrock) == {PRIMARY: 1, SECONDARY: 0}


def test_a_loop_of_tools_ends_at_the_limit(bedrock: Simulator, run: Callable[..., RunResult]) -> None:
    bedrock.always(PRIMARY, simulated.ToolLoop("search_knowledge", query="opening hours"))
    result = run(QUESTION)
    assert (result.decision, result.score) == (Decision.ESCALATE, 0)
    assert Blocker.LIMIT_REACHED in result.blockers
    assert ledger(result) == good("primary", *["gather"] * len(bedrock.calls))
    assert len(bedrock.calls) <= 6


def test_a_model_that_keeps_failing_is_not_asked_any_more(
    bedrock: Simulator, run: Callable[..., RunResult], settings: Any
) -> None:
    bedrock.always(PRIMARY, simulated.Throttle())
    results = [run(QUESTION) for _ in range(5)]
    assert asked(bedrock)[PRIMARY] == 3
    assert [row[1] for row in ledger(results[-1])] == ["secondary"] * 4
    assert [result.model_used for result in results] == [SECONDARY] * 5


def test_what_the_service_would_refuse_never_leaves_us(bedrock: Simulator, run: Callable[..., RunResult]) -> None:
    """Every request of a run, whichever model it is for, is one that the rules of the service let through."""
    run(QUESTION)
    bedrock.always(PRIMARY, simulated.Throttle())
    run("Who are you, and when do you open on Sundays? Also, I want to speak to a person.", sender_verified=True)
    assert {call.model_id for call in bedrock.calls} == {PRIMARY, SECONDARY}
    assert [call.refused for call in bedrock.calls if call.refused] == []
