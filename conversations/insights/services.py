"""Answering requests for insights: what is known at once, what has to be made, and what is forgotten.

What the database is asked and told is asked and told for many requests together (`omnicqm.common.batching`): in a burst
that is most of what an answer would otherwise cost.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone

from conversations.answering.request import personal_of
from conversations.insights.events import InsightEvent, insight_log, milliseconds_since
from conversations.insights.finding import insight_replayed, insights_answered, results_find
from conversations.insights.flights import flights_claim, flights_end, flights_purge, pause_next
from conversations.insights.generation import summary_generate
from conversations.insights.keys import result_key
from conversations.insights.storing import (
    insight_of_nothing,
    insight_of_repeat,
    insight_of_summary,
    insight_store,
    insights_store,
    insights_told_note,
)
from conversations.insights.types import Begun, Generation, InsightRequest
from conversations.interactions.selectors import histories_read
from conversations.interactions.types import History, HistoryAsked
from conversations.models import Customer, Insight
from omnicqm.common.batching import Batches
from omnicqm.common.services.idempotency import idempotency_find
from omnicqm.common.turns import processor_turn

SCOPE = "insights"  # in the cost ledger; a budget may be set for it
OWN_SECONDS = 2.0  # who waits for another process's leader keeps these to make the summary itself


def insight_begin(*, request: InsightRequest) -> Insight | Generation:
    """The answer, stored, when it needs no model; else what has to be made.

    It needs none when the same request was answered before, when there is no history, and when the text for these
    events is known. Raises `ProcessTaken`, `IdempotencyMismatch`, and `InvalidInput` naming ``account_number``.
    """
    [begun] = insights_begin([request])
    if isinstance(begun, Exception):
        raise begun
    return begun


def insights_begin(requests: Sequence[InsightRequest]) -> list[Begun | Exception]:
    """`insight_begin` for many; what it would raise stands in the place of the answer."""
    begun: dict[str, Begun | Exception] = _answered_before(requests)
    _told_again_note(requests, begun)
    left = [request for request in requests if request.request_id not in begun]
    begun |= _told_or_to_be_made(list(zip(left, _histories_read(left), strict=True)))
    return [begun[request.request_id] for request in requests]


def begin_later(request: InsightRequest) -> "Future[Begun]":
    """What `insight_begin` will return, begun together with others that come at the same time."""
    return _beginning.submit(request)


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
        flights_end({generation.result_key: generation.request.request_id})
        raise


def insight_repeat(*, generation: Generation, source: Insight) -> Insight:
    """Answer with the text that was made for another request meanwhile."""
    return _stored(insight_of_repeat(generation.request, generation.history, source.source or source), generation)


def insights_purge() -> int:
    """Forget texts, interactions and queries of answers older than ``INSIGHT_TEXT_DAYS``; what was measured stays.

    Returns how many rows were emptied. Flights whose leader died go, too.
    """
    flights_purge()
    old = Insight.objects.filter(created_at__lt=timezone.now() - timedelta(days=settings.INSIGHT_TEXT_DAYS))
    full = old.exclude(summary="", interactions=[], query={}, checks={})
    return full.update(summary="", interactions=[], query={}, checks={}, result_key="")


# --- What is known at once -------------------------------------------------------------------------------------------
def _answered_before(requests: Iterable[InsightRequest]) -> dict[str, Begun | Exception]:
    """By request_id what the same requests were answered, and why those that only seem the same are refused."""
    answered: dict[str, Begun | Exception] = {}
    named = []
    for request in requests:
        replayed = _replayed(request)
        if replayed is not None:
            answered[request.request_id] = replayed
        elif request.is_named:
            named.append(request)
    return answered | insights_answered(named)


def _told_again_note(requests: Iterable[InsightRequest], answered: Mapping[str, Begun | Exception]) -> None:
    found = [(answered.get(request.request_id), request) for request in requests]
    if told := [(insight, request) for insight, request in found if isinstance(insight, Insight)]:
        insights_told_note(told)


def _replayed(request: InsightRequest) -> Insight | Exception | None:
    if request.replay is None:
        return None
    key, fingerprint = request.replay
    try:
        kept = idempotency_find(client=request.client, key=key, fingerprint=fingerprint)
    except Exception as error:
        return error
    return insight_replayed(kept.body) if kept is not None else None


def _histories_read(requests: Sequence[InsightRequest]) -> list[History]:
    started = time.monotonic()
    for request in requests:
        _log(request, InsightEvent.HISTORY_QUERY_START)
    histories = histories_read([_history_asked(request) for request in requests])
    for request, history in zip(requests, histories, strict=True):
        found = {"customer_id": history.customer_id, "interactions": len(history.events)}
        _log(request, InsightEvent.HISTORY_QUERY_SUCCESS, since=started, **found)
    return histories


def _history_asked(request: InsightRequest) -> HistoryAsked:
    return HistoryAsked(request.account_number, request.max_history_days, request.max_interactions, request.channels)


def _told_or_to_be_made(asked: Sequence[tuple[InsightRequest, History]]) -> dict[str, Begun | Exception]:
    keys = {request.request_id: result_key(history, request) for request, history in asked if history.events}
    texts = results_find(keys.values())
    told, made = [], []
    for request, history in asked:
        key = keys.get(request.request_id)
        if key is None:
            told.append((insight_of_nothing(request, history), request))
        elif key in texts:
            told.append((insight_of_repeat(request, history, texts[key]), request))
        else:
            made.append(Generation(request, history, key))
    stored = {request.request_id: answer for (_, request), answer in zip(told, _all_stored(told), strict=True)}
    return stored | _with_personal(made)


def _with_personal(generations: Sequence[Generation]) -> dict[str, Begun | Exception]:
    """Models elsewhere do not read what is personal of the customers: who they are is read with the rest."""
    customers = Customer.objects.in_bulk({made.history.customer_id for made in generations} - {""})
    prefetch_related_objects(list(customers.values()), "identities")
    personal = {pk: personal_of(customer) for pk, customer in customers.items()}
    return {
        made.request.request_id: made.with_personal(personal.get(made.history.customer_id, {})) for made in generations
    }


# --- What has to be made ---------------------------------------------------------------------------------------------
def _lead(generation: Generation) -> Insight | None:
    """Become the one who makes this text (None), or return the text another one made."""
    patience, pause = generation.request.deadline - OWN_SECONDS, 0.05
    while True:
        leads, found = _leading.submit(generation).result()
        if leads or found is not None or time.monotonic() >= patience:
            return found
        time.sleep(pause := pause_next(pause, patience))


def _claimed(generations: Sequence[Generation]) -> list[tuple[bool, Insight | None] | Exception]:
    """For each whether it leads now, and the text there is already: stored before or since it was first looked for."""
    leaders = {made.result_key: made.request.request_id for made in reversed(generations)}
    leading = flights_claim(leaders)
    found = results_find(leaders)
    flights_end({key: leader for key, leader in leaders.items() if leader in leading and key in found})
    return [(made.request.request_id in leading, found.get(made.result_key)) for made in generations]


def _made(generation: Generation) -> Insight:
    request, started = generation.request, time.monotonic()
    summary = summary_generate(
        generation.history,
        intent=request.ivr_intent,
        scope=SCOPE,
        run_id=request.request_id,
        deadline=request.deadline,
        personal=generation.personal,
    )
    model_ms = milliseconds_since(started)
    with processor_turn():
        insight = insight_of_summary(generation, summary, model_ms=model_ms)
    return _stored(insight, generation)


def _stored(insight: Insight, generation: Generation) -> Insight:
    """With others; alone where an ``Idempotency-Key`` may have to be waited for."""
    request = generation.request
    stored = insight_store(insight, request) if request.replay else _storing.submit((insight, request)).result()
    _stored_log(stored, request)
    return stored


def _all_stored(answers: Sequence[tuple[Insight, InsightRequest]]) -> list[Insight | Exception]:
    stored = insights_store(answers)
    for (_, request), insight in zip(answers, stored, strict=True):
        if isinstance(insight, Insight):
            _stored_log(insight, request)
    return stored


def _stored_log(insight: Insight, request: InsightRequest) -> None:
    told = {"insight": insight.pk, "cache": str(insight.cache), "model_used": insight.model_used}
    _log(request, InsightEvent.RESULT_STORED, since=request.arrived, **told)


def _log(request: InsightRequest, event: InsightEvent, **told: Any) -> None:
    """With the ids of the request, whichever thread works for it."""
    request.context.copy().run(partial(insight_log, event, **told))


_beginning = Batches[InsightRequest, Begun]("insights-begin", insights_begin)
_leading = Batches[Generation, tuple[bool, Insight | None]]("insights-lead", _claimed)
_storing = Batches[tuple[Insight, InsightRequest], Insight]("insights-store", insights_store)
