"""Frames of `application/vnd.amazon.eventstream`, as Transcribe's websocket speaks them.

A frame: u32 total length, u32 headers length, u32 CRC32 of these eight bytes, headers, payload, u32 CRC32 of all
before it; big endian. A header: u8 name length, name, u8 type (7 is a string), u16 value length, value.
Source: Transcribe Developer Guide, "Event stream encoding"; a test compares with botocore's own decoder.
"""

import struct
from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass

MOST_BYTES = 1024 * 1024
_STRING = 7
_PRELUDE = struct.Struct("!II")
_U32 = struct.Struct("!I")
# Bytes of the values of the other types: booleans, 1 to 8 byte integers, time, UUID. Byte arrays (6) tell their own.
_FIXED = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}


class FrameBroken(ValueError):
    """What came is no frame, or was damaged on the way."""


@dataclass(frozen=True)
class Frame:
    """Headers with text values (others are left out) and the payload."""

    headers: Mapping[str, str]
    payload: bytes


def frame_encode(frame: Frame) -> bytes:
    head = b"".join(_header(name.encode(), value.encode()) for name, value in frame.headers.items())
    prelude = _PRELUDE.pack(16 + len(head) + len(frame.payload), len(head))
    body = prelude + _U32.pack(crc32(prelude)) + head + frame.payload
    return body + _U32.pack(crc32(body))


def audio_event(pcm: bytes) -> bytes:
    """A piece of audio; an empty one says that there is no more."""
    headers = {":content-type": "application/octet-stream", ":event-type": "AudioEvent", ":message-type": "event"}
    return frame_encode(Frame(headers, pcm))


def frame_decode(data: bytes) -> Frame:
    """The one frame that a message of the websocket holds. Raises `FrameBroken`."""
    if not 16 <= len(data) <= MOST_BYTES:
        raise FrameBroken(f"{len(data)} bytes are no frame.")
    total, head_size = _PRELUDE.unpack_from(data)
    if total != len(data) or head_size > total - 16:
        raise FrameBroken("The lengths do not fit.")
    if _U32.unpack_from(data, 8)[0] != crc32(data[:8]) or _U32.unpack_from(data, total - 4)[0] != crc32(data[:-4]):
        raise FrameBroken("A checksum does not fit.")
    try:
        return Frame(_headers(data[12 : 12 + head_size]), data[12 + head_size : -4])
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise FrameBroken("The headers cannot be read.") from error


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + struct.pack("!BH", _STRING, len(value)) + value


def _headers(head: bytes) -> dict[str, str]:
    found, at = {}, 0
    while at < len(head):
        name_end = at + 1 + head[at]
        name, kind, at = head[at + 1 : name_end].decode(), head[name_end], name_end + 1
        if kind in (_STRING, 6):
            size, at = struct.unpack_from("!H", head, at)[0], at + 2
        else:
            size = _FIXED[kind]
        if at + size > len(head):
            raise FrameBroken("A header is longer than the headers.")
        if kind == _STRING:
            found[name] = head[at : at + size].decode()
        at += size
    return found
