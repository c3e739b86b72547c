"""The frames a chat page sends, checked. Whatever comes, the answer is a frame or an error of ours."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omnicqm.common.errors import InvalidInput, TooLarge
from omnicqm.common.ids import is_id

MOST_BYTES = 64 * 1024
MOST_TRANSCRIPTIONS = 50  # of one message
_MOST_SEQ = 2**31 - 1
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class MessageSent:
    client_id: str
    text: str
    transcription_ids: tuple[str, ...] = ()  # of what was spoken


@dataclass(frozen=True)
class ResumeAsked:
    last_seq: int


@dataclass(frozen=True)
class TypingSeen:
    pass


@dataclass(frozen=True)
class StopAsked:
    run: str


Sent = MessageSent | ResumeAsked | TypingSeen | StopAsked


def frame_parse(text: str | None, binary: bytes | None) -> Sent:
    """What the page sent. Raises `TooLarge` above 64 KB and `InvalidInput` for everything that is not a known frame."""
    if text is None:
        raise InvalidInput("Send text frames; this one was binary.", code="not_text", param="type")
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge("A frame may have 64 KB at most.")
    fields = json_object(text)
    kind = fields.get("type")
    parse = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parse is None:
        raise InvalidInput(f"'type' is one of {', '.join(_PARSERS)}.", code="unknown_type", param="type")
    return parse(fields)


def json_object(text: str) -> dict[str, Any]:
    """The object a frame is. Raises `InvalidInput`."""
    try:
        fields = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("This frame is not JSON.", code="not_json") from error
    if not isinstance(fields, dict):
        raise InvalidInput("A frame is a JSON object with a 'type'.", code="not_an_object")
    return fields


def _no_number(name: str) -> float:
    """Python would read NaN and Infinity; JSON has no such numbers."""
    raise ValueError(name)


def _message(fields: dict[str, Any]) -> MessageSent:
    client_id, text = fields.get("client_id"), fields.get("text")
    if not isinstance(client_id, str) or not _NAME.fullmatch(client_id):
        raise InvalidInput("'client_id' is 1 to 64 letters, digits, '-' or '_'.", param="client_id")
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput("'text' is what you want to say; it was empty.", param="text")
    return MessageSent(client_id, text, _transcriptions(fields))


def _transcriptions(fields: dict[str, Any]) -> tuple[str, ...]:
    """Each once, whether one is named or several are."""
    if one := fields.get("transcription_id"):
        return (_transcription(one, "transcription_id"),)
    several = fields.get("transcription_ids") or []
    if not isinstance(several, list) or len(several) > MOST_TRANSCRIPTIONS:
        raise InvalidInput(
            f"'transcription_ids' is a list of at most {MOST_TRANSCRIPTIONS} ids.", param="transcription_ids"
        )
    return tuple(dict.fromkeys(_transcription(one, "transcription_ids") for one in several))


def _transcription(value: Any, param: str) -> str:
    if not is_id(value, "trn"):
        raise InvalidInput(f"'{param}' holds what came as 'transcription_id' with a transcript.", param=param)
    return str(value)


def _resume(fields: dict[str, Any]) -> ResumeAsked:
    last_seq = fields.get("last_seq")
    if not isinstance(last_seq, int) or isinstance(last_seq, bool) or not 0 <= last_seq <= _MOST_SEQ:
        raise InvalidInput("'last_seq' is the number of the last message you have; 0 for none.", param="last_seq")
    return ResumeAsked(last_seq)


def _stop(fields: dict[str, Any]) -> StopAsked:
    run = fields.get("run")
    if not isinstance(run, str) or not _NAME.fullmatch(run):
        raise InvalidInput("'run' is the name that came with the pieces of the reply.", param="run")
    return StopAsked(run)


_PARSERS: dict[str, Callable[[dict[str, Any]], Sent]] = {
    "message": _message,
    "resume": _resume,
    "typing": lambda _: TypingSeen(),
    "stop": _stop,
}
