"""Reads of conversations: one access function per kind of object, for every door alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from agents.types import Autonomy
from conversations.errors import ConversationNotFound, CustomerNotFound, QueryNotFound, UnknownChannel
from conversations.escalations.drafts import draft_offered
from conversations.identity.normalise import identity_normalise
from conversations.models import Channel, Conversation, Customer, Erasure, Escalation, Identity, Message, Query
from conversations.rendering import markdown_to_html
from conversations.sources import sources_public
from omnicqm.common.models import AuditEvent

MOST_EVIDENCE = 50


def channel_get(*, channel_id: str) -> Channel:
    """The channel. Raises `UnknownChannel` naming ``channel_id``."""
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise UnknownChannel("There is no channel with this channel_id.", param="channel_id")
    return channel


def channel_titles() -> dict[str, str]:
    """Title by channel id, for those who show channels to people."""
    return dict(Channel.objects.values_list("pk", "title"))


def channel_limits() -> dict[str, tuple[int, Autonomy]]:
    """By id of each channel the threshold it demands, 0 for none of its own, and the most it lets the agent do."""
    rows = Channel.objects.values_list("pk", "threshold", "autonomy")
    return {key: (threshold or 0, Autonomy(autonomy)) for key, threshold, autonomy in rows}


def customer_get(*, customer_id: str) -> Customer:
    """The canonical customer behind `customer_id`: a merged one leads to the one that took it over.

    Raises `CustomerNotFound`.
    """
    customer = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    if customer is None:
        raise CustomerNotFound("There is no such customer.")
    return customer.merged_into or customer


def customer_is_erased(customer_id: str) -> bool:
    """Whether the customer, or the one that took them over, has had their data deleted: a notice stands where the texts
    were."""
    return Erasure.objects.filter(Q(customer=customer_id) | Q(customer__absorbed=customer_id)).exists()


def customer_evidence(customer: Customer) -> QuerySet[AuditEvent]:
    """What made the customer who they are, newest first: merges, splits and imports of the audit trail."""
    events = AuditEvent.objects.filter(object_type="customer", object_id=customer.pk, action__startswith="customer.")
    return events.filter(once=None).order_by("-at")[:MOST_EVIDENCE]  # looks make nobody who they are


def customer_find(*, identity: str) -> Customer | None:
    """The customer known by `identity`, written ``kind:value``; None when nobody is.

    Raises `InvalidInput` naming ``identity`` for another form or an unknown kind.
    """
    kind, _, value = identity.partition(":")
    normalised = identity_normalise(kind, value, param="identity")
    found = Identity.objects.select_related("customer").filter(kind=kind, value=normalised).first()
    return found.customer if found else None


def conversation_get(*, conversation_id: str) -> Conversation:
    """For callers who may see every conversation: API clients with the scope, staff. Raises `ConversationNotFound`."""
    conversation = Conversation.objects.select_related("customer").filter(pk=conversation_id).first()
    if conversation is None:
        raise ConversationNotFound("There is no such conversation.")
    return conversation


def messages_after(*, conversation: Conversation, seq: int = 0) -> QuerySet[Message]:
    """Its messages on all channels after the sequence number `seq`, in order; internal notes are left out."""
    messages = Message.objects.filter(conversation=conversation, seq__gt=seq).exclude(direction=Message.Direction.NOTE)
    return messages.select_related("channel").prefetch_related("attachments", "answers").order_by("seq")


def query_get_for_client(*, request_id: str, client: str) -> Query:
    """The query, for the API client that sent it and no other. Raises `QueryNotFound`."""
    queries = Query.objects.select_related("run", "reply", "conversation")
    query = queries.filter(pk=request_id, client=client).first()
    if query is None:
        raise QueryNotFound("There is no query with this request_id that you have sent.")
    return query


def query_document(query: Query) -> dict[str, Any]:
    """How a query ended (or stands), as the status URL and callbacks tell it.

    `reply` is what the customer was told; while people have it, the suggestion they start from.
    """
    run = query.run
    escalation = _escalation_of(query)
    started = query.created_at
    return {
        "request_id": query.pk,
        "status": query.status,
        "decision": (run.decision or None) if run else None,
        "reply": _reply(query, escalation),
        "score": run.score if run else None,
        "threshold": run.threshold if run else None,
        "factors": run.factors if run else {},
        "explanation": (run.explanation if run else "") or query.reason,
        "intent": run.intent if run else "",
        "category": run.category if run else "",
        "model_used": run.model_used if run else "none",
        "latency_ms": int((query.finished_at - started).total_seconds() * 1000) if query.finished_at else None,
        "conversation_id": query.conversation_id,
        **({"escalation_id": escalation.pk} if escalation else {}),
    }


def _escalation_of(query: Query) -> Escalation | None:
    """Its own, or that of the query it was escalated with."""
    owner = query.answered_with_id or query.pk
    return Escalation.objects.select_related("query", "reply").filter(query_id=owner).first()


def _reply(query: Query, escalation: Escalation | None) -> Mapping[str, Any] | None:
    if query.reply is not None:
        return {"text": query.reply.text, "html": query.reply.html, "sources": sources_public(query.reply.sources)}
    offered = draft_offered(escalation) if escalation is not None else None
    if offered is not None and offered.text:
        html = markdown_to_html(offered.text)
        return {"text": offered.text, "html": html, "sources": sources_public(offered.sources)}
    return None
