"""Opening follow-up tasks, and working them off."""

from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from conversations.errors import FollowUpClosed, TooManyFollowUps
from conversations.models import Conversation, FollowUp
from omnicqm.common.services import audit_record
from omnicqm.common.text import text_clean

ACTOR = "system:worker"
MAX_WHAT_CHARS = 300
MAX_OPEN = 5  # in one conversation

State = FollowUp.State


@transaction.atomic
def follow_up_open(*, conversation: Conversation, what: str, due_on: date, key: str, run_id: str = "") -> FollowUp:
    """Open a task, once for each `key`: called again it returns the task that is there, whatever became of it.

    Raises `TooManyFollowUps` when the conversation has as many open ones as make sense.
    """
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)  # two runs at once count each other's
    known = FollowUp.objects.filter(key=key).first()
    if known is not None:
        return known
    if FollowUp.objects.filter(conversation=conversation, state=State.OPEN).count() >= MAX_OPEN:
        raise TooManyFollowUps(f"This conversation has {MAX_OPEN} open follow-up tasks. Hand it to a person instead.")
    what = " ".join(text_clean(what).split())[:MAX_WHAT_CHARS]
    task = FollowUp.objects.create(conversation=conversation, what=what, due_on=due_on, key=key, run_id=run_id or None)
    details = {"conversation_id": conversation.pk, "run_id": run_id, "due_on": due_on.isoformat()}
    audit_record(actor=ACTOR, action="follow_up.opened", obj=task, details=details)
    return task


@transaction.atomic
def follow_up_take(*, task: FollowUp, user: AbstractBaseUser) -> FollowUp:
    """`user` will do it. Raises `FollowUpClosed`."""
    task = _open_one(task)
    task.assignee_id = user.pk
    task.save(update_fields=["assignee"])
    audit_record(actor=f"user:{user.pk}", action="follow_up.taken", obj=task)
    return task


@transaction.atomic
def follow_up_close(*, task: FollowUp, user: AbstractBaseUser, state: FollowUp.State, outcome: str = "") -> FollowUp:
    """It is done, or no longer needed. Raises `FollowUpClosed` when it was closed already."""
    task = _open_one(task)
    task.state, task.closed_at = state, timezone.now()
    task.outcome = text_clean(outcome)[:500] or task.outcome
    task.save(update_fields=["state", "closed_at", "outcome"])
    audit_record(actor=f"user:{user.pk}", action=f"follow_up.{state}", obj=task)
    return task


@transaction.atomic
def follow_up_reopen(*, task: FollowUp, user: AbstractBaseUser) -> FollowUp:
    """It was closed by mistake. Does nothing to an open one."""
    task = FollowUp.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.state != State.OPEN:
        task.state, task.closed_at = State.OPEN, None
        task.save(update_fields=["state", "closed_at"])
        audit_record(actor=f"user:{user.pk}", action="follow_up.reopened", obj=task)
    return task


def _open_one(task: FollowUp) -> FollowUp:
    locked = FollowUp.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if locked.state != State.OPEN:
        raise FollowUpClosed(f"This task was closed before: {locked.get_state_display().lower()}.")
    return locked
