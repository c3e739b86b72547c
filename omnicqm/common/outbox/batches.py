"""Which records make an object: decided once, in the database, before the object is written."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from omnicqm.common.outbox.models import OutboxBatch, OutboxRecord

MAX_RECORDS = 1000
MAX_BYTES = 4_000_000  # of an object, unless a single record is larger
LEASE = timedelta(seconds=60)  # longer than a put may take
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


def topics_waiting() -> list[str]:
    """Topics of which something is not stored yet."""
    waiting = OutboxRecord.objects.filter(batch=None).order_by().values_list("topic", flat=True)
    open_ones = OutboxBatch.objects.filter(stored_at=None).order_by().values_list("topic", flat=True)
    return sorted(set(waiting.distinct()) | set(open_ones.distinct()))


def batch_take(*, topic: str) -> OutboxBatch | None:
    """A batch of `topic` to store now, ours until its lease ends. None when there is nothing to do.

    One that is not stored yet comes first, and while one is there no new one is made: what comes in during an outage
    waits together, and makes few large objects afterwards.
    """
    first = OutboxBatch.objects.filter(topic=topic, stored_at=None).order_by("due_at").first() or _batch_fix(topic)
    return _claim(first) if first else None


@transaction.atomic
def _batch_fix(topic: str) -> OutboxBatch | None:
    """A new batch of what waits longest and of what happened in the same hour. Rows another worker takes are not
    waited for."""
    waiting = OutboxRecord.objects.filter(topic=topic, batch=None).order_by("id").select_for_update(skip_locked=True)
    oldest = waiting.first()
    if oldest is None:
        return None
    hour = _hour_of(oldest.at)
    of_hour = waiting.filter(at__gte=hour, at__lt=hour + timedelta(hours=1))
    sizes = _fitting(list(of_hour.values_list("pk", "size")[:MAX_RECORDS]))
    batch = OutboxBatch.objects.create(topic=topic, hour=hour, records_count=len(sizes), size=sum(sizes.values()))
    OutboxRecord.objects.filter(pk__in=sizes).update(batch=batch)
    return batch


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _fitting(rows: list[tuple[int, int]]) -> dict[int, int]:
    """As many of `rows` (id, bytes) from the first on as an object takes; always the first."""
    chosen: dict[int, int] = {}
    for pk, size in rows:
        if chosen and sum(chosen.values()) + size > MAX_BYTES:
            break
        chosen[pk] = size
    return chosen


def _claim(batch: OutboxBatch) -> OutboxBatch | None:
    """One UPDATE decides between workers. While the object is being put, `due_at` is when the lease ends."""
    now = timezone.now()
    due = OutboxBatch.objects.filter(pk=batch.pk, stored_at=None, due_at__lte=now)
    if not due.update(due_at=now + LEASE, tries=F("tries") + 1):
        return None
    batch.refresh_from_db()
    return batch


def batch_stored(batch: OutboxBatch) -> None:
    OutboxBatch.objects.filter(pk=batch.pk, stored_at=None).update(stored_at=timezone.now(), last_error="")


def batch_failed(batch: OutboxBatch, *, reason: str) -> None:
    """To be tried again after 30 s, then after twice as long each time, up to a quarter of an hour; for ever."""
    wait = min(FIRST_WAIT * 2 ** min(batch.tries - 1, 10), LONGEST_WAIT)
    unstored = OutboxBatch.objects.filter(pk=batch.pk, stored_at=None)
    unstored.update(due_at=timezone.now() + wait, last_error=reason[:500])
