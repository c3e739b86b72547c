"""From a text, or its absence, to the stored answer, and the row of the audit trail that says who was told it."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from agents.storable import storable
from conversations.insights.events import milliseconds_since
from conversations.insights.finding import KEPT, insight_answered, insight_replayed
from conversations.insights.flights import flights_end
from conversations.insights.generation import Summary
from conversations.insights.selectors import insight_record
from conversations.insights.types import NO_MODEL, Generation, InsightRequest
from conversations.interactions.types import History
from conversations.models import Insight
from omnicqm.common.correlation import correlation_get
from omnicqm.common.outbox.services import outbox_add_all
from omnicqm.common.services import Telling, audit_tellings
from omnicqm.common.services.idempotency import idempotency_begin, idempotency_complete

TOPIC = "omni-channel/processed"  # of the warehouse
FALLBACK_KEPT = timedelta(minutes=5)  # another model's words serve a transfer; then the first model gets a chance again
_PAUSES = (0.1, 0.4, 1.0)  # seconds between tries when the database is away, as while it restarts


# --- What a row says -------------------------------------------------------------------------------------------------
def insight_of_nothing(request: InsightRequest, history: History) -> Insight:
    """The honest answer when nothing is known."""
    insight = _answer(request, history)
    insight.date_from, insight.date_to = history.window.since.date(), history.window.until.date()
    insight.summary = _nothing_found(request) + _caveat(history)
    insight.model_used = insight.prompt_version = NO_MODEL
    insight.valid_until = insight.generated_at  # the next event must be seen
    return insight


def insight_of_summary(generation: Generation, summary: Summary, *, model_ms: int) -> Insight:
    """A text that was made for this request."""
    insight = _answer(generation.request, generation.history)
    insight.result_key = generation.result_key
    insight.summary = summary.text + _caveat(generation.history)
    insight.model_used, insight.provider = summary.model_used, summary.provider
    insight.prompt_version, insight.fell_back = summary.prompt_version, summary.fell_back
    insight.cache = Insight.Cache.PROMPT if summary.prompt_cache_hit else Insight.Cache.NONE
    insight.model_ms = model_ms
    insight.valid_until = insight.generated_at + (FALLBACK_KEPT if summary.fell_back else KEPT)
    insight.interactions = [storable(vars(event)) for event in generation.history.events]
    insight.checks = storable(summary.checks)
    insight.usage = storable(asdict(summary.usage))
    return insight


def insight_of_repeat(request: InsightRequest, history: History, source: Insight) -> Insight:
    """The text of `source`, told to this request."""
    insight = _answer(request, history)
    insight.source, insight.cache = source, Insight.Cache.RESULT
    for name in ("model_used", "provider", "prompt_version", "fell_back", "generated_at", "valid_until"):
        setattr(insight, name, getattr(source, name))
    return insight


def _answer(request: InsightRequest, history: History) -> Insight:
    now = timezone.now()
    days = [event.at.date() for event in history.events] or [now.date()]
    return Insight(
        pk=request.request_id,
        client=request.client,
        **request.asked,
        customer_id=history.customer_id or None,
        date_from=min(days),
        date_to=max(days),
        latency_ms=milliseconds_since(request.arrived),
        generated_at=now,
        created_at=now,
        events_digest=history.digest,
        query=storable(history.query),
    )


def _nothing_found(request: InsightRequest) -> str:
    days = "day" if request.max_history_days == 1 else f"{request.max_history_days} days"
    where = f" on {', '.join(request.channels)}" if request.channels else ""
    return f"No interactions found for this account{where} in the last {days}."


def _caveat(history: History) -> str:
    """What who reads the text must know of its ground."""
    return "\nIncomplete: one source of interactions could not be read just now." if history.incomplete else ""


# --- Storing it ------------------------------------------------------------------------------------------------------
def insights_store(answers: Sequence[tuple[Insight, InsightRequest]]) -> list[Insight | Exception]:
    """Store the answers, and end their flights, in one transaction. For each the insight that answers its request: when
    the same request was answered meanwhile, the one stored then; or the `ProcessTaken` it is refused with.

    A database that restarts is waited for as long as the requests have time.
    """
    if not answers:
        return []
    if any(request.replay for _, request in answers) or len(answers) == 1:
        return [_or_error(insight, request) for insight, request in answers]
    try:
        _patiently(lambda: _insert_all(answers), until=min(request.deadline for _, request in answers))
    except IntegrityError:  # one of them was answered before: each for itself
        return [_or_error(insight, request) for insight, request in answers]
    return [insight for insight, _ in answers]


def insight_store(insight: Insight, request: InsightRequest) -> Insight:
    """`insights_store` for one. Raises `ProcessTaken`."""
    return _patiently(lambda: _store_once(insight, request), until=request.deadline)


def _or_error(insight: Insight, request: InsightRequest) -> Insight | Exception:
    try:
        return insight_store(insight, request)
    except Exception as error:
        return error


def _store_once(insight: Insight, request: InsightRequest) -> Insight:
    try:
        return _write(insight, request)
    except IntegrityError:
        answered = insight_answered(request)
        if answered is not None:
            insights_told_note([(answered, request)])
            return answered
        _expired_release(request)
        return _write(insight, request)


@transaction.atomic
def _write(insight: Insight, request: InsightRequest) -> Insight:
    if request.replay is None:
        _insert([(insight, request)])
        return insight
    key, fingerprint = request.replay
    record = idempotency_begin(client=request.client, key=key, fingerprint=fingerprint)
    if record.status is not None:
        replayed = insight_replayed(record.body)
        insights_told_note([(replayed, request)])
        return replayed
    _insert([(insight, request)])
    idempotency_complete(record=record, status=200, headers={}, body={"request_id": insight.pk})
    return insight


@transaction.atomic
def _insert_all(answers: Sequence[tuple[Insight, InsightRequest]]) -> None:
    _insert(answers)


def _insert(answers: Sequence[tuple[Insight, InsightRequest]]) -> None:
    """Called in a transaction: one of its own would be a savepoint, two more statements for each answer."""
    insights = [insight for insight, _ in answers]
    # In one order everywhere, so that two processes with the same requests do not block each other.
    Insight.objects.bulk_create(sorted(insights, key=lambda insight: insight.unique_process_id))
    insights_told_note(answers)
    outbox_add_all(TOPIC, [(insight.pk, insight_record(insight), insight.created_at) for insight in insights])
    flights_end({made.result_key: made.pk for made in insights if made.result_key and made.source is None})


def insights_told_note(told: Iterable[tuple[Insight, InsightRequest]]) -> None:
    """Note in the audit trail which client was told of which customer: a row for each request that is answered, also
    with what was known or had been answered before. Of an account that nobody has, the insight is named instead."""
    audit_tellings(_telling(insight, request) for insight, request in told)


def _telling(insight: Insight, request: InsightRequest) -> Telling:
    kind, object_id = ("customer", insight.customer_id) if insight.customer_id else ("insight", insight.pk)
    return Telling(
        actor=f"client:{request.client}",
        action="insight.told",
        object_type=kind,
        object_id=object_id,
        details={"insight": insight.pk},
        correlation_id=request.context.copy().run(correlation_get),
    )


def _patiently[T](work: Callable[[], T], *, until: float) -> T:
    """What `work` returns, tried again while the database is away."""
    for pause in _PAUSES:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() + pause > until:
                raise
            connection.close()
            time.sleep(pause)
    return work()


def _expired_release(request: InsightRequest) -> None:
    """What was answered too long ago to be told again makes room for a new answer under the same id."""
    old = Insight.objects.filter(client=request.client, unique_process_id=request.unique_process_id, is_current=True)
    old.filter(created_at__lte=timezone.now() - KEPT).update(is_current=False)
