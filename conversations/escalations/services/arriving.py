"""The customer writes while people have the matter."""

from datetime import datetime

from django.utils import timezone

from conversations.desk.routing import consultant_for, is_present
from conversations.desk.targets import Target, target_for
from conversations.escalations.clocks import FIELDS, clocks_resume
from conversations.escalations.events import escalation_announce
from conversations.escalations.services.stopping import customer_wrote_error, held_stop
from conversations.models import Conversation, Escalation, Message
from conversations.selectors import customer_get
from omnicqm.common.services import audit_record

WORKER = "system:worker"
State = Escalation.State


def escalation_customer_wrote(*, conversation: Conversation, message: Message) -> Escalation | None:
    """Bring the conversation's active escalation to people's attention, at once and before the agent looks at it.

    A waiting one is its consultant's again, or routed anew when they are away; a snoozed one wakes; a reply that is
    about to go out is stopped, and its text is the draft again. Returns the escalation; None when there is none. Call
    inside the transaction that stores `message`, with the conversation locked.
    """
    rows = Escalation.objects.select_for_update(of=("self",)).filter(conversation=conversation)
    escalation = rows.filter(state__in=Escalation.ACTIVE).order_by("created_at").first()
    if escalation is None:
        return None
    held_stop(escalation, customer_wrote_error(message))
    escalation_bring_back(escalation, conversation, now=timezone.now())
    escalation_announce(escalation, "followed_up")
    return escalation


def escalation_bring_back(escalation: Escalation, conversation: Conversation, *, now: datetime) -> None:
    """Wake it, and make it owed again when it has been waiting. Changes nothing else; saves."""
    woken = escalation.snoozed_until is not None
    escalation.snoozed_until = None
    if escalation.state == State.WAITING:
        _resume(escalation, conversation, now)
    elif escalation.response_due_at is None:
        clocks_resume(escalation, _target(conversation), now=now)
    elif not woken:
        return
    escalation.save(update_fields=["state", "assignee", "snoozed_until", *FIELDS])


def _resume(escalation: Escalation, conversation: Conversation, now: datetime) -> None:
    clocks_resume(escalation, _target(conversation), now=now)
    if not is_present(escalation.assignee_id):
        consultant = consultant_for(escalation, category=conversation.category)
        escalation.assignee_id = consultant.user_id if consultant else None
    escalation.state = State.ASSIGNED if escalation.assignee_id else State.OPEN
    details = {"assignee_id": escalation.assignee_id}
    audit_record(actor=WORKER, action="escalation.resumed", obj=escalation, details=details)


def _target(conversation: Conversation) -> Target:
    customer = customer_get(customer_id=conversation.customer_id)
    return target_for(category=conversation.category, service_level=customer.service_level)
