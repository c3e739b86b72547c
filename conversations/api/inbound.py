"""From the validated fields of ``POST /api/v1/query`` to one inbound message."""

from collections.abc import Mapping
from typing import Any

from conversations.channels import adapter_for
from conversations.channels.base import InboundAttachment, InboundMessage
from conversations.models import Channel
from conversations.selectors import channel_get


def inbound_build(fields: Mapping[str, Any], *, client: str) -> InboundMessage:
    """Raises `UnknownChannel`, and `InvalidInput` for a `user_id` that its kind of channel cannot have."""
    channel = channel_get(channel_id=fields["channel_id"])
    return InboundMessage(
        channel=channel,
        sender=adapter_for(channel).sender(channel, fields["user_id"]),
        text=fields["message"],
        html=fields["html"],
        subject=fields["subject"],
        external_id=fields["external_id"],
        in_reply_to=fields["in_reply_to"],
        references=tuple(fields["references"]),
        conversation_id=fields.get("conversation_id", ""),
        callback_url=fields.get("callback_url", ""),
        client=client,
        transcription_ids=tuple(filter(None, [fields.get("transcription_id")])),
        continues_latest=channel.kind == Channel.Kind.CHAT,
        received_at=fields.get("received_at"),
        attachments=tuple(_attachment(part) for part in fields.get("attachments", [])),
        headers=_headers(fields["metadata"]),
        metadata=fields["metadata"],
    )


def _attachment(part: Mapping[str, Any]) -> InboundAttachment:
    return InboundAttachment(part["name"], part["content_type"], part["content_base64"])


def _headers(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Mail headers, when the gateway hands them over as ``metadata.headers``: an object, or a list of
    ``{"name", "value"}`` as Graph has it, of which the first of a name counts (servers add theirs at the top)."""
    headers = metadata.get("headers")
    if isinstance(headers, dict):
        pairs = list(headers.items())
    elif isinstance(headers, list):
        pairs = [(entry.get("name"), entry.get("value")) for entry in headers if isinstance(entry, dict)]
    else:
        return {}
    named = [(name.lower(), value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]
    return dict(reversed(named))
