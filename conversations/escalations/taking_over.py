"""A consultant takes a conversation over of their own accord, while the agent still answers in it."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone

from conversations.desk.routing import queue_key_for
from conversations.desk.targets import Target, target_for
from conversations.errors import NothingToTakeOver
from conversations.escalations.clocks import clocks_start
from conversations.escalations.events import escalation_announce
from conversations.escalations.packet import packet_build
from conversations.escalations.priority import priority_for, summary_line
from conversations.escalations.services import escalation_claim
from conversations.models import Conversation, Customer, Escalation, Query
from conversations.selectors import customer_get
from conversations.services.status import conversation_hand_to_people
from omnicqm.common.services import audit_record

TAKEN_OVER = "taken_over"


@transaction.atomic
def conversation_take_over(*, conversation: Conversation, user: AbstractUser) -> Escalation:
    """Make `user` the one who answers in `conversation`; the agent is silent until they have replied or closed it.

    What the agent is writing at this moment is not sent; it becomes a suggestion. Returns the escalation that the user
    works on: the one that is active already, else that of the newest query, opened or opened again. Raises
    `NothingToTakeOver` when the customer has asked nothing.
    """
    conversation = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    active = Escalation.objects.filter(conversation=conversation, state__in=Escalation.ACTIVE).first()
    if active is not None:
        return escalation_claim(escalation=active, user=user, take_over=True)
    escalation = _open(conversation, _newest_query(conversation), user)
    conversation_hand_to_people(conversation=conversation, consultant_id=user.pk)
    details = {"query_id": escalation.query_id}
    audit_record(actor=f"user:{user.pk}", action="escalation.taken_over", obj=escalation, details=details)
    escalation_announce(escalation, "claimed", user_id=user.pk)
    return escalation


def _newest_query(conversation: Conversation) -> Query:
    asked = Query.objects.filter(conversation=conversation).select_related("message")
    query = asked.order_by("-message__seq").first()
    if query is None:
        raise NothingToTakeOver("The customer has not asked anything here that could be answered.")
    return query


def _open(conversation: Conversation, query: Query, user: AbstractUser) -> Escalation:
    """A query has one escalation: one that is over is opened again, without its drafts, which have had their use."""
    customer = customer_get(customer_id=conversation.customer_id)
    target = target_for(category=conversation.category, service_level=customer.service_level)
    escalation = Escalation.objects.filter(query=query).first() or _new(conversation, query, customer, target)
    escalation.state, escalation.assignee_id, escalation.closed_at = Escalation.State.ASSIGNED, user.pk, None
    escalation.reasons = [TAKEN_OVER]
    escalation.explanation = f"{user.get_full_name() or user.get_username()} has taken the conversation over."
    escalation.score, escalation.draft, escalation.draft_sources = None, "", []
    for note in escalation.packet.get("follow_ups", []):
        note["draft"] = ""
    escalation.resolution = escalation.resolution_note = ""
    clocks_start(escalation, target, now=timezone.now())
    escalation.save()
    return escalation


def _new(conversation: Conversation, query: Query, customer: Customer, target: Target) -> Escalation:
    category = conversation.category
    return Escalation(
        conversation=conversation,
        query=query,
        queue=queue_key_for(category),
        priority=priority_for(customer=customer, target=target, result=None, category=category),
        language=customer.language,
        summary=summary_line([query], None),
        packet=packet_build(queries=[query], customer=customer, result=None),
    )
