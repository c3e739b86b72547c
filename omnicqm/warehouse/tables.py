"""The tables of the warehouse: their columns with types, and the records of a period.

Names and types are those of ``deploy/warehouse/tables.sql``; a record is what the store's JSON lines hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from conversations.insights.selectors import insight_record
from conversations.models import Insight
from feedback.models import Rating
from feedback.selectors import rating_record

AT_ONCE = 1000  # rows read into memory

Record = dict[str, Any]


class Kind(StrEnum):
    """What a column holds. In records days and instants are ISO 8601, amounts are text, `JSON` is any JSON data."""

    TEXT = "text"
    COUNT = "count"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"
    AMOUNT = "amount"
    JSON = "json"
    INTERACTIONS = "interactions"


@dataclass(frozen=True)
class Table:
    """`read` yields the records of a period (from, up to but without), the earliest first."""

    name: str
    columns: Mapping[str, Kind]
    read: Callable[[datetime, datetime], Iterator[Record]]


def _summaries(since: datetime, until: datetime) -> Iterator[Record]:
    rows = Insight.objects.filter(created_at__gte=since, created_at__lt=until).select_related("source")
    return map(insight_record, rows.order_by("created_at", "pk").iterator(AT_ONCE))


def _ratings(since: datetime, until: datetime) -> Iterator[Record]:
    rows = Rating.objects.filter(created_at__gte=since, created_at__lt=until).select_related("insight")
    return map(rating_record, rows.order_by("created_at", "pk").iterator(AT_ONCE))


SUMMARIES = Table(
    "omni_summaries",
    {
        "request_id": Kind.TEXT,
        "unique_process_id": Kind.TEXT,
        "contact_id": Kind.TEXT,
        "initial_contact_id": Kind.TEXT,
        "account_number": Kind.TEXT,
        "customer_id": Kind.TEXT,
        "client": Kind.TEXT,
        "ivr_intent": Kind.TEXT,
        "channel_filter": Kind.JSON,
        "max_history_days": Kind.COUNT,
        "max_interactions": Kind.COUNT,
        "summary": Kind.TEXT,
        "date_from": Kind.DAY,
        "date_to": Kind.DAY,
        "interactions_count": Kind.COUNT,
        "channel_path": Kind.TEXT,
        "interactions": Kind.INTERACTIONS,
        "query": Kind.JSON,
        "checks": Kind.JSON,
        "source_id": Kind.TEXT,
        "cache": Kind.TEXT,
        "model_used": Kind.TEXT,
        "provider": Kind.TEXT,
        "prompt_version": Kind.TEXT,
        "fell_back": Kind.FLAG,
        "latency_ms": Kind.COUNT,
        "model_ms": Kind.COUNT,
        "input_tokens": Kind.COUNT,
        "output_tokens": Kind.COUNT,
        "cache_read_tokens": Kind.COUNT,
        "cache_write_tokens": Kind.COUNT,
        "cost_usd": Kind.AMOUNT,
        "generated_at": Kind.INSTANT,
        "answered_at": Kind.INSTANT,
    },
    _summaries,
)
RATINGS = Table(
    "omni_ratings",
    {
        "rating_id": Kind.TEXT,
        "target": Kind.TEXT,
        "request_id": Kind.TEXT,
        "unique_process_id": Kind.TEXT,
        "contact_id": Kind.TEXT,
        "account_number": Kind.TEXT,
        "feedback": Kind.TEXT,
        "reason": Kind.TEXT,
        "comment": Kind.TEXT,
        "rater": Kind.TEXT,
        "rated_at": Kind.INSTANT,
    },
    _ratings,
)
TABLES = (SUMMARIES, RATINGS)
