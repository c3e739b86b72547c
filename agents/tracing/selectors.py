"""How tracing is doing, for those who watch over the installation."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Q

from agents.models import RunTrace
from agents.tracing.pausing import failure_last, is_paused

State = RunTrace.State


@dataclass(frozen=True)
class TracingState:
    """Counts of traces as far as they are kept (``settings.TRACE_DAYS``); `oldest` is the moment the one that waits
    longest became due, `last_error` what MLflow last failed with, `is_away` that it is being left alone."""

    enabled: bool
    pending: int
    exported: int
    dropped: int
    erasing: int
    oldest: datetime | None
    last_error: str
    is_away: bool


def tracing_state() -> TracingState:
    waiting = Q(state__in=[State.PENDING, State.ERASING])
    counts = {state: Count("pk", filter=Q(state=state)) for state in ("pending", "exported", "dropped", "erasing")}
    found = RunTrace.objects.aggregate(**counts, oldest=Min("created_at", filter=waiting))
    enabled, last_error = bool(settings.MLFLOW_TRACKING_URI), failure_last()
    return TracingState(enabled=enabled, last_error=last_error, is_away=is_paused() and bool(last_error), **found)
