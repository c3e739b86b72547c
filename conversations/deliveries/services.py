"""Deliveries: made with the reply in one transaction, attempted by workers until the other side has it.

Each attempt is claimed by a conditional UPDATE with a lease. When a worker dies in the middle, a callback is sent again
(its receiver knows the repeated webhook-id), but whether a mail went out nobody knows: that one goes to a person.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from conversations.channels import adapter_for
from conversations.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcomeError
from conversations.channels.outbound import callback_send, mail_address_for, message_id_make
from conversations.deliveries.schedule import wait_before_next
from conversations.models import Channel, Delivery, Message, Query
from omnicqm.common.errors import Conflict
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)

LEASE = timedelta(seconds=60)
MAIL_LEASE = timedelta(minutes=3)  # an SMTP dialogue has many steps of up to EMAIL_TIMEOUT seconds
SWEEP_ROWS = 200

State = Delivery.State


def callback_create(*, query: Query, event: str, message: Message | None) -> Delivery | None:
    """Owe the machine that sent `query` the news of `event`; None when it left no address. Call in a transaction."""
    url = query.callback_url or query.channel.callback_url
    if not url:
        return None
    return _create(kind=Delivery.Kind.CALLBACK, query=query, event=event, message=message, target=url)


def reply_carry(*, query: Query, event: str, message: Message) -> Delivery | None:
    """Owe the customer `message` on the channel of `query`. Call in a transaction.

    None when the channel carries replies by callback. A live message is delivered by being stored and announced.
    """
    channel = query.channel
    if channel.reply_by == Channel.ReplyBy.LIVE:
        return _create(
            kind=Delivery.Kind.LIVE, query=query, event=event, message=message, target=message.conversation_id
        )
    if channel.reply_by == Channel.ReplyBy.MAIL and not (query.callback_url or channel.callback_url):
        message.external_id = message_id_make(message)
        message.save(update_fields=["external_id"])
        target = mail_address_for(query)
        return _create(kind=Delivery.Kind.MAIL, query=query, event=event, message=message, target=target)
    return None


def _create(*, kind: Delivery.Kind, query: Query, event: str, message: Message | None, target: str) -> Delivery:
    live = kind == Delivery.Kind.LIVE
    delivery = Delivery.objects.create(
        kind=kind,
        event=event,
        query=query,
        message=message,
        target=target,
        state=State.DELIVERED if live else State.PENDING,
        delivered_at=timezone.now() if live else None,
    )
    if not live:
        task_enqueue("conversations.delivery_attempt", delivery.pk)
    return delivery


def delivery_attempt(*, delivery_id: str) -> None:
    """Try once, if it is due and nobody else is at it, and store how it went. Call it outside a transaction."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return
    try:
        _send(delivery)
    except PermanentDeliveryError as error:
        _end(delivery, State.FAILED, str(error))
    except UnknownOutcomeError as error:
        _end(delivery, State.UNKNOWN, str(error))
    except TemporaryDeliveryError as error:
        _try_later(delivery, error)
    else:
        _end(delivery, State.DELIVERED)


def _send(delivery: Delivery) -> None:
    """A callback goes to the machine that sent the query, whatever its channel; the rest is the channel's own way."""
    if delivery.kind == Delivery.Kind.CALLBACK:
        callback_send(delivery)
    else:
        adapter_for(delivery.query.channel).send(delivery)


def _claim(delivery_id: str) -> Delivery | None:
    now = timezone.now()
    due = Delivery.objects.filter(pk=delivery_id, state=State.PENDING, due_at__lte=now)
    lease = Case(When(kind=Delivery.Kind.MAIL, then=Value(now + MAIL_LEASE)), default=Value(now + LEASE))
    if not due.update(state=State.SENDING, lease_until=lease, tries=F("tries") + 1):
        return None
    related = "query__channel", "query__conversation", "query__message__sender", "message__conversation"
    return Delivery.objects.select_related(*related).get(pk=delivery_id)


def _end(delivery: Delivery, state: Delivery.State, error: str = "") -> None:
    # A worker that was only slow may find its mail marked as unknown: then it knows better.
    ours = Delivery.objects.filter(pk=delivery.pk, state__in=[State.SENDING, State.UNKNOWN], tries=delivery.tries)
    delivered_at = timezone.now() if state == State.DELIVERED else None
    ours.update(state=state, lease_until=None, last_error=error[:300], delivered_at=delivered_at)
    level = log.info if state == State.DELIVERED else log.warning
    level("delivery_ended", delivery=delivery.pk, kind=delivery.kind, state=str(state), tries=delivery.tries)


def _try_later(delivery: Delivery, error: TemporaryDeliveryError) -> None:
    wait = wait_before_next(delivery.tries, error.retry_after)
    if wait is None:
        _end(delivery, State.FAILED, str(error))
        return
    ours = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, tries=delivery.tries)
    ours.update(state=State.PENDING, lease_until=None, last_error=str(error)[:300], due_at=timezone.now() + wait)
    log.info("delivery_put_off", delivery=delivery.pk, kind=delivery.kind, wait_s=round(wait.total_seconds()))


@transaction.atomic
def delivery_retry(*, delivery: Delivery, actor: str) -> None:
    """Send a delivery that ended badly once more, on a person's decision. Raises `Conflict` in any other state."""
    over = Delivery.objects.filter(pk=delivery.pk, state__in=[State.FAILED, State.UNKNOWN])
    if not over.update(state=State.PENDING, tries=0, due_at=timezone.now(), last_error=""):
        raise Conflict("Only a delivery that failed, or whose outcome is unknown, can be sent again.")
    audit_record(actor=actor, action="delivery.retried", obj=delivery)
    task_enqueue("conversations.delivery_attempt", delivery.pk)


def deliveries_sweep() -> int:
    """Wake workers for what is due and settle what dead workers left; returns how many were woken."""
    now = timezone.now()
    abandoned = Delivery.objects.filter(state=State.SENDING, lease_until__lt=now)
    abandoned.filter(kind=Delivery.Kind.CALLBACK).update(state=State.PENDING, lease_until=None, due_at=now)
    abandoned.exclude(kind=Delivery.Kind.CALLBACK).update(
        state=State.UNKNOWN, lease_until=None, last_error="The worker ended while it was sending."
    )
    due = Delivery.objects.filter(state=State.PENDING, due_at__lte=now).order_by("due_at")
    ids = list(due.values_list("pk", flat=True)[:SWEEP_ROWS])
    for delivery_id in ids:
        task_enqueue("conversations.delivery_attempt", delivery_id)
    return len(ids)
