"""A reply that is about to go out does not, and its text is the draft again."""

from django.utils import timezone

from conversations.errors import Changed, CustomerWroteAgain, Overtaken
from conversations.escalations.events import escalation_announce
from conversations.models import Escalation, HeldReply, Message
from omnicqm.common.errors import OmniError
from omnicqm.common.services import audit_record

WORKER = "system:worker"


def customer_wrote_error(message: Message) -> CustomerWroteAgain:
    return CustomerWroteAgain(
        "The customer has written again. Read the new message before you reply.",
        changed=Changed("customer_wrote", at=message.received_at, seq=message.seq),
    )


def held_stop(escalation: Escalation, error: OmniError, *, actor: str = WORKER) -> HeldReply | None:
    """Stop the held reply of `escalation`, which is locked, because of `error`; None when none is held."""
    rows = HeldReply.objects.select_for_update().filter(escalation=escalation, state=HeldReply.State.HELD)
    held = rows.first()
    if held is None:
        return None
    held.state, held.ended_at = HeldReply.State.STOPPED, timezone.now()
    held.reason, held.reason_code = error.message[:300], error.code[:40]
    held.save(update_fields=["state", "ended_at", "reason", "reason_code"])
    changed = error.changed.as_json() if isinstance(error, Overtaken) else {}
    details = {"held_id": held.pk, "code": error.code, "seq": changed.get("seq")}
    audit_record(actor=actor, action="escalation.reply_stopped", obj=escalation, details=details)
    escalation_announce(escalation, "stopped", user_id=held.user_id)
    return held
