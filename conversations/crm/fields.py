"""What a CRM may be told of a conversation: our names, as texts, each with its limit.

A mapping says which of them go where. Message texts are among them (`subject`, `question`) and go nowhere unless a
company's own mapping asks for them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from agents.selectors import category_titles
from conversations.models import Conversation, Escalation, Identity
from omnicqm.common.text import text_clean

# Name: most characters. `docs/crm-cases.md` says what each holds.
FIELDS: Mapping[str, int] = {
    "reference": 20,
    "title": 255,
    "status": 40,
    "priority": 40,
    "category": 80,
    "service_level": 40,
    "channel": 40,
    "queue": 40,
    "consultant": 80,
    "summary": 2000,
    "resolution": 40,
    "opened_at": 30,
    "due_at": 30,
    "link": 255,
    "account": 80,
    "customer_name": 80,
    "customer_email": 80,
    "subject": 255,
    "question": 2000,
}
_OVER = {Escalation.State.ANSWERED, Escalation.State.CLOSED}

Values = dict[str, str | None]


def case_values(conversation: Conversation) -> Values:
    """Every field of `conversation` as it is now; None where there is nothing to tell. Raises `LookupError` for one
    that people never had."""
    escalation = _escalation(conversation)
    values: dict[str, str | None] = {
        "reference": conversation.reference,
        "title": _title(conversation),
        "status": _status(conversation, escalation),
        "priority": str(escalation.priority),
        "category": _category(conversation),
        "service_level": conversation.customer.service_level,
        "channel": escalation.query.channel.kind,
        "queue": escalation.queue,
        "consultant": _consultant(escalation),
        "summary": escalation.packet.get("summary"),
        "resolution": escalation.resolution,
        "opened_at": _moment(escalation.created_at),
        "due_at": _moment(None if escalation.state in _OVER else escalation.due_at),
        "link": _link(escalation),
        **_customer(conversation),
        "subject": conversation.subject,
        "question": escalation.packet.get("question"),
    }
    return {name: _fitted(value, FIELDS[name]) for name, value in values.items()}


def _escalation(conversation: Conversation) -> Escalation:
    """The one that is active, else the newest."""
    rows = Escalation.objects.filter(conversation=conversation).select_related("assignee", "query__channel")
    found = list(rows.order_by("-created_at")[:20])
    active = [row for row in found if row.state in Escalation.ACTIVE]
    if not found:
        raise LookupError("This conversation has no escalation.")
    return (active or found)[0]


def _status(conversation: Conversation, escalation: Escalation) -> str:
    """The escalation's state; `resolved` once the matter is settled."""
    settled = conversation.status == Conversation.Status.RESOLVED and escalation.state in _OVER
    return "resolved" if settled else str(escalation.state)


def _title(conversation: Conversation) -> str:
    category = _category(conversation)
    return f"{conversation.reference}: {category}" if category else conversation.reference


def _category(conversation: Conversation) -> str:
    key = conversation.category
    return category_titles().get(key, key)


def _consultant(escalation: Escalation) -> str | None:
    user = escalation.assignee
    return (user.get_full_name() or user.get_username()) if user else None


def _link(escalation: Escalation) -> str:
    return f"{settings.OMNICQM_BASE_URL}{reverse('admin:conversations_escalation_change', args=[escalation.pk])}"


def _customer(conversation: Conversation) -> Values:
    """Of each kind the newest, and rather one that was shown to be the customer's."""
    identities = conversation.customer.identities.order_by(F("verified_at").asc(nulls_first=True), "created_at", "pk")
    values = {identity.kind: identity.value for identity in identities}
    return {
        "account": values.get(Identity.Kind.ACCOUNT),
        "customer_name": conversation.customer.display_name,
        "customer_email": values.get(Identity.Kind.EMAIL),
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _fitted(value: object, limit: int) -> str | None:
    text = text_clean(str(value or "")).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or None
