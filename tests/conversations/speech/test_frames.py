"""The codec of event-stream frames, against botocore's own."""

import struct
from binascii import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from conversations.speech.providers.transcribe.frames import (
    Frame,
    FrameBroken,
    audio_event,
    frame_decode,
    frame_encode,
)

names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def botocore_reads(data):
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    [event] = list(buffer)
    return event


@given(headers=st.dictionaries(names, st.text(max_size=50), max_size=5), payload=st.binary(max_size=4000))
def test_what_we_write_botocore_reads_and_so_do_we(headers, payload):
    data = frame_encode(Frame(headers, payload))
    event = botocore_reads(data)
    assert (dict(event.headers), bytes(event.payload)) == (headers, payload)
    assert frame_decode(data) == Frame(headers, payload)


def test_audio_events_are_what_the_service_asks_for():
    event = botocore_reads(audio_event(b"\x01\x02"))
    assert dict(event.headers) == {
        ":content-type": "application/octet-stream",
        ":event-type": "AudioEvent",
        ":message-type": "event",
    }
    assert event.payload == b"\x01\x02"
    assert botocore_reads(audio_event(b"")).payload == b""


def test_headers_of_every_type_are_read_past():
    values = [
        *((0, b""), (1, b""), (2, b"\x05"), (3, bytes(2)), (4, bytes(4)), (5, bytes(8)), (6, b"\x00\x02ab")),
        *((8, bytes(8)), (9, bytes(16)), (7, b"\x00\x02ok")),
    ]
    head = b"".join(b"\x02h%d" % number + bytes([kind]) + value for number, (kind, value) in enumerate(values))
    prelude = struct.pack("!II", 16 + len(head) + 2, len(head))
    body = prelude + struct.pack("!I", crc32(prelude)) + head + b"{}"
    data = body + struct.pack("!I", crc32(body))
    assert frame_decode(data) == Frame({"h9": "ok"}, b"{}")
    assert dict(botocore_reads(data).headers)["h9"] == "ok"


@given(st.data())
def test_a_damaged_frame_is_never_taken_for_a_sound_one(data):
    whole = frame_encode(Frame({":message-type": "event"}, "ünïcode".encode()))
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    with pytest.raises(FrameBroken):
        frame_decode(damaged)


@given(st.binary(max_size=200))
def test_anything_is_a_frame_or_broken(data):
    with pytest.raises(FrameBroken):
        frame_decode(data)
