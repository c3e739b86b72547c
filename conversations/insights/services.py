"""Answering a request for an insight: what is known at once, what has to be made, and what is forgotten."""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from conversations.insights.events import InsightEvent, insight_log, milliseconds_since
from conversations.insights.flights import flight_claim, flight_end, flights_purge, pause_next
from conversations.insights.generation import summary_generate
from conversations.insights.keys import result_key
from conversations.insights.storing import (
    insight_answered,
    insight_of_nothing,
    insight_of_repeat,
    insight_of_summary,
    insight_replayed,
    insight_store,
    result_find,
)
from conversations.insights.types import Generation, InsightRequest
from conversations.interactions.selectors import history_read
from conversations.interactions.types import History
from conversations.models import Insight
from omnicqm.common.connections import connection_release
from omnicqm.common.services.idempotency import idempotency_find

SCOPE = "insights"  # in the cost ledger; a budget may be set for it
OWN_SECONDS = 2.0  # who waits for another process's leader keeps these to make the summary itself


def insight_begin(*, request: InsightRequest) -> Insight | Generation:
    """The answer, stored, when it needs no model; else what has to be made.

    It needs none when the same request was answered before, when there is no history, and when the text for these
    events is known. Raises `ProcessTaken`, `IdempotencyMismatch`, and `InvalidInput` naming ``account_number``.
    """
    answered = _answered_before(request)
    if answered is not None:
        return answered
    history = _history_read(request)
    if not history.events:
        return insight_store(insight_of_nothing(request, history), request)
    key = result_key(history, request)
    found = result_find(key)
    if found is not None:
        return insight_store(insight_of_repeat(request, history, found), request)
    return Generation(request, history, key)


def insight_generate(*, generation: Generation) -> Insight:
    """Make the summary and store it as the answer to its request.

    When another process makes the same one, its text is waited for and told; should that take too long, because it died
    or is slow, this one makes its own. A model is waited for, without a database connection, until the request's
    deadline at most. Raises `ProcessTaken` like `insight_begin`.
    """
    found = _lead(generation)
    if found is not None:
        return insight_repeat(generation=generation, source=found)
    try:
        return _made(generation)
    except BaseException:
        flight_end(result_key=generation.result_key, leader=generation.request.request_id)
        raise


def insight_repeat(*, generation: Generation, source: Insight) -> Insight:
    """Answer with the text that was made for another request meanwhile."""
    repeat = insight_of_repeat(generation.request, generation.history, source.source or source)
    return insight_store(repeat, generation.request)


def insights_purge() -> int:
    """Forget texts, interactions and queries of answers older than ``INSIGHT_TEXT_DAYS``; what was measured stays.

    Returns how many rows were emptied. Flights whose leader died go, too.
    """
    flights_purge()
    old = Insight.objects.filter(created_at__lt=timezone.now() - timedelta(days=settings.INSIGHT_TEXT_DAYS))
    full = old.exclude(summary="", interactions=[], query={}, checks={})
    return full.update(summary="", interactions=[], query={}, checks={}, result_key="")


# --- Steps -----------------------------------------------------------------------------------------------------------
def _answered_before(request: InsightRequest) -> Insight | None:
    if request.replay is not None:
        key, fingerprint = request.replay
        kept = idempotency_find(client=request.client, key=key, fingerprint=fingerprint)
        if kept is not None:
            return insight_replayed(kept.body)
    return insight_answered(request) if request.is_named else None


def _history_read(request: InsightRequest) -> History:
    started = time.monotonic()
    insight_log(InsightEvent.HISTORY_QUERY_START)
    history = history_read(
        account_number=request.account_number,
        days=request.max_history_days,
        limit=request.max_interactions,
        channels=request.channels,
    )
    found = {"customer_id": history.customer_id, "interactions": len(history.events)}
    insight_log(InsightEvent.HISTORY_QUERY_SUCCESS, since=started, **found)
    return history


def _lead(generation: Generation) -> Insight | None:
    """Become the one who makes this text (None), or return the text another one made."""
    key, leader = generation.result_key, generation.request.request_id
    patience, pause = generation.request.deadline - OWN_SECONDS, 0.05
    while not flight_claim(result_key=key, leader=leader):
        found = result_find(key)
        if found is not None or time.monotonic() >= patience:
            return found
        connection_release()
        time.sleep(pause := pause_next(pause, patience))
    found = result_find(key)  # stored between our first look and the claim
    if found is not None:
        flight_end(result_key=key, leader=leader)
    return found


def _made(generation: Generation) -> Insight:
    request, started = generation.request, time.monotonic()
    summary = summary_generate(
        generation.history,
        intent=request.ivr_intent,
        scope=SCOPE,
        run_id=request.request_id,
        deadline=request.deadline,
    )
    insight = insight_of_summary(generation, summary, model_ms=milliseconds_since(started))
    return insight_store(insight, request)
