"""JSON bodies are read within limits, and what is wrong with one is said."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import APIException

from omnicqm.common.api.parsers import MAX_DEPTH, LimitedJSONParser, json_read
from omnicqm.common.errors import InvalidInput, TooLarge

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(json_values)
def test_json_comes_through_as_it_was(value: Any) -> None:
    assert json_read(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_client_error(body: bytes) -> None:
    assert outcome(body) in ("read", 400)


def outcome(body: bytes) -> str | int:
    try:
        json_read(body)
    except APIException as error:
        return error.status_code
    except InvalidInput as error:
        return error.status
    return "read"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" * 200_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_json_or_goes_too_deep_is_a_client_error(body: bytes) -> None:
    with pytest.raises((APIException, InvalidInput)) as refused:
        json_read(body)
    assert getattr(refused.value, "status_code", None) == 400 or refused.value.status == 400


def test_the_field_that_goes_too_deep_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        json_read(b'{"message": ["Hi"], "metadata": ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}")
    assert (refused.value.code, refused.value.param) == ("too_deep", "metadata")


def test_the_deepest_allowed_nesting_is_read() -> None:
    json_read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_a_key_given_twice_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        json_read(b'{"outer": {"user_id": "a", "other": 1, "user_id": "b"}}')
    assert refused.value.param == "user_id"


def test_a_byte_order_mark_and_surrogate_escapes_pass() -> None:
    assert json_read(b'\xef\xbb\xbf{"a": "\\ud800"}') == {"a": "\ud800"}


class Endless(io.RawIOBase):
    """A body without an end, which says how much of it was read."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "asked for everything at once"
        self.taken += size
        return b" " * size


def test_reading_stops_at_the_limit(settings: Any) -> None:
    settings.API_MAX_BODY_BYTES = 1000
    body = Endless()
    with pytest.raises(TooLarge) as refused:
        LimitedJSONParser().parse(body)  # type: ignore[arg-type]
    assert refused.value.status == 413
    assert body.taken == 1001
