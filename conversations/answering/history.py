"""The thread as the agent reads it: both sides, all channels, capped."""

from collections.abc import Mapping
from typing import Literal

from agents.types import Turn
from conversations.models import Identity, Message

MAX_TURNS = 20
MAX_CHARS = 8_000
MAX_TURN_CHARS = 2_000

_AUTHORS: Mapping[str, Literal["customer", "assistant", "consultant"]] = {
    Message.Author.CUSTOMER: "customer",
    Message.Author.ASSISTANT: "assistant",
    Message.Author.CONSULTANT: "consultant",
}


def history_for(message: Message, *, before_seq: int) -> tuple[Turn, ...]:
    """The turns before `before_seq`, oldest first; the newest that fit into the limits.

    Whoever wrote `message` unverified gets none: what was said before may be another's. A visitor who has been alone in
    the thread so far has said it all, so theirs counts.
    """
    if not (message.sender_verified or _alone_so_far(message)):
        return ()
    said = Message.objects.filter(
        conversation=message.conversation_id, seq__lt=before_seq, author__in=list(_AUTHORS)
    ).exclude(direction=Message.Direction.NOTE)
    turns: list[Turn] = []
    room = MAX_CHARS
    for earlier in said.order_by("-seq")[:MAX_TURNS]:
        text = earlier.text[:MAX_TURN_CHARS]
        room -= len(text)
        if room < 0:
            break
        turns.append(Turn(_AUTHORS[earlier.author], text, earlier.channel_id))
    return tuple(reversed(turns))


def _alone_so_far(message: Message) -> bool:
    """Whether one chat visitor, whom the session vouches for, wrote everything in the thread."""
    sender = message.sender
    if sender is None or sender.kind != Identity.Kind.VISITOR:
        return False
    inbound = Message.objects.filter(conversation=message.conversation_id, direction=Message.Direction.INBOUND)
    return not inbound.exclude(sender=sender).exists()
