"""Encodes `application/vnd.amazon.eventstream`, the frames that ConverseStream answers with.

A frame: u32 total length, u32 headers length, u32 CRC32 of these eight bytes, headers, payload, u32 CRC32 of all
before it; big endian. A header: u8 name length, name, u8 type (7 is a string), u16 value length, value.
Source: Smithy, "Amazon Event Stream specification"; the tests decode with botocore's own decoder.
"""

import json
import struct
from binascii import crc32
from collections.abc import Mapping
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame with string headers."""
    head = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    body = prelude + struct.pack("!I", crc32(prelude)) + head + payload
    return body + struct.pack("!I", crc32(body))


def event(name: str, data: Mapping[str, Any]) -> bytes:
    """An event of the stream, e.g. ``contentBlockDelta``."""
    return _message("event", name, json.dumps(data).encode())


def exception(name: str, data: Mapping[str, Any]) -> bytes:
    """An error that the service model knows as part of the stream, e.g. ``throttlingException``."""
    return _message("exception", name, json.dumps(data).encode())


def error(code: str, message: str) -> bytes:
    """An error outside the service model."""
    return frame({":message-type": "error", ":error-code": code, ":error-message": message}, b"")


def garbled(name: str, payload: bytes) -> bytes:
    """A sound frame around a payload that may be anything."""
    return _message("event", name, payload)


def _message(kind: str, name: str, payload: bytes) -> bytes:
    headers = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    return frame(headers, payload)


def _header(name: str, value: str) -> bytes:
    raw_name, raw_value = name.encode(), value.encode()
    return bytes([len(raw_name)]) + raw_name + struct.pack("!BH", _STRING, len(raw_value)) + raw_value
