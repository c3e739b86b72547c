"""How far the way to the warehouse has been gone."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q

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
    unstored = OutboxRecord.objects.filter(Q(batch=None) | Q(batch__stored_at=None))
    told = unstored.aggregate(pending=Count("pk"), oldest=Min("created_at"))
    failed = OutboxBatch.objects.filter(stored_at=None).exclude(last_error="").order_by("-due_at").first()
    return OutboxState(
        **told,
        last_error=failed.last_error if failed else "",
        last_stored=OutboxBatch.objects.aggregate(last=Max("stored_at"))["last"],
    )
