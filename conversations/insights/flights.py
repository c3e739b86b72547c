"""One generation at a time for one key, whichever process began it.

The claim is a row with an end, so no connection is held while a model thinks, and a leader that dies is waited for no
longer than until then.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from conversations.insights.types import ANSWER_SECONDS
from conversations.models import InsightFlight

LEAD = timedelta(seconds=ANSWER_SECONDS + 1)

_CLAIM = """
INSERT INTO {table} AS flight (result_key, leader, until)
SELECT wanted.result_key, wanted.leader, %s FROM unnest(%s::text[], %s::text[]) AS wanted(result_key, leader)
ON CONFLICT (result_key) DO UPDATE SET leader = excluded.leader, until = excluded.until WHERE flight.until < %s
RETURNING leader
"""


def flights_claim(leaders: Mapping[str, str]) -> set[str]:
    """Which of `leaders`, ids of insights by the result key they want to generate, may: of many that ask, one a key."""
    now = timezone.now()
    keys = sorted(leaders)  # in one order everywhere, so that two processes do not block each other
    values: list[Any] = [now + LEAD, keys, [leaders[key] for key in keys], now]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(table=InsightFlight._meta.db_table), values)
        return {leader for (leader,) in cursor.fetchall()}


def flights_end(leaders: Mapping[str, str]) -> None:
    """Those of `leaders`, by result key, are over, well or not. Nothing happens to one that another has taken over."""
    if leaders:
        InsightFlight.objects.filter(pk__in=sorted(leaders), leader__in=list(leaders.values())).delete()


def flights_purge() -> int:
    """Forget those whose leader died; returns how many."""
    return InsightFlight.objects.filter(until__lt=timezone.now() - LEAD).delete()[0]


def pause_next(pause: float, until: float) -> float:
    """How long to wait before the leader is looked at again: longer each time, not beyond the instant `until`."""
    return max(0.0, min(pause * 1.5, 0.4, until - time.monotonic()))
