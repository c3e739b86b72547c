"""What a tool is made for, and how messages are shown to a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from conversations.models import Conversation, Customer, Identity, Message

MAX_MESSAGES = 20
MAX_MESSAGE_CHARS = 800
NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


@dataclass(frozen=True)
class ToolScene:
    """The run a tool is made for: `customer` is the canonical one, `up_to_seq` the number of the newest message of
    `conversation` that the run knows. `channel_id` is the one that message came in on, `sender` who wrote it, only when
    that is verified."""

    conversation: Conversation
    customer: Customer
    up_to_seq: int
    today: date = field(default_factory=timezone.localdate)
    channel_id: str = ""
    sender: Identity | None = None

    @property
    def sender_email(self) -> str:
        """The verified e-mail address of who wrote it; empty when they are not known by one."""
        is_known = self.sender and self.sender.kind == Identity.Kind.EMAIL and self.sender.verified_at
        return self.sender.value if self.sender and is_known else ""

    def messages(self) -> QuerySet[Message]:
        """What was said with this customer and nobody else, without notes and without what came after the run began."""
        theirs = Message.objects.filter(conversation__customer=self.customer).exclude(direction=Message.Direction.NOTE)
        return theirs.exclude(conversation=self.conversation, seq__gt=self.up_to_seq)


def limit_schema(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


def message_show(message: Message) -> dict[str, Any]:
    return {
        "at": message.received_at.isoformat(timespec="minutes"),
        "channel": message.channel_id,
        "author": message.author,
        "text": message.text[:MAX_MESSAGE_CHARS],
    }
