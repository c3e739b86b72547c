"""Which traces are written when. MLflow is a window: whatever it does, replies go on, and what is dropped is counted.

A row is claimed by moving its `due_at`, so that a worker that dies gives it back; what it may have written is deleted
before it is written again. Rows whose trace is to be deleted are never dropped.
"""

import time
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from agents.models import RunTrace
from agents.tracing.assessments import assessments_of
from agents.tracing.bounds import LEASE, MAX_TRIES, traces_drop
from agents.tracing.pausing import failure_note, is_paused, pause_unless_answered
from agents.tracing.spans import trace_make
from agents.tracing.store import TraceStore, store_forget, store_get
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

SECONDS = 20.0  # of one round
BATCH = 200
AWAY_AFTER = 3  # traces in a row that cannot be written
State = RunTrace.State


class Away(Exception):
    """MLflow does not answer, or takes nothing: it is no trace's fault. The message names the error."""


def traces_export() -> int:
    """Write, or delete, what is due; returns for how many runs. Does nothing while MLflow is left alone."""
    if not settings.MLFLOW_TRACKING_URI:
        return 0
    traces_drop()
    if is_paused() or not _due().exists():
        return 0
    try:
        with pause_unless_answered():
            return _round(store_get())
    except (Away, SoftTimeLimitExceeded) as away:
        store_forget()
        failure_note(str(away) or type(away).__name__)
        return 0


def _round(store: TraceStore) -> int:
    _answer_check(store)
    until, done, failures = time.monotonic() + SECONDS, 0, 0
    for row in _due().select_related("run").prefetch_related("run__steps")[:BATCH]:
        if time.monotonic() > until:
            break
        if not _claim(row):
            continue
        error = _work(store, row)
        if error is None:
            done, failures = done + 1, 0
            continue
        failures += 1
        _failed(store, row, error)
        if failures == AWAY_AFTER:
            raise Away(type(error).__name__)
    return done


def _answer_check(store: TraceStore) -> None:
    """Raises `Away`."""
    try:
        store.answer_check()
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        raise Away(type(error).__name__) from error


def _due() -> QuerySet[RunTrace]:
    waiting = RunTrace.objects.filter(state__in=[State.PENDING, State.ERASING], due_at__lte=timezone.now())
    return waiting.order_by("due_at")


def _claim(row: RunTrace) -> bool:
    same = RunTrace.objects.filter(pk=row.pk, state=row.state, revision=row.revision, due_at=row.due_at)
    return bool(same.update(due_at=timezone.now() + LEASE, written=True))


def _work(store: TraceStore, row: RunTrace) -> Exception | None:
    """What kept it from being done."""
    try:
        if row.written:
            store.traces_delete([row.pk])
        if row.state == State.PENDING:
            store.trace_write(trace_make(row, assessments_of(row.pk)))
        _done(store, row)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        return error
    return None


def _done(store: TraceStore, row: RunTrace) -> None:
    """Unless it has changed meanwhile: then it is due again."""
    same = RunTrace.objects.filter(pk=row.pk, state=row.state, revision=row.revision)
    if row.state == State.ERASING:
        same.update(state=State.ERASED, error="")
    else:
        same.update(state=State.EXPORTED, experiment_id=store.experiment_id, error="")


def _failed(store: TraceStore, row: RunTrace, error: Exception) -> None:
    """Raises `Away` when MLflow does not answer at all: then the row is as good as before."""
    name = type(error).__name__
    mine = RunTrace.objects.filter(pk=row.pk, state=row.state)
    try:
        _answer_check(store)
    except Away:
        mine.update(due_at=timezone.now(), error=name)
        raise
    tries = row.tries + 1
    log.warning("trace_not_written", run_id=row.pk, tries=tries, error=name)
    if tries >= MAX_TRIES and row.state == State.PENDING:
        mine.update(state=State.DROPPED, tries=tries, error=name)
    else:
        mine.update(tries=tries, error=name, due_at=timezone.now() + timedelta(seconds=30 * 2 ** min(tries, 7)))
