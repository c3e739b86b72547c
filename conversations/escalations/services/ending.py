"""How an escalation ends, with or without a reply."""

from django.utils import timezone

from conversations.escalations.clocks import clocks_stop
from conversations.models import Conversation, Escalation, Query
from conversations.services.status import conversation_hand_back, conversation_resolve
from conversations.work.claims import conversation_wake


def escalation_end(
    conversation: Conversation, escalation: Escalation, state: Escalation.State, *, resolved: bool = False
) -> None:
    """It is over; the agent answers again what still waits or comes. `resolved`: the matter is settled with it, unless
    the customer has just written."""
    now = timezone.now()
    escalation.state, escalation.closed_at, escalation.snoozed_until = state, now, None
    clocks_stop(escalation, now=now)
    escalation.save()
    waiting = Query.objects.filter(conversation=conversation, status__in=Query.PENDING)
    if resolved and not waiting.exists():
        conversation_resolve(conversation=conversation)
    else:
        conversation_hand_back(conversation=conversation)
    conversation_wake(conversation.pk)
