"""Telling the receivers: one notice for each of them and each transition, made in the transaction of that transition.

A webhook is repeated until the other side has taken it, under the same id, so that it can drop what it has already. Of
a mail whose connection broke nobody knows whether it went out: it is not sent a second time.
"""

from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from analytics.alerts.sending import notice_carry
from analytics.models import Alert, AlertNotice, AlertReceiver
from conversations.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcomeError
from conversations.deliveries.schedule import wait_before_next
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.logs import get_logger
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)
State = AlertNotice.State
LEASE = timedelta(minutes=3)
SWEEP_ROWS = 100


def notices_make(*, alert: Alert, transition: AlertNotice.Transition) -> None:
    """Owe everybody who wants to know the news of `transition`. Call in its transaction."""
    wanted = Q(rules=None) | Q(rules=alert.rule_id)
    for receiver in AlertReceiver.objects.filter(wanted, enabled=True).distinct():
        notice, is_new = AlertNotice.objects.get_or_create(alert=alert, transition=transition, receiver=receiver)
        if is_new:
            task_enqueue("analytics.notice_send", notice.pk)


def notice_send(*, notice_id: str) -> None:
    """Try once, if it is due and nobody else is at it, and store how it went. Call it outside a transaction."""
    notice = _claim(notice_id)
    if notice is None:
        return
    try:
        notice_carry(notice)
    except (PermanentDeliveryError, ConfigurationError) as error:
        _end(notice, State.FAILED, str(error))
    except UnknownOutcomeError as error:
        _end(notice, State.UNKNOWN, str(error))
    except TemporaryDeliveryError as error:
        _try_later(notice, error)
    else:
        _end(notice, State.SENT)


def notices_sweep() -> int:
    """Wake workers for what is due and settle what dead workers left; returns how many were woken."""
    now = timezone.now()
    left = AlertNotice.objects.filter(state=State.SENDING, lease_until__lt=now)
    mails = left.filter(receiver__kind=AlertReceiver.Kind.MAIL)
    mails.update(state=State.UNKNOWN, lease_until=None, last_error="The worker ended while it was sending.")
    left.update(state=State.PENDING, lease_until=None, due_at=now)
    due = AlertNotice.objects.filter(state=State.PENDING, due_at__lte=now).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:SWEEP_ROWS])
    for notice_id in ids:
        task_enqueue("analytics.notice_send", notice_id)
    return len(ids)


def _claim(notice_id: str) -> AlertNotice | None:
    now = timezone.now()
    due = AlertNotice.objects.filter(pk=notice_id, state=State.PENDING, due_at__lte=now)
    if not due.update(state=State.SENDING, lease_until=now + LEASE, tries=F("tries") + 1):
        return None
    return AlertNotice.objects.select_related("alert__rule", "receiver").get(pk=notice_id)


def _end(notice: AlertNotice, state: AlertNotice.State, error: str = "") -> None:
    ours = AlertNotice.objects.filter(pk=notice.pk, state__in=[State.SENDING, State.UNKNOWN], tries=notice.tries)
    sent_at = timezone.now() if state == State.SENT else None
    ours.update(state=state, lease_until=None, last_error=error[:300], sent_at=sent_at)
    level = log.info if state == State.SENT else log.warning
    level("alert_notice_ended", notice=notice.pk, state=str(state), tries=notice.tries)


def _try_later(notice: AlertNotice, error: TemporaryDeliveryError) -> None:
    wait = wait_before_next(notice.tries, error.retry_after)
    if wait is None:
        _end(notice, State.FAILED, str(error))
        return
    ours = AlertNotice.objects.filter(pk=notice.pk, state=State.SENDING, tries=notice.tries)
    ours.update(state=State.PENDING, lease_until=None, last_error=str(error)[:300], due_at=timezone.now() + wait)
