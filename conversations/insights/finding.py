"""Texts and answers that are there already, looked for on behalf of many requests at once.

In SQL, because both are asked by every request: Django takes longer to put such a question together than PostgreSQL
to answer it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from conversations.errors import ProcessTaken
from conversations.insights.types import Begun, InsightRequest
from conversations.models import Insight

KEPT = timedelta(days=7)  # no answer is told again after that

_RESULTS = """
SELECT DISTINCT ON (result_key)
    id, result_key, summary, model_used, provider, prompt_version, fell_back, generated_at, valid_until
FROM {table}
WHERE result_key = ANY(%s) AND result_key <> '' AND source_id IS NULL
  AND valid_until > %s AND generated_at > %s AND summary <> ''
ORDER BY result_key, generated_at DESC
"""
_ANSWERED = """
SELECT insight.* FROM unnest(%s::text[], %s::text[]) AS asked(client, process)
JOIN {table} AS insight ON insight.client = asked.client AND insight.unique_process_id = asked.process
WHERE insight.is_current AND insight.created_at > %s
"""


def results_find(keys: Collection[str]) -> dict[str, Insight]:
    """By key the newest text that may still be told; of each what is needed to tell it."""
    if not keys:
        return {}
    now = timezone.now()
    return {insight.result_key: insight for insight in _found(_RESULTS, sorted(keys), now, now - KEPT)}


def insights_answered(requests: Sequence[InsightRequest]) -> dict[str, Begun | Exception]:
    """By request_id what the same request was answered within the last seven days, with the row that holds its text.

    `ProcessTaken` stands for it when its `unique_process_id` named another request of this client.
    """
    if not requests:
        return {}
    names = [[request.client for request in requests], [request.unique_process_id for request in requests]]
    found = list(_found(_ANSWERED, *names, timezone.now() - KEPT))
    prefetch_related_objects(found, "source")
    known = {(insight.client, insight.unique_process_id): insight for insight in found}
    pairs = [(request, known.get((request.client, request.unique_process_id))) for request in requests]
    return {request.request_id: _unless_other(insight, request) for request, insight in pairs if insight is not None}


def insight_answered(request: InsightRequest) -> Insight | None:
    """`insights_answered` for one. Raises `ProcessTaken`."""
    answered = insights_answered([request]).get(request.request_id)
    if isinstance(answered, Exception):
        raise answered
    assert answered is None or isinstance(answered, Insight)
    return answered


def insight_replayed(kept: Any) -> Insight:
    """The answer that was kept for an ``Idempotency-Key``."""
    return Insight.objects.select_related("source").get(pk=kept["request_id"])


def _unless_other(insight: Insight, request: InsightRequest) -> Insight | Exception:
    other = [name for name, value in request.asked.items() if getattr(insight, name) != value]
    if not other:
        return insight
    return ProcessTaken(
        f"This unique_process_id came before with another {other[0]}. Send a new one, or none.",
        param="unique_process_id",
    )


def _found(query: str, *values: Any) -> Iterable[Insight]:
    return Insight.objects.raw(query.format(table=Insight._meta.db_table), values)
