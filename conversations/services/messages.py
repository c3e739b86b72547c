"""Every message enters its conversation here, whoever says it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.chat.events import message_announce
from conversations.interactions.recording import message_record
from conversations.models import Channel, Conversation, Message


@transaction.atomic(savepoint=False)  # every caller stores more than the message, and all or nothing of it
def message_append(
    *,
    conversation: Conversation,
    direction: str,
    author: str,
    channel: Channel,
    text: str,
    html: str = "",
    **fields: Any,
) -> Message:
    """Store a message as the conversation's next one, with its interaction, and tell the pages that show it, on commit.

    `text` is clean and `html` safe already. `fields` are further fields of `Message`. The conversation's row is locked
    until the transaction ends, so numbers have no gap and no double; `conversation` gets its new `last_seq`.
    """
    locked = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    conversation.last_seq = locked.last_seq + 1
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["last_seq", "updated_at"])
    message = Message.objects.create(
        conversation=conversation,
        seq=conversation.last_seq,
        direction=direction,
        author=author,
        channel=channel,
        text=text,
        html=html,
        **fields,
    )
    message_record(message, customer_id=locked.customer_id)
    message_announce(message)
    return message
