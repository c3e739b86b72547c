"""The frames of ``/ws/voice``: what a page sends, checked, and what it is sent. docs/voice.md is the contract."""

import json
from dataclasses import dataclass
from typing import Any

from conversations.speech.types import BYTES_A_SECOND
from omnicqm.common.errors import InvalidInput, TooLarge

MOST_TEXT_CHARS = 4 * 1024
MOST_AUDIO_BYTES = BYTES_A_SECOND  # a second of it

Frame = dict[str, Any]


@dataclass(frozen=True)
class StartAsked:
    language: str


@dataclass(frozen=True)
class EndAsked:
    pass


@dataclass(frozen=True)
class CancelAsked:
    pass


Asked = StartAsked | EndAsked | CancelAsked


def voice_frame_parse(text: str) -> Asked:
    """Raises `TooLarge` above 4 kB and `InvalidInput` for everything that is no known frame."""
    if len(text) > MOST_TEXT_CHARS:
        raise TooLarge("A text frame may have 4 kB at most.")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("This frame is not JSON.") from error
    kind = fields.get("type") if isinstance(fields, dict) else None
    match kind:
        case "start":
            return _start(fields)
        case "end":
            return EndAsked()
        case "cancel":
            return CancelAsked()
    raise InvalidInput("A text frame is a JSON object; its 'type' is start, end or cancel.", param="type")


def audio_check(audio: bytes) -> bytes:
    """Raises `InvalidInput` for what cannot be a piece of audio."""
    if not audio or len(audio) % 2 or len(audio) > MOST_AUDIO_BYTES:
        raise InvalidInput("A binary frame holds 16-bit samples: an even number of bytes, a second of them at most.")
    return audio


def _start(fields: Frame) -> StartAsked:
    language = fields.get("language") or ""
    if not isinstance(language, str) or len(language) > 20:
        raise InvalidInput("'language' is a code such as en-US.", param="language")
    return StartAsked(language)
