"""Replies of runs, as they stand in the tables once they were sent."""

from typing import Any

from django.utils import timezone

from agents.models import Run
from conversations.models import Conversation, Message, Query
from conversations.services.messages import message_append
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

QUESTION = "What does room delivery cost?"
QUOTE = "Room delivery costs $59 and takes 5 to 10 working days."
REPLY = "Room delivery costs $59 [1]."
SOURCE = {
    "document_id": "doc_1",
    "external_id": "delivery",
    "title": "Delivery: options, costs and times",
    "version": 1,
    "chunk_id": "chk_1",
    "quote": QUOTE,
    "score": 0.9,
}


def run_make(text: str = REPLY, *, decision: str = "auto_send", **fields: Any) -> Run:
    now = timezone.now()
    values = {
        "scope": "channel:outlook",
        "state": Run.State.FINISHED,
        "decision": decision,
        "score": 100 if decision == "auto_send" else 5,
        "threshold": 80,
        "reply_text": text,
        "sources": [SOURCE],
        "model_used": "local-extractive",
        "finished_at": now,
    }
    return Run.objects.create(**{**values, **fields})


def answered(
    question: str = QUESTION, text: str = REPLY, *, conversation: Conversation | None = None, **run: Any
) -> Query:
    """A query with the reply of a run: ``answered().run``, ``answered().reply``."""
    customer = None if conversation else customer_make(f"c{Query.objects.count()}@example.org")
    conversation = conversation or conversation_make(customer)
    query = query_make(conversation, question)
    query.run = run_make(text, origin=query.pk, **run)
    query.reply = message_append(
        conversation=conversation,
        channel=channel_get("outlook"),
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.ASSISTANT,
        text=text,
        run_id=query.run.pk,
        sources=[SOURCE],
    )
    query.status, query.finished_at = Query.Status.ANSWERED, timezone.now()
    query.save()
    return query


def escalated(question: str = QUESTION, text: str = REPLY, **run: Any) -> Query:
    """A query that went to people with the suggestion of a run."""
    query = query_make(conversation_make(customer_make(f"e{Query.objects.count()}@example.org")), question)
    query.run = run_make(text, decision="escalate", origin=query.pk, **run)
    query.status, query.finished_at = Query.Status.ESCALATED, timezone.now()
    query.save()
    return query
