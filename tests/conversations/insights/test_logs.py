"""What the log tells of a request: every step with ids and timings, and nothing about a person."""

from typing import Any

import pytest

from tests.conversations.insights.asking import PRIMARY, Caller
from tests.simulators.bedrock import Hang, Simulator, error_of

Lines = list[dict[str, Any]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines told since, of insights alone."""

    def since() -> Lines:
        told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        caplog.clear()
        return [line for line in told if str(line["event"]).isupper()]

    return since


def test_a_generated_summary_tells_every_step_in_order(crm: Caller, lines: Any) -> None:
    crm.happened()
    lines()
    told = crm.told()
    logged = lines()
    assert [line["event"] for line in logged] == [
        *("REQUEST_RECEIVED", "HISTORY_QUERY_START", "HISTORY_QUERY_SUCCESS"),
        *("MODEL_INVOKE_START", "MODEL_INVOKE_SUCCESS", "RESULT_STORED"),
    ]
    assert {line["request_id"] for line in logged} == {told["request_id"]}
    assert len({line["correlation_id"] for line in logged}) == 1
    ended = [line for line in logged if line["event"].endswith(("SUCCESS", "STORED"))]
    assert all(isinstance(line["ms"], int) for line in ended)
    assert (ended[1]["model"], ended[2]["model_used"]) == ("local-extractive", "local-extractive")


def test_a_repeated_text_asks_no_model(crm: Caller, lines: Any) -> None:
    crm.happened()
    crm.told()
    lines()
    crm.told(contact_id="call-2")
    logged = lines()
    assert [line["event"] for line in logged] == [
        *("REQUEST_RECEIVED", "HISTORY_QUERY_START", "HISTORY_QUERY_SUCCESS", "RESULT_STORED"),
    ]
    assert logged[-1]["cache"] == "result"


def test_nothing_about_a_person_is_in_it(crm: Caller, caplog: pytest.LogCaptureFixture) -> None:
    crm.happened("Call me at nora.lindqvist@example.com.", account="AC-778899")
    crm.told(
        account="AC-778899",
        contact_id="nora.lindqvist@example.com",
        unique_process_id="+4915112345678",
        initial_contact_id="nora.lindqvist@example.com",
        ivr_intent="Nora wants her money",
    )
    for personal in ("778899", "nora", "Nora", "4915112345678", "money"):
        assert personal not in caplog.text


def asked(lines: Lines) -> list[tuple[str, str]]:
    invoked = [line for line in lines if line["event"].startswith("MODEL_INVOKE_")]
    return [(line["event"].removeprefix("MODEL_INVOKE_"), line["provider"]) for line in invoked]


def test_every_model_that_is_asked_is_told_of_with_its_own_time(
    crm: Caller, bedrock: Simulator, settings: Any, lines: Any
) -> None:
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {"primary": 1.0, "secondary": 5.0}
    bedrock.always(PRIMARY, Hang())
    crm.happened()
    lines()
    crm.told()
    logged = lines()
    assert asked(logged) == [
        *(("START", "primary"), ("START", "secondary")),
        *(("TIMEOUT", "primary"), ("SUCCESS", "secondary")),
    ]
    waited = {line["provider"]: line["ms"] for line in logged if "ms" in line and "provider" in line}
    assert waited["secondary"] < 1000 <= waited["primary"]


def test_a_model_that_is_left_alone_is_not_told_of_as_asked(
    crm: Caller, bedrock: Simulator, settings: Any, lines: Any
) -> None:
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {"primary": 5.0, "secondary": 5.0}
    bedrock.always(PRIMARY, error_of("AccessDeniedException"))  # opens the breaker at once
    for account in ("AC-1001", "AC-1002"):
        crm.happened(account=account)
        lines()
        crm.told(account=account)
    assert asked(lines()) == [("START", "secondary"), ("SUCCESS", "secondary")]
