"""Who works on what. Only the database decides; the broker merely wakes workers.

A conversation has one worker at a time (a partial unique index says so). The worker claims the newest pending query;
the pending ones before it ride along and get the same reply. A worker that died keeps its claim until the lease ends,
and whoever comes next takes the query back first.
"""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from conversations.errors import LeaseLost
from conversations.models import Query, Transcription
from omnicqm.common.tasks import task_enqueue

LEASE = timedelta(seconds=60)  # a run is limited to 20 s
SWEEP_GRACE = timedelta(seconds=5)  # a fresh query's own wake-up is on its way
SWEEP_ROWS = 200


def query_claim(*, query_id: str) -> Query | None:
    """Claim the newest pending query of `query_id`'s conversation, until `lease_until`.

    None when there is nothing to do now: it is finished, another worker is on it (which wakes what is left when it
    finishes), or the newest is not due yet.
    """
    pending = Query.objects.filter(pk=query_id, status__in=Query.PENDING)
    conversation_id = pending.values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        return None
    try:
        with transaction.atomic():
            _expired_take_back(conversation_id)
            return _newest_claim(conversation_id)
    except IntegrityError:
        return None


def _expired_take_back(conversation_id: str) -> None:
    expired = Query.objects.filter(
        conversation_id=conversation_id, status=Query.Status.WORKING, lease_until__lt=timezone.now()
    )
    expired.update(status=Query.Status.RECEIVED, lease_token="", lease_until=None)


def _newest_claim(conversation_id: str) -> Query | None:
    waiting = Query.objects.filter(conversation_id=conversation_id, status=Query.Status.RECEIVED)
    newest = waiting.order_by("-message__seq").first()
    now = timezone.now()
    if newest is None or newest.due_at > now or _is_listened_to(waiting.filter(due_at__gt=now)):
        return None
    claimed = waiting.filter(pk=newest.pk).update(
        status=Query.Status.WORKING, lease_token=secrets.token_hex(16), lease_until=now + LEASE, tries=F("tries") + 1
    )
    if not claimed:
        return None
    return Query.objects.select_related("message__sender", "conversation__customer", "channel").get(pk=newest.pk)


def _is_listened_to(waiting: QuerySet[Query]) -> bool:
    """Whether some of them wait until a recording is text: they would be answered with the newest, unheard."""
    return waiting.filter(message__transcriptions__state=Transcription.State.PENDING).exists()


def query_lock(claim: Query) -> Query:
    """The claimed row, locked for the current transaction.

    Raises `LeaseLost` when the claim is no longer ours: the fence that keeps a worker thought dead from answering.
    """
    held = Query.objects.filter(pk=claim.pk, status=Query.Status.WORKING, lease_token=claim.lease_token)
    query = held.select_for_update().first()
    if query is None:
        raise LeaseLost("Somebody else has taken over this query or answered it.")
    return query


def query_release(*, claim: Query, due_at: datetime, failed: bool) -> None:
    """Give a claimed query back, to be claimed from `due_at` on. Does nothing when the claim is no longer ours.

    A release that is no failure does not count as a try.
    """
    held = Query.objects.filter(pk=claim.pk, status=Query.Status.WORKING, lease_token=claim.lease_token)
    held.update(
        status=Query.Status.RECEIVED,
        lease_token="",
        lease_until=None,
        due_at=due_at,
        tries=F("tries") if failed else F("tries") - 1,
    )


def queries_alongside(claim: Query) -> QuerySet[Query]:
    """The pending queries before the claimed one that are answered with it, oldest first.

    Only those as trustworthy as the claimed one: a verified customer's words must not colour what an unverified sender
    is told.
    """
    return _queries_alike(claim).filter(message__seq__lt=claim.message.seq).order_by("message__seq")


def newer_query_exists(claim: Query) -> bool:
    """Whether the customer wrote again since `claim`, in words that belong into the same reply."""
    return _queries_alike(claim).filter(message__seq__gt=claim.message.seq).exists()


def _queries_alike(claim: Query) -> QuerySet[Query]:
    return Query.objects.filter(
        conversation_id=claim.conversation_id,
        status=Query.Status.RECEIVED,
        message__sender_verified=claim.message.sender_verified,
    )


def conversation_wake(conversation_id: str) -> None:
    """Wake a worker for what is still pending in the conversation, once the current transaction has committed."""
    pending = Query.objects.filter(conversation_id=conversation_id, status=Query.Status.RECEIVED)
    query_id = pending.order_by("-message__seq").values_list("pk", flat=True).first()
    if query_id is not None:
        task_enqueue("conversations.query_work", query_id)


def queries_sweep() -> int:
    """Wake workers for queries that are due but that nobody works on; returns how many conversations that were."""
    now = timezone.now()
    waiting = Q(status=Query.Status.RECEIVED, due_at__lt=now - SWEEP_GRACE)
    stalled = Query.objects.filter(waiting | Q(status=Query.Status.WORKING, lease_until__lt=now))
    rows = stalled.order_by("due_at").values_list("conversation_id", "pk")[:SWEEP_ROWS]
    one_each = dict(rows)
    for query_id in one_each.values():
        task_enqueue("conversations.query_work", query_id)
    return len(one_each)
