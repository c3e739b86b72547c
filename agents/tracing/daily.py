"""What a day and a release were like, as runs of MLflow with metrics and pictures. Made from our own tables, again and
again until the day is over: a run is found by its tags and gets what holds by then.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection
from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string

from agents.models import Run
from agents.tracing.pausing import failure_note, is_paused, pause_unless_answered
from agents.tracing.store import TraceStore, store_forget, store_get
from agents.types import REPLAYS, Decision
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
PERCENTILES = (50, 95, 99)
HOUR_WIDTH, TALLEST = 26, 160  # pixels of the picture


@dataclass(frozen=True)
class Period:
    """From `start` until before `end`; `tag` and `name` tell its run in MLflow."""

    tag: str
    name: str
    start: datetime
    end: datetime


def days_report() -> int:
    """Bring the runs of yesterday, today and this release up to date; returns how many were written."""
    if not settings.MLFLOW_TRACKING_URI or is_paused():
        return 0
    now = timezone.now()
    days = [report for period in _days(now) if (report := _report_make(period)) is not None]
    try:
        with pause_unless_answered():
            store = store_get()
            store.answer_check()
            for report in days:
                _write(store, report)
            since = _release_seen(store, now)
    except Exception as error:
        return _failed(error)
    release = _report_make(Period("omnicqm.release", settings.RELEASE, since, now))
    if release is None:
        return len(days)
    try:
        with pause_unless_answered():
            _write(store, release)
    except Exception as error:
        return _failed(error) + len(days)
    return len(days) + 1


def _failed(error: Exception) -> int:
    store_forget()
    failure_note(type(error).__name__)
    return 0


def _days(now: datetime) -> list[Period]:
    """Days are those of UTC, as in the ledger."""
    today = now.astimezone(UTC).date()
    return [_day(today - timedelta(days=1)), _day(today)]


def _day(day: date) -> Period:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Period("omnicqm.day", day.isoformat(), start, start + timedelta(days=1))


def _release_seen(store: TraceStore, now: datetime) -> datetime:
    """When this release was first seen."""
    seen = _find(store, "omnicqm.release", settings.RELEASE)
    return datetime.fromtimestamp(seen.info.start_time / 1000, UTC) if seen else now - timedelta(hours=1)


@dataclass(frozen=True)
class Report:
    """What is told of a period, made while nobody waits for MLflow: how long that takes is no fault of MLflow's."""

    period: Period
    metrics: Mapping[str, float]
    pictures: Mapping[str, str]


def _report_make(period: Period) -> Report | None:
    """None where there was no run."""
    if not _runs(period.start, period.end).exists():
        return None
    pictures = {"hours.svg": picture_make(period), **_added(settings.TRACE_PICTURES, period.start, period.end)}
    return Report(period, period_metrics(period.start, period.end), pictures)


def _write(store: TraceStore, report: Report) -> None:
    period = report.period
    kept = _find(store, period.tag, period.name) or _create(store, period)
    _metrics_log(store.client, kept.info.run_id, report.metrics)
    with tempfile.TemporaryDirectory() as folder:
        for name, picture in report.pictures.items():
            path = Path(folder, name)
            path.write_text(picture, encoding="utf-8")
            store.client.log_artifact(kept.info.run_id, str(path))
    if period.end <= timezone.now():
        store.client.set_terminated(kept.info.run_id, end_time=_milliseconds(period.end))


def _find(store: TraceStore, tag: str, name: str) -> Any:
    quoted = name.replace("'", "")
    found = store.client.search_runs([store.experiment_id], f"tags.`{tag}` = '{quoted}'", max_results=1)
    return found[0] if found else None


def _create(store: TraceStore, period: Period) -> Any:
    name = period.name.replace("'", "")
    return store.client.create_run(
        store.experiment_id, start_time=_milliseconds(period.start), tags={period.tag: name}, run_name=name
    )


def _metrics_log(client: Any, run_id: str, metrics: Mapping[str, float]) -> None:
    from mlflow.entities import Metric

    now = _milliseconds(timezone.now())
    client.log_batch(run_id, metrics=[Metric(name, value, now, 0) for name, value in metrics.items()])


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


# --- Figures ---------------------------------------------------------------------------------------------------------
def period_metrics(start: datetime, end: datetime) -> dict[str, float]:
    """Of the runs on customers' messages that began in a span of time and are over: how many, how they were decided,
    waiting (ms), tokens, US dollars, score; and what the functions of ``settings.TRACE_METRICS`` (start, end) add."""
    runs = _runs(start, end)
    found = runs.aggregate(
        runs=Count("pk"),
        failed=Count("pk", filter=Q(state=Run.State.FAILED)),
        input_tokens=Sum("input_tokens", default=0),
        output_tokens=Sum("output_tokens", default=0),
        cost_usd=Sum("cost_usd", default=0),
        score_mean=Avg("score"),
        **{decision.value: Count("pk", filter=Q(decision=decision)) for decision in Decision},
    )
    known = {name: float(value) for name, value in found.items() if value is not None}
    return {**known, **_latencies(runs), **_added(settings.TRACE_METRICS, start, end)}


def _added(functions: Sequence[str], start: datetime, end: datetime) -> dict[str, Any]:
    """What `functions`, by their dotted paths, tell of a span of time. One that fails is left out: MLflow is not to
    blame for it, and gets the rest."""
    added: dict[str, Any] = {}
    for name in functions:
        try:
            added |= import_string(name)(start, end)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.error("trace_figures_missing", function=name, error=type(error).__name__)
    return added


def _runs(start: datetime, end: datetime) -> QuerySet[Run]:
    begun = Run.objects.filter(started_at__gte=start, started_at__lt=end)
    return begun.exclude(state=Run.State.RUNNING).exclude(scope=REPLAYS)


def _latencies(runs: QuerySet[Run]) -> dict[str, float]:
    inner, parameters = runs.filter(latency_ms__isnull=False).order_by().values("latency_ms").query.sql_with_params()
    statement = f"SELECT percentile_cont(%s::float[]) WITHIN GROUP (ORDER BY latency_ms) FROM ({inner}) AS told"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [[each / 100 for each in PERCENTILES], *parameters])
        [found] = cursor.fetchone() or [None]
    return {f"latency_p{each}_ms": value for each, value in zip(PERCENTILES, found or [], strict=False)}


def picture_make(period: Period) -> str:
    """Runs by the hour of the day (UTC), those that were answered without a person below the others, as SVG."""
    counted: Any = (
        _runs(period.start, period.end)
        .values("started_at__hour")
        .annotate(runs=Count("pk"), alone=Count("pk", filter=~Q(decision=Decision.ESCALATE) & ~Q(decision="")))
    )
    by_hour = {row["started_at__hour"]: row for row in counted}
    most = max((row["runs"] for row in by_hour.values()), default=0) or 1
    bars = [_bar(hour, by_hour.get(hour, {"runs": 0, "alone": 0}), most) for hour in range(24)]
    return render_to_string(
        "agents/hours.svg", {"bars": bars, "name": period.name, "most": most, "floor": TALLEST + 40}
    )


def _bar(hour: int, row: dict[str, int], most: int) -> dict[str, Any]:
    alone, all_of_them = (round(TALLEST * row[name] / most, 1) for name in ("alone", "runs"))
    floor = TALLEST + 40
    return {
        "hour": hour,
        "x": 40 + hour * HOUR_WIDTH,
        "alone": alone,
        "alone_y": floor - alone,
        "people": round(all_of_them - alone, 1),
        "people_y": floor - all_of_them,
    }
