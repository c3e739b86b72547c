"""Cases for tests about the queue."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from conversations.models import Channel, Conversation, Customer, Escalation, Identity, Message, Query
from tests.console.people import escalation_make
from tests.conversations.people import channel_get


def case_make(name: str = "priya", *, minutes: float = 120, **fields: Any) -> Escalation:
    """An open case of its own customer, due in `minutes`; `fields` are the escalation's."""
    channel = fields.pop("channel", "outlook")
    escalation = escalation_make(f"{name}@example.org", channel=channel)
    values: dict[str, Any] = {"state": "open", "assignee": None, "due_at": timezone.now() + timedelta(minutes=minutes)}
    Escalation.objects.filter(pk=escalation.pk).update(**{**values, **fields})
    escalation.refresh_from_db()
    return escalation


def cases_bulk(count: int, *, resolved: int = 0) -> None:
    """`count` open cases and as many resolved ones as said, each of its own customer, without any work of ours."""
    channel: Channel = channel_get("outlook")
    now = timezone.now()
    numbers = range(count + resolved)
    customers = Customer.objects.bulk_create(
        [Customer(display_name=f"Customer {number}", service_level=_level(number)) for number in numbers]
    )
    Identity.objects.bulk_create(
        Identity(customer=customer, kind="email", value=f"c{number}@example.org")
        for number, customer in enumerate(customers)
    )
    conversations = Conversation.objects.bulk_create(
        [
            Conversation(customer=customer, subject=f"Matter {number}", category="delivery", last_seq=1)
            for number, customer in enumerate(customers)
        ]
    )
    messages = Message.objects.bulk_create(
        [
            Message(conversation=one, seq=1, direction="inbound", author="customer", channel=channel, text="Help me")
            for one in conversations
        ]
    )
    queries = Query.objects.bulk_create(
        [
            Query(message=message, conversation=one, channel=channel, status="escalated", finished_at=now)
            for one, message in zip(conversations, messages, strict=True)
        ]
    )
    Escalation.objects.bulk_create(
        [
            Escalation(
                query=query,
                conversation=query.conversation,
                state="open" if number < count else "closed",
                closed_at=None if number < count else now - timedelta(minutes=number),
                resolution="" if number < count else "solved",
                reasons=["score_below_threshold"],
                score=number % 80,
                factors=["urgency"],
                language="en",
                due_at=now + timedelta(minutes=number - count // 10),
                created_at=now - timedelta(minutes=count + resolved - number),
            )
            for number, query in enumerate(queries)
        ]
    )


def _level(number: int) -> str:
    return ("standard", "gold", "premium")[number % 3]
