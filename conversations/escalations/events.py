"""What happened to an escalation, told on commit to whoever listens."""

from typing import Literal

from conversations.models import Escalation, Message
from omnicqm.common.events import event_publish

Kind = Literal[
    "opened", "claimed", "assigned", "released", "snoozed", "woken", "followed_up", "held", "undone", "stopped",
    "answered", "waiting", "resolved", "closed", "ticked", "noted",
]  # fmt: skip


def escalation_announce(escalation: Escalation, kind: Kind, *, user_id: int | None = None) -> None:
    """Publish ``escalation.changed``; `user_id` is who did it, if a person did."""
    event_publish("escalation.changed", escalation_id=escalation.pk, kind=kind, user_id=user_id)


def answer_announce(escalation: Escalation, message: Message, *, draft: str, user_id: int) -> None:
    """Publish ``escalation.answered`` with what was suggested and what was sent."""
    event_publish(
        "escalation.answered",
        escalation_id=escalation.pk,
        message_id=message.pk,
        draft=draft,
        text=message.text,
        user_id=user_id,
    )
