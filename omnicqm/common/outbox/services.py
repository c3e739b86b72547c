"""Noting what the warehouse shall know, and forgetting what it has."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from omnicqm.common.outbox.lines import line_write
from omnicqm.common.outbox.models import OutboxBatch, OutboxRecord

TOPIC = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")  # it begins the keys of objects

RECORDS_KEPT = timedelta(days=7)  # after they were stored, to be looked at and to be stored elsewhere again
BATCHES_KEPT = timedelta(days=30)
# Texts of records that say nothing of a person: what was asked and measured, and our own ids.
_MEASURED = frozenset(
    (
        *("request_id", "rating_id", "customer_id", "source_id", "target", "feedback", "rater", "client"),
        *("model_used", "provider", "prompt_version", "cache", "cost_usd"),
        *("date_from", "date_to", "generated_at", "answered_at", "rated_at"),
    )
)


def outbox_add(*, topic: str, key: str, payload: dict[str, Any], at: datetime) -> None:
    """Note a record for the warehouse, in the transaction of what it tells: neither stands without the other.

    `topic`, e.g. ``omni-channel/processed``, is where its object will be; `key` names the record within it: a second
    one with the same key is not taken as long as the first is kept, a week after it was stored. `payload` is JSON data,
    `at` (aware) when it happened, which picks the hour of the object. Raises `ValueError` for another form of topic and
    for numbers that JSON does not know.
    """
    outbox_add_all(topic, [(key, payload, at)])


def outbox_add_all(topic: str, records: Iterable[tuple[str, dict[str, Any], datetime]]) -> None:
    """`outbox_add` for many records of `topic`: key, payload and moment of each."""
    if not TOPIC.fullmatch(topic):
        raise ValueError(f"'{topic}' is no topic: small letters, digits and hyphens between slashes.")
    rows = [
        OutboxRecord(topic=topic, key=key, payload=payload, at=at, size=len(line_write(payload)))
        for key, payload, at in records
    ]
    OutboxRecord.objects.bulk_create(rows, ignore_conflicts=True)


def outbox_erase(*, keys: Collection[str]) -> None:
    """Empty what the records `keys` tell of a person: numbers and moments stay, texts and lists go.

    Holds for what is still here. What the warehouse has loaded is for the warehouse to delete.
    """
    for record in OutboxRecord.objects.filter(key__in=list(keys)).select_for_update():
        record.payload = {name: _emptied(name, value) for name, value in record.payload.items()}
        record.size = len(line_write(record.payload))
        record.save(update_fields=["payload", "size"])


def _emptied(name: str, value: Any) -> Any:
    if isinstance(value, list | dict):
        return type(value)()
    return "" if isinstance(value, str) and name not in _MEASURED else value


def outbox_purge() -> int:
    """Forget records a week, and which objects there are a month after they were stored; returns how many records."""
    now = timezone.now()
    stored = OutboxRecord.objects.filter(batch__stored_at__lt=now - RECORDS_KEPT)
    count: int = stored.delete()[0]
    OutboxBatch.objects.filter(stored_at__lt=now - BATCHES_KEPT).delete()
    return count
