"""A conversation as consultants read it: every message of every channel, with what stands behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conversations.models import Message
from omnicqm.console.judging import JudgementCard, judgement_cards

_AUTHORS = {
    Message.Author.ASSISTANT: "Assistant",
    Message.Author.SYSTEM: "Automatic notice",
    Message.Author.CUSTOMER: "Customer",
}
_CHANNEL_ICONS = {"email": "mail", "chat": "chat", "api": "data_object"}


@dataclass(frozen=True)
class Entry:
    """One message of the thread. `side` is customer, us or note; `asks` marks what waits for an answer."""

    message: Message
    side: str
    author: str
    icon: str
    asks: bool
    judgement: JudgementCard | None = None

    @property
    def sources(self) -> list[dict[str, Any]]:
        return self.message.sources

    @property
    def shows_score(self) -> bool:
        return self.message.author == Message.Author.ASSISTANT and self.message.run is not None


def thread_entries(messages: Iterable[Message], *, asking: frozenset[str] = frozenset()) -> list[Entry]:
    """`messages` in their order, with what the judge says of ours; those whose id is in `asking` are marked."""
    messages = list(messages)
    cards = judgement_cards(message.run_id for message in messages)
    return [
        Entry(
            message=message,
            side=_side(message),
            author=_author(message),
            icon=_CHANNEL_ICONS.get(message.channel.kind, "forum"),
            asks=message.pk in asking,
            judgement=cards.get(message.run_id or ""),
        )
        for message in messages
    ]


def _side(message: Message) -> str:
    if message.direction == Message.Direction.NOTE:
        return "note"
    return "customer" if message.direction == Message.Direction.INBOUND else "us"


def _author(message: Message) -> str:
    if message.consultant:
        return message.consultant.get_full_name() or message.consultant.get_username()
    return _AUTHORS.get(message.author, "Consultant")  # type: ignore[call-overload]
