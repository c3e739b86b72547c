"""A small company of which every figure can be counted by hand."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.models import Run
from conversations.models import Conversation, Customer, Escalation, Message, Query
from conversations.services.messages import message_append
from omnicqm.common.models import Attempt
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

_number = iter(range(1, 100_000))


def person() -> Customer:
    return customer_make(f"person-{next(_number)}@example.com")


def asked(
    at: datetime, conversation: Conversation | None = None, *, customer: Customer | None = None,
    category: str = "returns", channel: str = "outlook", **fields: Any,
) -> Query:  # fmt: skip
    """A query of that moment, still waiting."""
    conversation = conversation or conversation_make(customer or person(), category=category)
    query = query_make(conversation, "How long may I keep it?", channel=channel, created_at=at, **fields)
    Message.objects.filter(pk=query.message_id).update(created_at=at, received_at=at)
    Conversation.objects.filter(pk=conversation.pk, category="").update(category=category)
    return query


def run_of(query: Query, *, calls: tuple[tuple[str, str], ...] = (("ok", "0.0010"),), **fields: Any) -> Run:
    """The run on `query`, with a ledger row per (outcome, cost)."""
    run = Run.objects.create(
        **{
            "scope": f"channel:{query.channel_id}", "origin": query.pk, "state": "finished", "decision": "auto_send",
            "score": 100, "threshold": 80, "category": query.conversation.category, "model_used": "local-extractive",
            "prompt_version": "v1", "latency_ms": 400, "started_at": query.created_at,
            "finished_at": query.created_at, **fields,
        }
    )  # fmt: skip
    for outcome, cost in calls:
        Attempt.objects.create(
            at=query.created_at, purpose="compose", provider="primary", model=run.model_used, scope=run.scope,
            run_id=run.pk, input_tokens=100, output_tokens=20, cost_usd=Decimal(cost), latency_ms=300, outcome=outcome,
        )  # fmt: skip
    Query.objects.filter(pk=query.pk).update(run=run)
    return run


def answered(query: Query, *, after: timedelta = timedelta(seconds=2), by: str = "assistant", **run: Any) -> Query:
    """Answered by the agent (with a run) or, `by` consultant, by a person."""
    if by == "assistant":
        run_of(query, **run)
    query.refresh_from_db()
    reply = _reply(query, query.created_at + after, by)
    status = "clarification" if run.get("decision") == "clarify" else "answered"
    Query.objects.filter(pk=query.pk).update(status=status, reply=reply, finished_at=query.created_at + after)
    query.refresh_from_db()
    return query


def escalated(query: Query, reason: str = "asked_for_person", *, draft: str = "", **run: Any) -> Escalation:
    """Handed to people by its run."""
    run_of(query, **{"decision": "escalate", "score": 40, **run})
    Query.objects.filter(pk=query.pk).update(status="escalated", finished_at=query.created_at)
    query.refresh_from_db()
    return Escalation.objects.create(
        query=query, conversation=query.conversation, queue=query.conversation.category, reasons=[reason],
        draft=draft, score=40, due_at=query.created_at + timedelta(hours=8), created_at=query.created_at,
    )  # fmt: skip


def replied(escalation: Escalation, text: str, *, after: timedelta) -> None:
    """A consultant answers the escalation."""
    query = escalation.query
    at = query.created_at + after
    reply = _reply(query, at, "consultant", text)
    Escalation.objects.filter(pk=escalation.pk).update(state="answered", reply=reply, closed_at=at)
    Query.objects.filter(pk=query.pk).update(status="answered", reply=reply, finished_at=at)


def _reply(query: Query, at: datetime, author: str, text: str = "Thirty days.") -> Message:
    conversation = Conversation.objects.get(pk=query.conversation_id)
    reply = message_append(
        conversation=conversation, direction="outbound", author=author, channel=channel_get(query.channel_id), text=text
    )
    Message.objects.filter(pk=reply.pk).update(created_at=at)
    return reply
