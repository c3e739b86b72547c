"""Put aside until a moment; the clocks run on."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from conversations.escalations.events import escalation_announce
from conversations.escalations.services.locking import actor_of, escalation_lock, held_check, ours_check
from conversations.models import Escalation
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record

MOST_DAYS = 90
SWEEP_ROWS = 200
WORKER = "system:worker"


@transaction.atomic
def escalation_snooze(*, escalation: Escalation, user: AbstractBaseUser, until: datetime) -> Escalation:
    """Keep it out of the lists of work until `until`, or until the customer writes.

    Raises `InvalidInput` naming ``until`` for the past or more than 90 days, `EscalationOver`, `EscalationTaken` when
    it is another's, `ReplyIsHeld` while a reply is about to go out.
    """
    now = timezone.now()
    if timezone.is_naive(until) or not now < until <= now + timedelta(days=MOST_DAYS):
        raise InvalidInput(f"Choose a moment within the next {MOST_DAYS} days.", param="until")
    _, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    held_check(escalation)
    escalation.snoozed_until = until
    escalation.save(update_fields=["snoozed_until"])
    details = {"until": until.isoformat(timespec="seconds")}
    audit_record(actor=actor_of(user), action="escalation.snoozed", obj=escalation, details=details)
    escalation_announce(escalation, "snoozed", user_id=user.pk)
    return escalation


@transaction.atomic
def escalation_unsnooze(*, escalation: Escalation, user: AbstractBaseUser) -> Escalation:
    """Have it back now. Does nothing to one that is awake. Raises `EscalationOver`, `EscalationTaken`."""
    _, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    if escalation.snoozed_until is None:
        return escalation
    escalation.snoozed_until = None
    escalation.save(update_fields=["snoozed_until"])
    audit_record(actor=actor_of(user), action="escalation.woken", obj=escalation)
    escalation_announce(escalation, "woken", user_id=user.pk)
    return escalation


def escalations_wake() -> int:
    """Wake what has slept long enough; returns how many that were. Lists show it from its moment on, sweep or no."""
    due = Escalation.objects.filter(snoozed_until__lte=timezone.now()).order_by("snoozed_until")
    return sum(_wake(pk) for pk in list(due.values_list("pk", flat=True)[:SWEEP_ROWS]))


@transaction.atomic
def _wake(pk: str) -> bool:
    rows = Escalation.objects.select_for_update(skip_locked=True, of=("self",)).defer("packet")
    escalation = rows.filter(pk=pk, snoozed_until__lte=timezone.now()).first()
    if escalation is None:
        return False
    escalation.snoozed_until = None
    escalation.save(update_fields=["snoozed_until"])
    if escalation.is_active:
        audit_record(actor=WORKER, action="escalation.woken", obj=escalation)
        escalation_announce(escalation, "woken")
    return True
