"""Reads for the consultants' console."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from conversations.errors import EscalationNotFound
from conversations.models import Escalation, Message, Query


def escalations_active(*, queue: str = "", assignee_id: int | None = None) -> QuerySet[Escalation]:
    """What waits for people, the most urgent first; of one queue or one consultant if named."""
    rows = Escalation.objects.filter(state__in=Escalation.ACTIVE)
    if queue:
        rows = rows.filter(queue=queue)
    if assignee_id is not None:
        rows = rows.filter(assignee_id=assignee_id)
    return rows.select_related("conversation__customer", "query__channel", "assignee").order_by("due_at")


def escalation_get(escalation_id: str) -> Escalation:
    """The escalation with what its page shows. Raises `EscalationNotFound`."""
    related = "conversation__customer", "query__channel", "query__message", "query__run", "assignee", "reply"
    row = Escalation.objects.select_related(*related).filter(pk=escalation_id).first()
    if row is None:
        raise EscalationNotFound("There is no such escalation.")
    return row


def escalation_of(query: Query) -> Escalation | None:
    """The escalation that `query` belongs to: its own, or the one of the query it was handed over with."""
    return Escalation.objects.filter(query_id__in=[query.pk, query.answered_with_id]).first()


def escalation_packet(escalation: Escalation) -> dict[str, Any]:
    """The handoff packet together with the thread as it is now.

    `known_seq` is what `escalation_reply` wants back: the newest message in `messages`.
    """
    thread = Message.objects.filter(conversation=escalation.conversation_id).select_related("channel", "consultant")
    messages = list(thread.prefetch_related("attachments").order_by("seq"))
    return {
        **escalation.packet,
        "escalation": escalation,
        "messages": messages,
        "known_seq": messages[-1].seq if messages else 0,
    }


def escalations_overdue() -> tuple[int, datetime | None]:
    """How many escalations wait past their due time, and since when the first of them was due."""
    late = Escalation.objects.filter(state__in=Escalation.ACTIVE, due_at__lt=timezone.now())
    found = late.aggregate(count=Count("pk"), oldest=Min("due_at"))
    return found["count"], found["oldest"]
