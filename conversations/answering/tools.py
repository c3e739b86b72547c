"""What the agent may do beside searching: look the customer up, read the thread, ask for a person.

Every tool runs as the customer of the conversation, with ids from here; the model's arguments can only narrow.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from agents.types import Tool
from conversations.models import Conversation, Customer, Message

MAX_MESSAGES = 20
MAX_MESSAGE_CHARS = 800
_NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
_HISTORY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": MAX_MESSAGES}},
    "additionalProperties": False,
}


def tools_build(*, conversation: Conversation, customer: Customer, up_to_seq: int) -> tuple[Tool, ...]:
    """The tools for one run in `conversation`, whose newest message for the agent has the number `up_to_seq`."""
    return _profile_tool(customer), _history_tool(conversation, customer, up_to_seq)


def _profile_tool(customer: Customer) -> Tool:
    return Tool(
        name="get_customer_profile",
        description="The customer's name, service level, language and what the company's records say about them.",
        schema=_NO_ARGUMENTS,
        call=lambda: profile_show(customer),
        needs_verified=True,
    )


def profile_show(customer: Customer) -> dict[str, Any]:
    """What the agent may know of a customer: of the company's records only the fields that settings allow."""
    allowed = {_plain(name) for name in settings.AGENT_PROFILE_FIELDS}
    return {
        "name": customer.display_name,
        "service_level": customer.service_level,
        "language": customer.language,
        "records": {name: value for name, value in customer.profile.items() if _plain(name) in allowed},
    }


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _history_tool(conversation: Conversation, customer: Customer, up_to_seq: int) -> Tool:
    def history(limit: int = MAX_MESSAGES) -> dict[str, Any]:
        theirs = Message.objects.filter(conversation__customer=customer).exclude(direction=Message.Direction.NOTE)
        earlier = theirs.exclude(conversation=conversation, seq__gt=up_to_seq)
        rows = earlier.select_related("conversation").order_by("-created_at", "-seq")[:limit]
        return {"messages": [_message_show(message) for message in reversed(rows)]}

    return Tool(
        name="get_conversation_history",
        description="The latest messages with this customer on all channels, in this and other conversations.",
        schema=_HISTORY_SCHEMA,
        call=history,
        needs_verified=True,
    )


def _message_show(message: Message) -> dict[str, Any]:
    return {
        "at": message.received_at.isoformat(timespec="minutes"),
        "conversation": message.conversation.reference,
        "channel": message.channel_id,
        "author": message.author,
        "text": message.text[:MAX_MESSAGE_CHARS],
    }
