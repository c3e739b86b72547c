"""Our encoder, read by botocore's decoder."""

import json

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from tests.simulators.bedrock.framing import error, event, exception, frame

names = st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), min_size=1, max_size=60)


@given(st.dictionaries(names, st.text(max_size=200)), st.binary(max_size=5_000))
def test_headers_and_payload_come_back_as_they_were(headers: dict[str, str], payload: bytes) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(frame(headers, payload))
    (message,) = list(buffer)
    assert (message.headers, message.payload) == (headers, payload)


def test_frames_follow_each_other_without_a_gap() -> None:
    buffer = EventStreamBuffer()
    row = event("messageStart", {"role": "assistant"}) + event("messageStop", {"stopReason": "end_turn"})
    for byte in row:
        buffer.add_data(bytes([byte]))
    assert [message.headers[":event-type"] for message in buffer] == ["messageStart", "messageStop"]


def test_each_kind_of_message_says_what_it_is() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event("metadata", {"metrics": {"latencyMs": 1}}))
    buffer.add_data(exception("throttlingException", {"message": "slow"}))
    buffer.add_data(error("InternalFailure", "broken"))
    first, second, third = list(buffer)
    assert first.headers[":message-type"] == "event"
    assert json.loads(first.payload) == {"metrics": {"latencyMs": 1}}
    assert second.to_response_dict()["status_code"] == 400
    assert second.headers[":exception-type"] == "throttlingException"
    assert third.headers[":error-code"] == "InternalFailure"


@pytest.mark.parametrize("position", [2, 9, -2, -6])
def test_a_changed_byte_is_noticed(position: int) -> None:
    broken = bytearray(event("messageStart", {"role": "assistant"}))
    broken[position] ^= 1
    buffer = EventStreamBuffer()
    buffer.add_data(bytes(broken))
    with pytest.raises(ChecksumMismatch):
        list(buffer)
