"""One generation at a time for one key, whichever process began it.

The claim is a row with an end, so no connection is held while a model thinks, and a leader that dies is waited for no
longer than until then.
"""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from conversations.insights.types import ANSWER_SECONDS
from conversations.models import InsightFlight

LEAD = timedelta(seconds=ANSWER_SECONDS + 1)

_CLAIM = """
INSERT INTO {table} AS flight (result_key, leader, until) VALUES (%s, %s, %s)
ON CONFLICT (result_key) DO UPDATE SET leader = excluded.leader, until = excluded.until WHERE flight.until < %s
"""


def flight_claim(*, result_key: str, leader: str) -> bool:
    """Whether `leader`, the id of an insight, may generate: of many that ask, one."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(table=InsightFlight._meta.db_table), [result_key, leader, now + LEAD, now])
        return cursor.rowcount == 1


def flight_end(*, result_key: str, leader: str) -> None:
    """It is over, well or not. Nothing happens when another one has taken it over."""
    InsightFlight.objects.filter(pk=result_key, leader=leader).delete()


def flights_purge() -> int:
    """Forget those whose leader died; returns how many."""
    return InsightFlight.objects.filter(until__lt=timezone.now() - LEAD).delete()[0]


def pause_next(pause: float, until: float) -> float:
    """How long to wait before the leader is looked at again: longer each time, not beyond the instant `until`."""
    return max(0.0, min(pause * 1.5, 0.4, until - time.monotonic()))
