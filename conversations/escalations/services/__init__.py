"""What is done with escalations. A door calls these; each is one transaction and leaves an audit row.

A conversation has at most one active escalation. What the customer writes while it is active joins it as a follow-up:
its query ends as escalated, covered by the escalation's query, and gets the consultant's reply with it.
"""

from conversations.desk.routing import DEFAULT_QUEUE
from conversations.escalations.services.arriving import escalation_customer_wrote
from conversations.escalations.services.claiming import (
    escalation_claim,
    escalation_claim_next,
    escalation_release,
    escalations_assign,
)
from conversations.escalations.services.holding import (
    escalation_hold_reply,
    held_replies_sweep,
    held_reply_send,
    held_reply_undo,
)
from conversations.escalations.services.opening import Obstacle, escalation_open
from conversations.escalations.services.replying import escalation_reply
from conversations.escalations.services.resolving import escalation_close, escalation_resolve
from conversations.escalations.services.snoozing import escalation_snooze, escalation_unsnooze, escalations_wake

__all__ = [
    "DEFAULT_QUEUE",
    "Obstacle",
    "escalation_claim",
    "escalation_claim_next",
    "escalation_close",
    "escalation_customer_wrote",
    "escalation_hold_reply",
    "escalation_open",
    "escalation_release",
    "escalation_reply",
    "escalation_resolve",
    "escalation_snooze",
    "escalation_unsnooze",
    "escalations_assign",
    "escalations_wake",
    "held_replies_sweep",
    "held_reply_send",
    "held_reply_undo",
]
