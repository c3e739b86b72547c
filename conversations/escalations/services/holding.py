"""A reply is sent a moment after the button is pressed, so that it can be taken back.

The row is the promise: it is stored before the consultant is told anything, a worker sends it when its time has come,
and a sweep sends what a worker that died has left. Everything is checked again at that moment; what cannot go out is
the draft again, with the reason.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from conversations.errors import HeldReplyOver
from conversations.escalations.drafts import Draft, draft_shown
from conversations.escalations.events import escalation_announce
from conversations.escalations.services.locking import actor_of, escalation_lock, held_check, ours_check
from conversations.escalations.services.replying import newest_check, reply_clean, reply_send, then_clean
from conversations.escalations.services.stopping import held_stop
from conversations.models import Conversation, Escalation, HeldReply, Message
from conversations.services.status import conversation_hand_to_people
from omnicqm.common.errors import NotAllowed, OmniError, ServiceUnavailable
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)

MAX_TRIES = 5  # attempts that broke; then the consultant gets the text back
PAUSE = timedelta(seconds=5)
SWEEP_ROWS = 200
Held = HeldReply.State


@transaction.atomic
def escalation_hold_reply(
    *,
    escalation: Escalation,
    user: AbstractBaseUser,
    text: str,
    known_seq: int,
    then: str = HeldReply.Then.ANSWERED,
    draft_key: str | None = None,
) -> HeldReply:
    """Send `text` in `settings.REPLY_UNDO_S` seconds, unless it is taken back or something changes.

    It is claimed for `user`. Parameters and errors are those of `escalation_reply`. Pressed twice with the same text it
    is one reply: the second time returns what the first made. Another text while one is held raises `ReplyIsHeld`.
    """
    text, then = reply_clean(text), then_clean(then)
    conversation, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    same = HeldReply.objects.filter(escalation=escalation, state=Held.HELD, user=user.pk, text=text, then=then).first()
    if same is not None:
        return same
    held_check(escalation)
    newest_check(conversation, known_seq)
    shown = draft_shown(escalation, draft_key)
    now = timezone.now()
    fields = {
        "user_id": user.pk,
        "text": text,
        "draft": shown.text,
        "draft_key": shown.key,
        "known_seq": known_seq,
        "then": then,
        "state": Held.HELD,
        "reason": "",
        "reason_code": "",
        "tries": 0,
        "created_at": now,
        "send_at": now + timedelta(seconds=settings.REPLY_UNDO_S),
        "ended_at": None,
    }
    held, _ = HeldReply.objects.update_or_create(escalation=escalation, defaults=fields)
    _claim(conversation, escalation, user)
    audit_record(actor=actor_of(user), action="escalation.reply_held", obj=escalation, details={"held_id": held.pk})
    escalation_announce(escalation, "held", user_id=user.pk)
    task_enqueue("conversations.held_reply_send", held.pk, countdown=settings.REPLY_UNDO_S)
    return held


def _claim(conversation: Conversation, escalation: Escalation, user: AbstractBaseUser) -> None:
    escalation.assignee_id, escalation.snoozed_until = user.pk, None
    if escalation.state == Escalation.State.OPEN:
        escalation.state = Escalation.State.ASSIGNED
    escalation.save(update_fields=["assignee", "state", "snoozed_until"])
    if conversation.taken_over_by_id != user.pk:
        conversation_hand_to_people(conversation=conversation, consultant_id=user.pk)


@transaction.atomic
def held_reply_undo(*, held: HeldReply, user: AbstractBaseUser) -> HeldReply:
    """Take it back: nothing is sent, and `text` of what is returned is the draft again. Twice is once.

    Raises `HeldReplyOver` when it is out already or was stopped, `NotAllowed` for another's.
    """
    # The conversation first, as everywhere: who sends it at this moment is waited for.
    conversation_id = Escalation.objects.values_list("conversation_id", flat=True).get(pk=held.escalation_id)
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)
    held = HeldReply.objects.select_for_update(of=("self",)).select_related("escalation").get(pk=held.pk)
    if held.user_id != user.pk:
        raise NotAllowed("Only who pressed send can take it back.")
    if held.state == Held.UNDONE:
        return held
    if held.state != Held.HELD:
        raise HeldReplyOver("It has been sent." if held.state == Held.SENT else held.reason)
    held.state, held.ended_at = Held.UNDONE, timezone.now()
    held.save(update_fields=["state", "ended_at"])
    audit_record(
        actor=actor_of(user), action="escalation.reply_undone", obj=held.escalation, details={"held_id": held.pk}
    )
    escalation_announce(held.escalation, "undone", user_id=user.pk)
    return held


def held_reply_send(*, held_id: str) -> Message | None:
    """Send it if its time has come; None when it was not sent: not yet, not any more, or stopped.

    What stands in its way stops it. What breaks is tried again by the sweep; after `MAX_TRIES` it is stopped too.
    """
    try:
        return _send(held_id)
    except Exception:
        log.exception("held_reply_broke", held=held_id)
        _put_off(held_id)
        return None


@transaction.atomic
def _send(held_id: str) -> Message | None:
    due = HeldReply.objects.filter(pk=held_id, state=Held.HELD, send_at__lte=timezone.now())
    found = due.select_related("escalation").first()
    if found is None:
        return None
    Conversation.objects.select_for_update(no_key=True).get(pk=found.escalation.conversation_id)
    held = due.select_for_update(of=("self",)).select_related("user").first()
    if held is None:
        return None
    return _send_or_stop(held, found.escalation)


def _send_or_stop(held: HeldReply, escalation: Escalation) -> Message | None:
    try:
        conversation, escalation = escalation_lock(escalation)
        _sender_check(held)
        ours_check(escalation, held.user)
        newest_check(conversation, held.known_seq)
    except OmniError as error:
        held_stop(escalation, error)
        return None
    then, shown = HeldReply.Then(held.then), Draft(held.draft_key, held.draft)
    message = reply_send(
        conversation, escalation, held.user, text=held.text, known_seq=held.known_seq, then=then, draft=shown
    )
    held.state, held.ended_at, held.text, held.draft = Held.SENT, timezone.now(), "", ""
    held.save(update_fields=["state", "ended_at", "text", "draft"])
    return message


def _sender_check(held: HeldReply) -> None:
    if not get_user_model().objects.filter(pk=held.user_id, is_active=True).exists():
        raise NotAllowed("Who wrote it may not sign in any more.")


@transaction.atomic
def _put_off(held_id: str) -> None:
    held = HeldReply.objects.select_for_update(of=("self",)).filter(pk=held_id, state=Held.HELD).first()
    if held is None:
        return
    held.tries += 1
    held.send_at = timezone.now() + PAUSE * 2 ** (held.tries - 1)
    held.save(update_fields=["tries", "send_at"])
    if held.tries >= MAX_TRIES:
        held_stop(held.escalation, ServiceUnavailable("It could not be sent. Try again in a moment."))


def held_replies_sweep() -> int:
    """Send what is due and nobody sent; returns how many went out."""
    due = HeldReply.objects.filter(state=Held.HELD, send_at__lte=timezone.now()).order_by("send_at")
    ids = list(due.values_list("pk", flat=True)[:SWEEP_ROWS])
    return sum(held_reply_send(held_id=held_id) is not None for held_id in ids)
