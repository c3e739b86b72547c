"""Reads of insights: which answers were given, and how one is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet

from conversations.identity.normalise import account_normalise
from conversations.insights.types import NO_MODEL
from conversations.models import Insight
from omnicqm.common.errors import InvalidInput

_MOST_OF_A_CONTACT = 200  # answers given about one contact among which an account's latest is looked for


def insight_find(
    *,
    unique_process_id: str | None = None,
    request_id: str | None = None,
    contact_id: str | None = None,
    account_number: str | None = None,
    client: str | None = None,
) -> Insight | None:
    """The newest answer that fits everything given; None when there is none, or nothing to look for was given.

    By `request_id`, by `unique_process_id`, or by `contact_id` with `account_number` (in any spelling). `client`
    narrows to the answers of one API client. The row that holds the text comes along.
    """
    found = Insight.objects.select_related("source").order_by("-created_at")
    if client is not None:
        found = found.filter(client=client)
    if request_id:
        found = found.filter(pk=request_id)
    if unique_process_id:
        found = found.filter(unique_process_id=unique_process_id)
    if contact_id and account_number:
        return _of_account(found.filter(contact_id=contact_id), account_number)
    return found.first() if request_id or unique_process_id else None


def _of_account(insights: QuerySet[Insight], account_number: str) -> Insight | None:
    wanted = _account_key(account_number)
    return next(
        (insight for insight in insights[:_MOST_OF_A_CONTACT] if _account_key(insight.account_number) == wanted), None
    )


def _account_key(account_number: str) -> str:
    try:
        return account_normalise(account_number)
    except InvalidInput:
        return account_number


def insight_document(insight: Insight) -> dict[str, Any]:
    """The answer as the API tells it, the same whenever it is asked for."""
    return {
        "contact_id": insight.contact_id,
        "unique_process_id": insight.unique_process_id,
        "request_id": insight.pk,
        "account_number": insight.account_number,
        "summary": insight.text,
        "date_range": f"{insight.date_from.isoformat()} to {insight.date_to.isoformat()}",
        "model_used": insight.model_used,
        "cache_hit": insight.cache != Insight.Cache.NONE,
        "latency_ms": insight.latency_ms,
        "generated_at": _instant(insight.generated_at),
        "max_history_days": insight.max_history_days,
        "max_interactions": insight.max_interactions,
        "channel_filter": insight.channel_filter,
        "prompt_version": insight.prompt_version,
    }


def insight_record(insight: Insight) -> dict[str, Any]:
    """The answer as the warehouse gets it: what was told, what it rests on and what it took, flat where tables want it.

    A repeated text names the insight it was made for (`source_id`), whose record holds the interactions and the cost.
    """
    return insight_document(insight) | {
        "initial_contact_id": insight.initial_contact_id,
        "ivr_intent": insight.ivr_intent,
        "client": insight.client,
        "customer_id": insight.customer_id,
        "date_from": insight.date_from.isoformat(),
        "date_to": insight.date_to.isoformat(),
        "cache": str(insight.cache),
        "source_id": insight.source_id,
        "provider": insight.provider,
        "fell_back": insight.fell_back,
        "model_ms": insight.model_ms,
        **_usage(insight.usage),
        "checks": insight.checks,
        "query": insight.query,
        **_journey((insight.source or insight).interactions),
        "interactions": insight.interactions,
        "answered_at": _instant(insight.created_at),
    }


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing was used where nothing was generated."""
    tokens = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    return {name: usage.get(name, 0) for name in tokens} | {"cost_usd": str(usage.get("cost_usd", 0))}


def _journey(interactions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How the customer came through the channels, e.g. ``email > chat > voice``."""
    path = [channel for channel, _ in groupby(event["channel"] for event in interactions)]
    return {"interactions_count": len(interactions), "channel_path": " > ".join(path)}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def insights_counted(*, since: datetime, until: datetime) -> tuple[int, int]:
    """How many insights were answered from `since` until before `until`, and how many of them had nothing to tell."""
    answered = Insight.objects.filter(created_at__gte=since, created_at__lt=until)
    counts = answered.aggregate(all=Count("pk"), empty=Count("pk", filter=Q(model_used=NO_MODEL)))
    return counts["all"], counts["empty"]
