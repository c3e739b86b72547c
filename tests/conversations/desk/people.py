"""Staff, their teams, and a case of a customer, for every test about consultants' work."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from conversations.channels.base import InboundMessage, Sender
from conversations.escalations.services import escalation_open
from conversations.models import Consultant, Conversation, Escalation, Team
from conversations.services.accept import Accepted, message_accept
from tests.console.people import result_make
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make


class Clock:
    """What `timezone.now()` says in a test."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **length: float) -> datetime:
        self.moment += timedelta(**length)
        return self.moment


def staff_make(name: str, *, team: Team | None = None, skills: tuple[str, ...] = (), **fields: Any) -> User:
    """Somebody whom routing knows, called as they sign in."""
    user = get_user_model().objects.create_user(name, first_name=name.capitalize(), is_staff=True)
    Consultant.objects.create(user=user, team=team, skills=list(skills), **fields)
    return user


def case_make(
    number: int = 1, *, category: str = "billing", level: str = "standard", text: str = "Please help me.", **result: Any
) -> Escalation:
    """A new customer's mail that was handed to people; `result` changes what the agent found out."""
    customer = customer_make(f"customer{number}@example.com", display_name=f"Customer {number}", service_level=level)
    conversation = conversation_make(customer, subject="My matter", category=category)
    query = query_make(conversation, text, subject="My matter")
    found = {"factors": {}, "category": category, "language": "en", "reply_text": "A suggestion.", **result}
    return escalation_open(conversation=conversation, queries=[query], result=result_make(**found))


def newest(escalation: Escalation) -> int:
    """The number of the newest message: what somebody who has just looked has seen."""
    return Conversation.objects.get(pk=escalation.conversation_id).last_seq


def customer_writes(escalation: Escalation, text: str = "One more thing.", **inbound: Any) -> Accepted:
    """Through the way in, as everything does that comes from a customer."""
    identity = escalation.conversation.customer.identities.get(kind="email")
    return message_accept(
        inbound=InboundMessage(
            channel=channel_get("outlook"),
            sender=Sender(kind="email", value=identity.value, verified=True),
            text=text,
            conversation_id=escalation.conversation_id,
            **inbound,
        )
    )
