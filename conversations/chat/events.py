"""Live events of a conversation, told to every chat page that shows it.

They are hints: the database holds the truth, and what a page missed is found there (see `watch`). So a broker that
does not answer is logged and never fails the caller. To be called from synchronous code.
"""

from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from conversations.chat.frames import (
    Frame,
    conversation_frame,
    delta_frame,
    message_frame,
    retract_frame,
    status_frame,
)
from conversations.models import Conversation, Message
from omnicqm.common.logs import get_logger

log = get_logger(__name__)


def conversation_group(conversation_id: str) -> str:
    """The channel-layer group of everybody who watches this conversation as its customer."""
    return f"chat.{conversation_id}"


def browser_group(visitor: str) -> str:
    """The group of every page that one browser has open."""
    return f"chat.browser.{visitor}"


def message_announce(message: Message) -> None:
    """Show `message` once the current transaction has committed. Internal notes are never announced."""
    if message.direction == Message.Direction.NOTE:
        return
    before = previous_seq(message)
    # Not before everything about it is stored: which queries it answers is noted after it.
    transaction.on_commit(lambda: _publish_frame(message.conversation_id, message_frame(message, before)))


def conversation_announce(conversation: Conversation) -> None:
    """Show who has the conversation, once the current transaction has committed."""
    frame = conversation_frame(conversation)
    transaction.on_commit(lambda: _publish_frame(conversation.pk, frame))


def status_announce(conversation_id: str, text: str) -> None:
    """Say what is going on, e.g. "Looking that up…". An empty text ends it."""
    _publish_frame(conversation_id, status_frame(text))


def delta_announce(conversation_id: str, run: str, text: str, part: int = 0) -> None:
    """Show the next piece of the reply that `run` is writing, its `part`-th."""
    _publish_frame(conversation_id, delta_frame(run, text, part))


def retract_announce(conversation_id: str, run: str) -> None:
    """Take back everything `run` has shown so far."""
    _publish_frame(conversation_id, retract_frame(run))


def browser_disconnect(visitor: str) -> None:
    """Hang up on every page of this browser: it has become somebody else."""
    _publish(browser_group(visitor), {"type": "chat.leave"})


def conversation_leave_announce(conversation_id: str) -> None:
    """Hang up on every page that shows the conversation once the current transaction has committed: it is gone."""
    transaction.on_commit(lambda: _publish(conversation_group(conversation_id), {"type": "chat.leave"}))


def previous_seq(message: Message) -> int:
    """The number of the message before it that its customer may see; 0 when it is the first."""
    earlier = Message.objects.filter(conversation_id=message.conversation_id, seq__lt=message.seq)
    visible = earlier.exclude(direction=Message.Direction.NOTE).order_by("-seq")
    return visible.values_list("seq", flat=True).first() or 0


def _publish_frame(conversation_id: str, frame: Frame) -> None:
    _publish(conversation_group(conversation_id), {"type": "chat.frame", "frame": frame})


def _publish(group: str, event: dict[str, Any]) -> None:
    try:
        get_channel_layer().group_publish(group, event)
    except (RedisError, OSError) as error:
        log.warning("chat_event_not_sent", event_type=event["type"], error=type(error).__name__)
