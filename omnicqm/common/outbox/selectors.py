"""How far the way to the warehouse has been gone."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Sum

from omnicqm.common.outbox.models import OutboxBatch, OutboxRecord


@dataclass(frozen=True)
class OutboxState:
    """`pending` records are not stored yet, the first of them since `oldest`. `last_error` is why the store did not
    take the batch that is tried most recently, empty when nothing is stuck."""

    pending: int
    oldest: datetime | None
    last_error: str
    last_stored: datetime | None


def outbox_state() -> OutboxState:
    """Looks at what is not stored only: a week of records may be millions."""
    waiting, open_ones = OutboxRecord.objects.filter(batch=None), OutboxBatch.objects.filter(stored_at=None)
    oldest = [
        waiting.aggregate(first=Min("created_at"))["first"],
        OutboxRecord.objects.filter(batch__in=open_ones).aggregate(first=Min("created_at"))["first"],
    ]
    failed = open_ones.exclude(last_error="").order_by("-due_at").first()
    return OutboxState(
        pending=waiting.count() + (open_ones.aggregate(records=Sum("records_count"))["records"] or 0),
        oldest=min((moment for moment in oldest if moment), default=None),
        last_error=failed.last_error if failed else "",
        last_stored=OutboxBatch.objects.aggregate(last=Max("stored_at"))["last"],
    )
