"""Records of answered requests, by which a repetition is known."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.errors import Conflict, InvalidInput
from omnicqm.common.models import IdempotencyRecord

KEPT = timedelta(hours=24)
_IDS = ("request_id", "conversation_id", "customer_id", "transcription_id")  # by which answers name what they tell of


class IdempotencyMismatch(InvalidInput):
    code, status = "idempotency_mismatch", 422


class IdempotencyInProgress(Conflict):
    code, transient = "idempotency_in_progress", True


def idempotency_begin(*, client: str, key: str, fingerprint: str) -> IdempotencyRecord:
    """The record of `key`, locked until the surrounding transaction ends; its `status` is set when it was answered.

    Raises `IdempotencyInProgress` while another request with it runs and `IdempotencyMismatch` when it came with
    another request. Call inside the transaction that does the work: when that fails, the record goes with it.
    """
    oldest = timezone.now() - KEPT
    IdempotencyRecord.objects.filter(client=client, key=key, created_at__lt=oldest).delete()
    # A first request still running has not committed its row, so inserting waits for it; it must not wait long.
    try:
        with transaction.atomic():
            _lock_timeout_set("2s")
            IdempotencyRecord.objects.bulk_create(
                [IdempotencyRecord(client=client, key=key, fingerprint=fingerprint)], ignore_conflicts=True
            )
            record = IdempotencyRecord.objects.select_for_update().get(client=client, key=key)
            _lock_timeout_set("0")
    except DatabaseError as error:
        raise IdempotencyInProgress("A request with this Idempotency-Key still runs. Try again in a moment.") from error
    _match(record, fingerprint)
    return record


def idempotency_find(*, client: str, key: str, fingerprint: str) -> IdempotencyRecord | None:
    """The record of `key` when it was answered within a day, without a lock. Raises `IdempotencyMismatch`.

    For doors that work long before they answer: they look first, and call `idempotency_begin` when they store.
    """
    oldest = timezone.now() - KEPT
    record = IdempotencyRecord.objects.filter(client=client, key=key, created_at__gte=oldest).first()
    if record is not None:
        _match(record, fingerprint)
    return record if record is not None and record.status is not None else None


def _match(record: IdempotencyRecord, fingerprint: str) -> None:
    if record.fingerprint != fingerprint:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used for another request. Use a new one.", param="Idempotency-Key"
        )


def idempotency_complete(*, record: IdempotencyRecord, status: int, headers: dict[str, str], body: Any) -> None:
    """Keep the answer, in the transaction that did the work."""
    record.status, record.headers, record.body = status, headers, body
    record.save(update_fields=["status", "headers", "body"])


def idempotency_purge() -> int:
    """Forget records older than a day; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _lock_timeout_set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [value])


def idempotency_erase(*, ids: Collection[str]) -> None:
    """Forget what was answered about any of `ids`: of the kept answer only the ids stay. A repetition gets these."""
    named = Q()
    for name in _IDS:
        named |= Q(**{f"body__{name}__in": list(ids)})
    for record in IdempotencyRecord.objects.filter(named):
        kept: dict[str, Any] = record.body or {}
        record.body = {name: kept[name] for name in (*_IDS, "status") if name in kept}
        record.save(update_fields=["body"])
