"""The customer's threads: the latest messages of all, the list of them, and one of them read by its reference."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max, Q

from agents.errors import ToolError
from agents.types import Tool
from conversations.answering.tools.scene import MAX_MESSAGES, ToolScene, limit_schema, message_show
from conversations.models import Conversation, Message

MAX_CONVERSATIONS = 20
MAX_REFERENCE_CHARS = 40
_HISTORY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"limit": limit_schema(MAX_MESSAGES)},
    "additionalProperties": False,
}
_LIST_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"limit": limit_schema(MAX_CONVERSATIONS)},
    "additionalProperties": False,
}
_READ_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reference": {"type": "string", "minLength": 1, "maxLength": MAX_REFERENCE_CHARS, "description": "CQ-…"},
        "limit": limit_schema(MAX_MESSAGES),
    },
    "required": ["reference"],
    "additionalProperties": False,
}


def history_tool(scene: ToolScene) -> Tool:
    def history(limit: int = MAX_MESSAGES) -> dict[str, Any]:
        rows = scene.messages().select_related("conversation").order_by("-created_at", "-seq")[:limit]
        shown = [{"conversation": row.conversation.reference, **message_show(row)} for row in reversed(rows)]
        return {"messages": shown}

    return Tool(
        name="get_conversation_history",
        description="The latest messages with this customer on all channels, in this and other conversations.",
        schema=_HISTORY_SCHEMA,
        call=history,
        needs_verified=True,
    )


def list_tool(scene: ToolScene) -> Tool:
    def conversations(limit: int = MAX_CONVERSATIONS) -> dict[str, Any]:
        theirs = Conversation.objects.filter(customer=scene.customer).exclude(pk=scene.conversation.pk)
        said = Max("messages__received_at", filter=~Q(messages__direction=Message.Direction.NOTE))
        rows = theirs.annotate(said_at=said).filter(said_at__isnull=False).order_by("-said_at")[:limit]
        return {"conversations": [_conversation_show(row) for row in rows]}

    return Tool(
        name="list_conversations",
        description="The customer's other conversations: reference, subject, status and date of the last message.",
        schema=_LIST_SCHEMA,
        call=conversations,
        needs_verified=True,
    )


def _conversation_show(row: Any) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "subject": row.subject,
        "status": row.status,
        "last_message_on": row.said_at.date().isoformat(),
    }


def read_tool(scene: ToolScene) -> Tool:
    def read(reference: str, limit: int = MAX_MESSAGES) -> dict[str, Any]:
        theirs = Conversation.objects.filter(customer=scene.customer)
        found = theirs.filter(reference=reference.strip().upper()).first()
        if found is None:  # one answer for what does not exist and what is another's
            raise ToolError("This customer has no conversation with this reference.")
        rows = scene.messages().filter(conversation=found).order_by("-seq")[:limit]
        return {
            "reference": found.reference,
            "subject": found.subject,
            "status": found.status,
            "messages": [message_show(row) for row in reversed(rows)],
        }

    return Tool(
        name="read_conversation",
        description="The latest messages of one of this customer's conversations, named by its reference.",
        schema=_READ_SCHEMA,
        call=read,
        needs_verified=True,
    )
