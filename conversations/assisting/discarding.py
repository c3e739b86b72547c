"""A draft that a consultant does not want: put away with the reason, so that something can be learned from it."""

from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.errors import EscalationOver
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
def draft_discard(*, escalation: Escalation, user: Any, reason: str) -> Escalation:
    """Offer the draft no more; the agent's next one, for what the customer writes later, is offered again.

    The draft itself stays, for those who learn from it; `packet["discarded"]` says by whom, why, and how many
    follow-ups there were. Raises `InvalidInput` for an unknown reason, and `EscalationOver`.
    """
    if reason not in list(DiscardReason):
        raise InvalidInput("Choose why the suggestion is of no use.", param="discard_reason")
    locked = Escalation.objects.select_for_update(no_key=True).get(pk=escalation.pk)
    if locked.state not in Escalation.ACTIVE:
        raise EscalationOver("This has been answered or closed already.")
    locked.packet["discarded"] = {
        "reason": reason,
        "user_id": user.pk,
        "at": timezone.now().isoformat(timespec="seconds"),
        "follow_ups": len(locked.packet.get("follow_ups", [])),
    }
    locked.save(update_fields=["packet"])
    audit_record(actor=f"user:{user.pk}", action="draft.discarded", obj=locked, details={"reason": reason})
    return locked


def draft_offered(escalation: Escalation) -> str:
    """The newest draft: of the last follow-up that has one, else the case's own; empty when it was discarded."""
    follow_ups = escalation.packet.get("follow_ups", [])
    drafts = [escalation.draft, *(note.get("draft", "") for note in follow_ups)]
    discarded = escalation.packet.get("discarded")
    if discarded is not None:
        drafts = drafts[discarded["follow_ups"] + 1 :]
    return next((draft for draft in reversed(drafts) if draft), "")
