"""What /metrics tells: counted in the database, so that every process says the same.

Label values are those of our own enumerations. Models are the exception; the most used ones are named, the rest is
`other`. Nothing here is about a single customer, and no model is asked.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Min, Model, QuerySet, Sum
from django.utils import timezone

from agents.models import Run, RunReplay
from agents.tracing.selectors import tracing_state
from agents.types import REPLAYS, Decision
from analytics.alerts.signals import SIGNALS
from analytics.models import Alert, AlertNotice, AlertState
from conversations.crm.selectors import crm_state
from conversations.models import Delivery, Escalation, Insight, Query
from knowledge.models import PENDING_STATES, DocumentVersion
from omnicqm.common.models import Attempt
from omnicqm.common.outbox.selectors import outbox_state

WINDOWS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
QUANTILES = (0.5, 0.95, 0.99)
MOST_MODELS = 20
OTHER = "other"
PATIENCE_MS = 5_000  # for one question to the database

Sample = tuple[dict[str, str], float]


@dataclass(frozen=True)
class Family:
    """One metric: its name without the product's prefix, what it means, its samples."""

    name: str
    help: str
    samples: list[Sample]


def figures_take() -> list[Family]:
    """All of them, as of now; a question that takes too long leaves its family out of no answer: it raises
    `django.db.OperationalError`."""
    now = timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
        return [family for part in _PARTS for family in part(now)]


def _queries(now: datetime) -> Iterator[Family]:
    by_window = [
        ({"status": status, "window": window}, float(count))
        for window, since in _since(now)
        for status, count in _counted(Query.objects.filter(created_at__gte=since), "status", Query.Status.values)
    ]
    yield Family("queries", "Queries that came in within the window, by how they stand now", by_window)
    pending = Query.objects.filter(status__in=Query.PENDING).aggregate(count=Count("pk"), oldest=Min("created_at"))
    yield Family("queries_pending", "Queries that wait for an answer", [({}, pending["count"])])
    yield Family(
        "queries_pending_oldest_seconds", "Since when the oldest of them waits", [({}, _age(pending["oldest"], now))]
    )


def _runs(now: datetime) -> Iterator[Family]:
    ended = Run.objects.exclude(scope=REPLAYS)
    decided, failed = [], []
    for window, since in _since(now):
        rows = ended.filter(finished_at__gte=since)
        decided += [
            ({"decision": decision, "window": window}, float(count))
            for decision, count in _counted(rows, "decision", list(Decision))
        ]
        failed.append(({"window": window}, float(rows.filter(state=Run.State.FAILED).count())))
    yield Family("runs", "Runs that ended within the window, by decision", decided)
    yield Family("runs_failed", "Runs that failed within the window", failed)
    yield from _latencies("run", "runs", ended, "finished_at", now)
    waiting = RunReplay.objects.filter(state__in=RunReplay.OPEN).count()
    yield Family("replays_pending", "Replays that are not done yet", [({}, float(waiting))])


def _people(now: datetime) -> Iterator[Family]:
    active = Escalation.objects.filter(state__in=Escalation.ACTIVE)
    states = [str(state) for state in Escalation.ACTIVE]
    yield Family(
        "escalations_open",
        "Escalations that are not over, by state",
        [({"state": state}, float(count)) for state, count in _counted(active, "state", states)],
    )
    overdue = active.filter(state__in=Escalation.OWED, due_at__lt=now).count()
    yield Family("escalations_overdue", "Escalations past their due time", [({}, float(overdue))])


def _deliveries(now: datetime) -> Iterator[Family]:
    samples = [
        ({"state": state, "window": window}, float(count))
        for window, since in _since(now)
        for state, count in _counted(Delivery.objects.filter(created_at__gte=since), "state", Delivery.State.values)
    ]
    yield Family("deliveries", "Deliveries made within the window, by how they stand now", samples)
    waiting = Delivery.objects.filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING])
    yield Family("deliveries_pending", "Deliveries on their way", [({}, float(waiting.count()))])


def _attempts(now: datetime) -> Iterator[Family]:
    calls, money, tokens = [], [], []
    for window, since in _since(now):
        rows = Attempt.objects.filter(at__gte=since)
        for (model, outcome), count in _calls(rows).items():
            calls.append(({"model": model, "outcome": outcome, "window": window}, float(count)))
        sums = rows.aggregate(
            usd=Sum("cost_usd", default=0),
            read=Sum(F("input_tokens") + F("cache_read_tokens") + F("cache_write_tokens"), default=0),
            written=Sum("output_tokens", default=0),
        )
        money.append(({"window": window}, float(sums["usd"])))
        tokens += [({"kind": kind, "window": window}, float(sums[kind])) for kind in ("read", "written")]
    yield Family("attempts", "Calls of models within the window, by model and outcome", calls)
    yield Family("attempts_cost_usd", "What they cost", money)
    yield Family("attempts_tokens", "Tokens they read and wrote", tokens)


def _calls(rows: QuerySet[Attempt]) -> dict[tuple[str, str], int]:
    """By model and outcome; models beyond the most used ones together."""
    counted = list(rows.values_list("model", "outcome").annotate(count=Count("pk")).order_by())
    totals: dict[str, int] = {}
    for model, _, count in counted:
        totals[model] = totals.get(model, 0) + count
    named = set(sorted(totals, key=lambda model: (-totals[model], model))[:MOST_MODELS])
    sums: dict[tuple[str, str], int] = {}
    for model, outcome, count in counted:
        key = (model if model in named else OTHER, outcome)
        sums[key] = sums.get(key, 0) + count
    return sums


def _insights(now: datetime) -> Iterator[Family]:
    answered, fell_back = [], []
    for window, since in _since(now):
        rows = Insight.objects.filter(created_at__gte=since)
        answered += [
            ({"cache": cache, "window": window}, float(count))
            for cache, count in _counted(rows, "cache", Insight.Cache.values)
        ]
        fell_back.append(({"window": window}, float(rows.filter(fell_back=True).count())))
    yield Family("insights", "Insights answered within the window, by where the text came from", answered)
    yield Family("insights_fell_back", "Insights that another model than the first told", fell_back)
    yield from _latencies("insight", "insights", Insight.objects.all(), "created_at", now)


def _depths(now: datetime) -> Iterator[Family]:
    outbox = outbox_state()
    yield Family("outbox_pending", "Records that the warehouse has not got yet", [({}, float(outbox.pending))])
    yield Family("outbox_oldest_seconds", "Since when the oldest of them waits", [({}, _age(outbox.oldest, now))])
    crm = crm_state()
    counts = [({"state": "pending"}, float(crm.pending)), ({"state": "failed"}, float(crm.failed))]
    yield Family("crm_cases", "Cases that the CRM does not know as they stand, by state", counts)
    yield Family("crm_cases_oldest_seconds", "Since when the oldest pending one waits", [({}, _age(crm.oldest, now))])
    notices = AlertNotice.objects.filter(state__in=[AlertNotice.State.PENDING, AlertNotice.State.SENDING]).count()
    yield Family("notices_pending", "Notices of alerts that have not arrived yet", [({}, float(notices))])
    versions = DocumentVersion.objects.filter(state__in=PENDING_STATES).count()
    yield Family("documents_pending", "Versions of documents that search cannot find yet", [({}, float(versions))])


def _traces(now: datetime) -> Iterator[Family]:
    state = tracing_state()
    counts = [({"state": name}, float(getattr(state, name))) for name in ("pending", "exported", "dropped", "erasing")]
    yield Family("traces", "Traces of runs that MLflow is to hold, as far as they are kept, by state", counts)
    yield Family("traces_oldest_seconds", "Since when the oldest of them waits", [({}, _age(state.oldest, now))])


def _alerts(now: datetime) -> Iterator[Family]:
    firing = set(Alert.objects.filter(resolved_at=None).values_list("rule_id", flat=True))
    yield Family("alert_firing", "1 while the rule fires", [({"rule": key}, float(key in firing)) for key in SIGNALS])
    states = AlertState.objects.filter(rule__in=list(SIGNALS)).values_list("rule_id", "value")
    yield Family(
        "alert_value",
        "What was measured last, in the rule's unit",
        [({"rule": key}, value) for key, value in states if value is not None],
    )
    yield Family("figures_taken_timestamp_seconds", "When these figures were counted", [({}, now.timestamp())])


_PARTS: list[Callable[[datetime], Iterable[Family]]] = [
    _queries,
    _runs,
    _people,
    _deliveries,
    _attempts,
    _insights,
    _depths,
    _traces,
    _alerts,
]


def _since(now: datetime) -> list[tuple[str, datetime]]:
    return [(window, now - span) for window, span in WINDOWS.items()]


def _counted(rows: QuerySet[Any], column: str, values: Iterable[str]) -> list[tuple[str, int]]:
    """A count for each of `values`, 0 included, so that no series comes and goes."""
    found = dict(rows.values_list(column).annotate(count=Count("pk")).order_by())
    return [(str(value), found.get(str(value), 0)) for value in values]


def _latencies(one: str, many: str, rows: QuerySet[Any], moment: str, now: datetime) -> Iterator[Family]:
    quantiles, counts, sums = [], [], []
    for window, since in _since(now):
        of_window = rows.filter(**{f"{moment}__gte": since}, latency_ms__isnull=False)
        values = _percentiles(of_window)
        quantiles += [
            ({"quantile": str(quantile), "window": window}, value / 1000)
            for quantile, value in zip(QUANTILES, values, strict=False)
        ]
        told = of_window.aggregate(count=Count("pk"), sum=Sum("latency_ms", default=0))
        counts.append(({"window": window}, float(told["count"])))
        sums.append(({"window": window}, told["sum"] / 1000))
    yield Family(f"{one}_latency_seconds", f"How long {many} within the window took", quantiles)
    yield Family(f"{one}_latency_seconds_observed", f"How many {many} that is told of", counts)
    yield Family(f"{one}_latency_seconds_together", "How long they took together", sums)


def _percentiles(rows: QuerySet[Model]) -> list[float]:
    """The quantiles of `latency_ms`; none of no rows."""
    inner, parameters = rows.order_by().values("latency_ms").query.sql_with_params()
    statement = f"SELECT percentile_cont(%s::float8[]) WITHIN GROUP (ORDER BY latency_ms) FROM ({inner}) AS told"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(QUANTILES), *parameters])
        [values] = cursor.fetchone()
    return values or []


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
