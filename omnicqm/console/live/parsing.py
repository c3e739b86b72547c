"""The frames a console page sends, checked. Whatever comes, the answer is a frame or an error of ours."""

from dataclasses import dataclass
from typing import Any

from conversations.chat.parsing import json_object
from omnicqm.common.errors import InvalidInput, TooLarge
from omnicqm.common.ids import is_id

MOST_BYTES = 4 * 1024


@dataclass(frozen=True)
class Watch:
    """The page shows this escalation, instead of what it showed before; empty: none any more."""

    escalation_id: str


@dataclass(frozen=True)
class Typing:
    """Somebody writes a reply or a note on the case that the page shows; said again every few seconds meanwhile."""


@dataclass(frozen=True)
class Ping:
    pass


Sent = Watch | Typing | Ping


def frame_parse(text: str | None, binary: bytes | None) -> Sent:
    """What the page sent. Raises `TooLarge` above 4 KB and `InvalidInput` for everything that is not a known frame."""
    if text is None:
        if len(binary or b"") > MOST_BYTES:
            raise TooLarge("A frame may have 4 KB at most.")
        raise InvalidInput("Send text frames; this one was binary.", code="not_text", param="type")
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge("A frame may have 4 KB at most.")
    fields = json_object(text)
    match fields.get("type"):
        case "ping":
            return Ping()
        case "watch":
            return Watch(_escalation(fields))
        case "unwatch":
            return Watch("")
        case "typing":
            return Typing()
    raise InvalidInput("'type' is one of watch, unwatch, typing, ping.", code="unknown_type", param="type")


def _escalation(fields: dict[str, Any]) -> str:
    value = fields.get("escalation")
    if not is_id(value, "esc"):
        raise InvalidInput("'escalation' is the id of an escalation, esc_….", param="escalation")
    return str(value)
