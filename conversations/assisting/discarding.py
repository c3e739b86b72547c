"""A draft that a consultant does not want: put away with the reason, so that something can be learned from it."""

from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.escalations.drafts import Draft, draft_shown
from conversations.escalations.services.locking import actor_of, escalation_lock
from conversations.models import Escalation
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record


class DiscardReason(StrEnum):
    """Why a draft was of no use."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    OFF_TOPIC = "off_topic"
    TONE = "tone"
    OTHER = "other"


REASON_WORDS = {
    DiscardReason.WRONG: "It says something wrong",
    DiscardReason.INCOMPLETE: "Something important is missing",
    DiscardReason.OFF_TOPIC: "It answers another question",
    DiscardReason.TONE: "The tone does not fit",
    DiscardReason.OTHER: "Another reason",
}


@transaction.atomic
def draft_discard(*, escalation: Escalation, user: Any, reason: str, draft_key: str | None = None) -> Draft:
    """Offer the draft `draft_key` no more, nor those before it; without a key that which is offered. One that joined
    meanwhile, or comes for what the customer writes later, is offered again. Returns what was put away.

    The draft itself stays, for those who learn from it; `packet["discarded"]` says by whom, why, and the number of its
    follow-up. Raises `InvalidInput` for an unknown reason or draft, and `EscalationOver`.
    """
    if reason not in list(DiscardReason):
        raise InvalidInput("Choose why the suggestion is of no use.", param="discard_reason")
    _, locked = escalation_lock(escalation)
    draft = draft_shown(locked, draft_key)
    if not draft.key.isdecimal():
        raise InvalidInput("The case has no suggestion that could be put away.", param="draft")
    earlier = locked.packet.get("discarded", {}).get("follow_ups", 0)  # a colleague may have gone further
    locked.packet["discarded"] = {
        "reason": reason,
        "user_id": user.pk,
        "at": timezone.now().isoformat(timespec="seconds"),
        "follow_ups": max(int(draft.key), earlier),
    }
    locked.save(update_fields=["packet"])
    audit_record(actor=actor_of(user), action="draft.discarded", obj=locked, details={"reason": reason})
    return draft
