"""Every fault, as boto3 reports it."""

import time
from contextlib import closing
from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    EventStreamError,
    ReadTimeoutError,
)
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as StreamTimeout

from tests.simulators.bedrock import (
    STREAM_ERRORS,
    BadChecksum,
    ConnectionClosed,
    Drip,
    GarbageJson,
    Hang,
    HttpError,
    HugeReply,
    MidStreamError,
    RawJson,
    Reply,
    Simulator,
    StalledStream,
    Throttle,
    ToolLoop,
    TruncatedStream,
    error_of,
)
from tests.simulators.bedrock.addresses import refusing_url, silent_url
from tests.simulators.bedrock.refusals import STATUS
from tests.simulators.bedrock.script import Item
from tests.simulators.tests.asking import NOVA, SEARCH, asked, events, text_of


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_each_error_has_its_code_and_status(
    bedrock: Simulator, client: Any, kind: str, status: int, operation: str
) -> None:
    bedrock.script(NOVA, [error_of(kind, "so it is")])
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**asked())
    answer = caught.value.response
    assert answer["Error"] == {"Code": kind, "Message": "so it is"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_model_error_tells_the_original_status(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [error_of("ModelErrorException", originalStatusCode=500)])
    with pytest.raises(client.exceptions.ModelErrorException) as caught:
        client.converse(**asked())
    assert caught.value.response["originalStatusCode"] == 500


def test_without_the_header_the_code_is_the_status(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [HttpError(429)])
    with pytest.raises(ClientError) as caught:
        client.converse(**asked())
    assert caught.value.response["Error"]["Code"] == "429"


def test_a_throttle_is_a_429(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Throttle()])
    with pytest.raises(client.exceptions.ThrottlingException):
        client.converse(**asked())


@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_a_silent_service_ends_in_a_read_timeout(bedrock: Simulator, client: Any, operation: str) -> None:
    bedrock.script(NOVA, [Hang()])
    with pytest.raises(ReadTimeoutError):
        getattr(client, operation)(**asked())


def test_a_hang_can_end_before_the_client_does(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Hang(0.05)])
    with pytest.raises(ConnectionClosedError):
        client.converse(**asked())


def test_a_closed_connection_is_named_so(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [ConnectionClosed()])
    with pytest.raises(ConnectionClosedError):
        client.converse(**asked())


def test_dripping_outlasts_the_read_timeout(bedrock: Simulator, client: Any) -> None:
    """The read timeout of a second bounds each gap, not the call."""
    bedrock.script(NOVA, [Drip(seconds=0.3, size=40, reply=Reply("slow"))])
    started = time.monotonic()
    assert client.converse(**asked())["output"]["message"]["content"] == [{"text": "slow"}]
    assert time.monotonic() - started > 1


def test_a_dripping_stream_is_whole_in_the_end(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Drip(seconds=0.002, size=7, reply=Reply("slow"))])
    assert text_of(events(client.converse_stream(**asked()))) == "slow"


@pytest.mark.parametrize("code", STREAM_ERRORS)
def test_a_stream_can_fail_in_its_middle(bedrock: Simulator, client: Any, code: str) -> None:
    bedrock.script(NOVA, [MidStreamError(code)] * 2)
    with closing(client.converse_stream(**asked())["stream"]) as stream:
        assert "messageStart" in next(iter(stream)), "what came before the error is there"
    with pytest.raises(EventStreamError) as caught:
        events(client.converse_stream(**asked()))
    assert caught.value.response["Error"]["Code"] == code


def test_an_error_of_the_middle_is_a_plain_one_without_stream(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [MidStreamError("throttlingException")])
    with pytest.raises(client.exceptions.ThrottlingException):
        client.converse(**asked())


@pytest.mark.parametrize(("kept", "last"), [(3, "contentBlockDelta"), (-1, "messageStop"), (0, None)])
def test_a_stream_that_just_ends_raises_nothing(bedrock: Simulator, client: Any, kept: int, last: str | None) -> None:
    bedrock.script(NOVA, [TruncatedStream(kept)])
    found = events(client.converse_stream(**asked()))
    assert (found[-1][0] if found else None) == last


def test_a_stream_whose_connection_breaks_is_an_error_of_urllib3(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [TruncatedStream(3, broken=True)])
    with pytest.raises(HTTPError):
        events(client.converse_stream(**asked()))


def test_a_stream_that_falls_silent_is_a_timeout_of_urllib3(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [StalledStream(), StalledStream()])
    with closing(client.converse_stream(**asked())["stream"]) as stream:
        assert "messageStart" in next(iter(stream))
    with pytest.raises(StreamTimeout):
        events(client.converse_stream(**asked()))


@pytest.mark.parametrize("fault", [TruncatedStream(), BadChecksum(), GarbageJson()])
def test_a_body_that_is_no_json_raises_nothing_and_holds_nothing(bedrock: Simulator, client: Any, fault: Item) -> None:
    """Cut in half or garbled: boto3 hands over an answer without its members."""
    bedrock.script(NOVA, [fault])
    assert client.converse(**asked()).keys() == {"ResponseMetadata"}


def test_a_wrong_checksum_is_noticed(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [BadChecksum()])
    with pytest.raises(ChecksumMismatch):
        events(client.converse_stream(**asked()))


def test_an_event_that_is_no_json_raises_nothing_and_holds_nothing(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [GarbageJson()])
    assert events(client.converse_stream(**asked()))[1:] == [("contentBlockDelta", {})]


def test_an_answer_may_lack_what_it_must_have(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [RawJson({"stopReason": "tired"}), RawJson([("messageStop", {"stopReason": "tired"})])])
    assert client.converse(**asked())["stopReason"] == "tired"
    assert events(client.converse_stream(**asked())) == [("messageStop", {"stopReason": "tired"})]


@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_ten_megabytes_come_through(bedrock: Simulator, client: Any, operation: str) -> None:
    bedrock.script(NOVA, [HugeReply()])
    answer = getattr(client, operation)(**asked())
    whole = operation == "converse"
    text = answer["output"]["message"]["content"][0]["text"] if whole else text_of(events(answer))
    assert len(text) == 10 * 1024 * 1024


def test_a_loop_of_tools_never_stops(bedrock: Simulator, client: Any) -> None:
    bedrock.always(NOVA, ToolLoop("search", query="again"))
    answers = [client.converse(**asked(toolConfig={"tools": [SEARCH]})) for _ in range(3)]
    uses = [answer["output"]["message"]["content"][0]["toolUse"] for answer in answers]
    assert [use["input"] for use in uses] == [{"query": "again"}] * 3
    assert len({use["toolUseId"] for use in uses}) == 3


def test_nobody_listening_is_an_endpoint_error(monkeypatch: pytest.MonkeyPatch, make_client: Any) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", refusing_url())
    with pytest.raises(EndpointConnectionError):
        make_client().converse(**asked())


def test_nobody_taking_the_call_is_a_connect_timeout(monkeypatch: pytest.MonkeyPatch, make_client: Any) -> None:
    with silent_url() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        with pytest.raises(ConnectTimeoutError):
            make_client().converse(**asked())
