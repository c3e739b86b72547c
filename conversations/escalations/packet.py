"""The handoff packet: what a consultant needs to go on without asking the customer again."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agents.types import RunResult
from conversations.models import Customer, Message, Query

MAX_HISTORY = 10
MAX_HISTORY_CHARS = 600


def packet_build(*, queries: Sequence[Query], customer: Customer, result: RunResult | None) -> dict[str, Any]:
    """JSON-able handoff for `queries` (oldest first). Without a result, what is known without the agent."""
    packet = {
        "question": question_of(queries),
        "subject": queries[-1].message.subject or queries[0].message.subject,
        "sender_verified": queries[-1].message.sender_verified,
        "profile": _profile(customer),
        "history": _history(queries[0]),
        "follow_ups": [],
    }
    return packet | (findings(result) if result is not None else {})


def question_of(queries: Sequence[Query]) -> str:
    """What the customer wrote, all messages that are answered together."""
    return "\n\n".join(query.message.text for query in queries)


def findings(result: RunResult) -> dict[str, Any]:
    """What the agent found out, and what it looked up for the consultant."""
    return {
        "summary": result.summary,
        "intent": result.intent,
        "category": result.category,
        "language": result.language,
        "factors": {str(factor): asdict(finding) for factor, finding in result.factors.items()},
        "blockers": [str(blocker) for blocker in result.blockers],
        "threshold": result.threshold,
        "run_id": result.run_id,
        **result.details,
    }


def _profile(customer: Customer) -> dict[str, Any]:
    return {
        "customer_id": customer.pk,
        "name": customer.display_name,
        "service_level": customer.service_level,
        "language": customer.language,
        "records": customer.profile,
    }


def _history(first: Query) -> list[dict[str, Any]]:
    earlier = Message.objects.filter(conversation=first.conversation_id, seq__lt=first.message.seq)
    newest = earlier.exclude(direction=Message.Direction.NOTE).order_by("-seq")[:MAX_HISTORY]
    return [
        {
            "seq": message.seq,
            "at": message.received_at.isoformat(timespec="seconds"),
            "author": message.author,
            "channel": message.channel_id,
            "text": message.text[:MAX_HISTORY_CHARS],
        }
        for message in reversed(newest)
    ]
