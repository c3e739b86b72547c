"""A consultant ends an escalation without a further reply."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from conversations.escalations.events import escalation_announce
from conversations.escalations.services.ending import escalation_end
from conversations.escalations.services.locking import actor_of, escalation_lock, held_check, ours_check
from conversations.escalations.services.replying import newest_check
from conversations.models import Conversation, Escalation, Message, Query
from conversations.services.messages import message_append
from conversations.work.endings import queries_end
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import text_clean

MAX_NOTE_CHARS = 2_000
State, Resolution = Escalation.State, Escalation.Resolution


@transaction.atomic
def escalation_resolve(
    *, escalation: Escalation, user: AbstractBaseUser, resolution: str, note: str = "", known_seq: int | None = None
) -> Escalation:
    """The matter is settled, for the reason `resolution`; `note` is kept with it and as an internal note in the thread.

    The conversation is resolved: what the customer writes next opens it again. What they asked up to message
    `known_seq` (everything, unless told) and nobody answered ends without a reply. Raises `InvalidInput` for an unknown
    reason, an endless note, or ``other`` without one; `EscalationOver`, `EscalationTaken`, `ReplyIsHeld`; and
    `CustomerWroteAgain` or `ColleagueReplied` for what is newer than `known_seq`.
    """
    reason, note = _resolution_clean(resolution, note)
    conversation, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    held_check(escalation)
    if known_seq is not None:
        newest_check(conversation, known_seq)
    if note:
        _note_append(conversation, escalation, user, note)
    _unanswered_end(conversation, reason)
    escalation.resolution, escalation.resolution_note = reason, note
    escalation.assignee_id = escalation.assignee_id or user.pk
    escalation_end(conversation, escalation, State.ANSWERED if escalation.reply_id else State.CLOSED, resolved=True)
    details = {"resolution": str(reason)}
    audit_record(actor=actor_of(user), action="escalation.resolved", obj=escalation, details=details)
    escalation_announce(escalation, "resolved", user_id=user.pk)
    return escalation


def _resolution_clean(resolution: str, note: str) -> tuple[Escalation.Resolution, str]:
    if resolution not in Resolution.values:
        raise InvalidInput(f"Say how it was resolved: {', '.join(Resolution.values)}.", param="resolution")
    note = text_clean(note).strip()
    if len(note) > MAX_NOTE_CHARS:
        raise InvalidInput(f"A note has at most {MAX_NOTE_CHARS:,} characters.", param="note")
    if resolution == Resolution.OTHER and not note:
        raise InvalidInput("Say in the note how it was resolved.", param="note", code="blank")
    return Resolution(resolution), note


def _unanswered_end(conversation: Conversation, reason: Escalation.Resolution) -> None:
    """What came in and was not answered yet: whoever sent it is told that there will be no reply."""
    waiting = Query.objects.select_for_update(of=("self",)).filter(conversation=conversation, status__in=Query.PENDING)
    queries = list(waiting.select_related("message", "channel").order_by("message__seq"))
    if queries:
        queries_end(queries=queries, status=Query.Status.IGNORED, reason=f"A consultant resolved it: {reason.label}.")


@transaction.atomic
def escalation_close(
    *, escalation: Escalation, user: AbstractBaseUser, reason: str, known_seq: int | None = None
) -> Escalation:
    """End the escalation without a reply; `reason` is kept as an internal note in the conversation.

    The conversation is the agent's again. `known_seq` is the newest message that `user` has seen. Raises `InvalidInput`
    without a reason, `EscalationOver`, `EscalationTaken`, `ReplyIsHeld`, and `CustomerWroteAgain` when there is a newer
    message of the customer.
    """
    reason = _reason_clean(reason)
    conversation, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    held_check(escalation)
    if known_seq is not None:
        newest_check(conversation, known_seq)
    _note_append(conversation, escalation, user, reason)
    escalation.resolution_note = reason
    escalation_end(conversation, escalation, State.CLOSED)
    audit_record(actor=actor_of(user), action="escalation.closed", obj=escalation)
    escalation_announce(escalation, "closed", user_id=user.pk)
    return escalation


def _reason_clean(reason: str) -> str:
    reason = text_clean(reason).strip()
    if not reason or len(reason) > MAX_NOTE_CHARS:
        raise InvalidInput(f"Say in at most {MAX_NOTE_CHARS:,} characters why no reply is needed.", param="reason")
    return reason


def _note_append(conversation: Conversation, escalation: Escalation, user: AbstractBaseUser, text: str) -> None:
    message_append(
        conversation=conversation,
        direction=Message.Direction.NOTE,
        author=Message.Author.CONSULTANT,
        consultant_id=user.pk,
        channel=escalation.query.channel,
        text=text,
    )
