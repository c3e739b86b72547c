"""What keeps traces complete and bounded, and deletes them when their time or their customer's wish has come."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from agents.models import Run, RunTrace
from agents.tracing.pausing import failure_note, is_paused, pause_unless_answered
from agents.tracing.store import store_get
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

LEASE = timedelta(minutes=2)  # longer than a task of the export may live
MAX_TRIES = 5
MAX_PENDING = 20_000
MAX_AGE = timedelta(hours=24)
FORGOTTEN = timedelta(hours=1)  # no run takes as long: one that has not ended by then was killed
PURGED_AT_ONCE = 1_000
State = RunTrace.State


def traces_drop() -> int:
    """Drop traces that have waited too long, and the oldest of too many; returns how many."""
    pending = RunTrace.objects.filter(state=State.PENDING)
    old = pending.filter(created_at__lt=timezone.now() - MAX_AGE, revision=0)
    dropped = old.update(state=State.DROPPED, error="too old")
    surplus = list(pending.order_by("-created_at").values_list("pk", flat=True)[MAX_PENDING:])
    dropped += pending.filter(pk__in=surplus).update(state=State.DROPPED, error="too many")
    if dropped:
        log.error("traces_dropped", count=dropped)
    return dropped


def traces_complete() -> int:
    """Note what ended without a note, such as a run whose worker was killed; returns how many."""
    if not settings.MLFLOW_TRACKING_URI:
        return 0
    now = timezone.now()
    left = Run.objects.filter(started_at__range=(now - MAX_AGE, now - FORGOTTEN), trace=None)
    rows = [RunTrace(run_id=run_id) for run_id in left.values_list("pk", flat=True)[:MAX_PENDING]]
    RunTrace.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def traces_purge() -> None:
    """Delete traces older than ``settings.TRACE_DAYS``, in MLflow and here."""
    before = timezone.now() - timedelta(days=settings.TRACE_DAYS)
    RunTrace.objects.filter(created_at__lt=before).exclude(state=State.ERASING).delete()
    if not settings.MLFLOW_TRACKING_URI or is_paused():
        return
    try:
        with pause_unless_answered():
            store = store_get()
            store.answer_check()
            store.traces_purge(before=before, most=PURGED_AT_ONCE)
    except Exception as error:
        failure_note(type(error).__name__)


def traces_erase(**which: Any) -> int:
    """Have the traces deleted that `which` (lookups of `RunTrace`) names, and empty what waits here; returns how many.

    Call inside a transaction. What may be in MLflow is deleted there by the side worker, however long that is away; a
    trace that is being written at this moment is deleted after.
    """
    rows = RunTrace.objects.filter(**which).exclude(state__in=[State.ERASING, State.ERASED])
    empty: dict[str, Any] = {"question": "", "reply": "", "calls": {}, "tries": 0, "revision": F("revision") + 1}
    never = rows.filter(written=False).update(state=State.ERASED, **empty)
    return never + rows.update(state=State.ERASING, due_at=timezone.now() + LEASE, **empty)
