"""Insights and replies to rate."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from conversations.models import Insight, Message, Query
from conversations.services.messages import message_append
from tests.conversations.people import channel_get, conversation_make, query_make


def insight_make(client: str = "crm", **fields: Any) -> Insight:
    """An answer as it is stored; later ones are newer."""
    number = Insight.objects.count()
    return Insight.objects.create(
        **{
            "client": client,
            "unique_process_id": f"process-{number}",
            "account_number": "ACC-1001",
            "contact_id": "contact-1",
            "ivr_intent": "misc",
            "max_history_days": 90,
            "max_interactions": 10,
            "summary": "Asked twice where the sofa is.",
            "date_from": date(2026, 11, 1),
            "date_to": date(2026, 11, 20),
            "model_used": "local-extractive",
            "prompt_version": "1",
            "latency_ms": 120,
            "created_at": timezone.now() + timedelta(milliseconds=number),
            "valid_until": timezone.now(),
            **fields,
        }
    )


def answered_query_make(client: str = "crm", customer: Any = None) -> Query:
    """A query with its reply."""
    conversation = conversation_make(customer)
    query = query_make(conversation, "Where is my sofa?", client=client)
    reply = message_append(
        conversation=conversation,
        channel=channel_get("outlook"),
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.ASSISTANT,
        text="It arrives on Monday.",
    )
    query.status, query.reply, query.finished_at = Query.Status.ANSWERED, reply, timezone.now()
    query.save()
    return query
