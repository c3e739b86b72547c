"""Frames from the page: known ones are read, everything else is one of our errors."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.parsing import MOST_BYTES, MessageSent, ResumeAsked, StopAsked, TypingSeen, frame_parse
from omnicqm.common.errors import InvalidInput, OmniError, TooLarge

SPOKEN = {"type": "message", "client_id": "c-1", "text": "Hello"}
HEARD = ("trn_01k8z3c9v7e2m4n6p8r0t2w4y6", "trn_01k8z3c9v7e2m4n6p8r0t2w4y7")


@pytest.mark.parametrize("named", ["trn_1", {}, [["x"]], [None], [7], HEARD[0], [HEARD[0]] * 51, True])
def test_what_was_spoken_is_named_by_ids(named):
    with pytest.raises(InvalidInput) as refused:
        frame_parse(json.dumps({**SPOKEN, "transcription_ids": named or "x"}), None)
    assert refused.value.param == "transcription_ids"


@pytest.mark.parametrize(
    ("frame", "sent"),
    [
        ({"type": "message", "client_id": "c-1", "text": "Hello"}, MessageSent("c-1", "Hello")),
        ({**SPOKEN, "transcription_id": HEARD[0]}, MessageSent("c-1", "Hello", HEARD[:1])),
        ({**SPOKEN, "transcription_ids": [*HEARD, HEARD[0]]}, MessageSent("c-1", "Hello", HEARD)),
        ({**SPOKEN, "transcription_ids": []}, MessageSent("c-1", "Hello")),
        ({"type": "resume", "last_seq": 0}, ResumeAsked(0)),
        ({"type": "resume", "last_seq": 12, "later": "field"}, ResumeAsked(12)),
        ({"type": "typing"}, TypingSeen()),
        ({"type": "stop", "run": "qry_1"}, StopAsked("qry_1")),
    ],
)
def test_the_four_frames_are_read(frame, sent):
    assert frame_parse(json.dumps(frame), None) == sent


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("hello", "not_json"),
        ("[" * 30_000, "not_json"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "not_json"),
        ("9" * 5_000, "not_json"),
        ('{"type": "typing", "at": NaN}', "not_json"),
        ('{"type": "resume", "last_seq": -Infinity}', "not_json"),
        ('"message"', "not_an_object"),
        ("[]", "not_an_object"),
        ("null", "not_an_object"),
        ("{}", "unknown_type"),
        ('{"type": "admin"}', "unknown_type"),
        ('{"type": ["message"]}', "unknown_type"),
        ('{"type": {"message": 1}}', "unknown_type"),
        ('{"type": "message"}', "invalid"),
    ],
)
def test_what_is_no_known_frame_says_why(text, code):
    with pytest.raises(InvalidInput) as refused:
        frame_parse(text, None)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("frame", "param"),
    [
        ({"type": "message", "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": "", "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": "x" * 65, "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": "nul\x00", "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": "line\n", "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": "\ud800", "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": 7, "text": "Hello"}, "client_id"),
        ({"type": "message", "client_id": "c", "text": " \n "}, "text"),
        ({"type": "message", "client_id": "c", "text": ["Hello"]}, "text"),
        ({"type": "resume"}, "last_seq"),
        ({"type": "resume", "last_seq": -1}, "last_seq"),
        ({"type": "resume", "last_seq": True}, "last_seq"),
        ({"type": "resume", "last_seq": 1.5}, "last_seq"),
        ({"type": "resume", "last_seq": 2**40}, "last_seq"),
        ({"type": "stop"}, "run"),
        ({"type": "stop", "run": "a b"}, "run"),
    ],
)
def test_a_wrong_field_is_named(frame, param):
    with pytest.raises(InvalidInput) as refused:
        frame_parse(json.dumps(frame), None)
    assert refused.value.param == param


def test_of_a_field_that_comes_twice_the_last_counts():
    assert frame_parse('{"type": "typing", "last_seq": 3, "type": "resume", "last_seq": 7}', None) == ResumeAsked(7)


def test_a_binary_frame_is_refused():
    with pytest.raises(InvalidInput):
        frame_parse(None, b"\x00\xff")


@pytest.mark.parametrize("character", ["x", "ü", "🙂"])
def test_the_size_is_counted_in_bytes(character):
    with pytest.raises(TooLarge):
        frame_parse(character * (MOST_BYTES // len(character.encode()) + 1), None)


@given(st.text(max_size=300) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_no_text_whatever_raises_anything_but_our_errors(text):
    with pytest.raises(OmniError):
        frame_parse(text, None)
