"""What may say something else than its fact since a moment. Every look-up goes by an index.

New rows are found by their ids, which begin with the moment they were made; what changes later is found by what tells
of it: the audit trail, ratings, the ledger. A row is stamped before its transaction commits, so that one looks back
`OVERLAP` further than the last time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from ulid import ULID

from analytics.facts.cases import WINDOW

OVERLAP = timedelta(minutes=15)
_RECENT = WINDOW + timedelta(days=1)

# Each finds ids of queries, but those that say otherwise.
_QUERIES = """
  SELECT id FROM conversations_query WHERE id >= %(qry)s
  UNION SELECT query_id FROM analytics_queryfact WHERE NOT is_final AND NOT is_demo
  UNION SELECT object_id FROM common_auditevent WHERE at >= %(since)s AND object_type = 'query'
  UNION SELECT q.id FROM common_auditevent a JOIN conversations_escalation e ON e.id = a.object_id
    JOIN conversations_query q ON q.conversation_id = e.conversation_id
    WHERE a.at >= %(since)s AND a.object_type = 'escalation'
  UNION SELECT query_id FROM feedback_rating WHERE created_at >= %(since)s AND query_id IS NOT NULL
  UNION SELECT r.origin FROM common_attempt a JOIN agents_run r ON r.id = a.run_id
    WHERE a.at >= %(since)s AND r.origin <> ''
  UNION SELECT q.id FROM conversations_query q JOIN conversations_conversation c ON c.id = q.conversation_id
    WHERE c.customer_id = ANY(%(moved)s)"""
_JUDGED = """
  UNION SELECT q.id FROM feedback_judgement j JOIN conversations_query q ON q.run_id = j.run_id
    WHERE j.judged_at >= %(since)s
  UNION SELECT q.id FROM feedback_overruling v JOIN feedback_judgement j ON j.id = v.judgement_id
    JOIN conversations_query q ON q.run_id = j.run_id WHERE v.created_at >= %(since)s"""
_ESCALATIONS = """
  SELECT id FROM conversations_escalation WHERE id >= %(esc)s
  UNION SELECT escalation_id FROM analytics_escalationfact WHERE closed_at IS NULL AND NOT is_demo
  UNION SELECT object_id FROM common_auditevent WHERE at >= %(since)s AND object_type = 'escalation'
  UNION SELECT id FROM conversations_escalation WHERE query_id = ANY(%(queries)s)"""
_INSIGHTS = """
  SELECT id FROM conversations_insight WHERE id >= %(ins)s
  UNION SELECT insight_id FROM feedback_rating WHERE created_at >= %(since)s AND insight_id IS NOT NULL
  UNION SELECT i.id FROM common_attempt a JOIN conversations_insight i ON i.id = a.run_id WHERE a.at >= %(since)s
  UNION SELECT id FROM conversations_insight WHERE customer_id = ANY(%(moved)s)"""
_ATTEMPTS = """
  SELECT id FROM common_attempt WHERE id >= %(att)s
  UNION SELECT id FROM common_attempt WHERE at >= %(since)s
  UNION SELECT a.id FROM common_attempt a JOIN agents_run r ON r.id = a.run_id WHERE r.origin = ANY(%(queries)s)"""
# A case changes with its own queries and messages, and with what its customer does elsewhere while it is recent; with
# everything of theirs, when customers became one or another system told of old touches.
_CASES = """
  WITH touched AS (
    SELECT conversation_id AS id FROM conversations_query WHERE id = ANY(%(queries)s)
    UNION SELECT conversation_id FROM conversations_message WHERE id >= %(msg)s
    UNION SELECT object_id FROM common_auditevent WHERE at >= %(since)s AND object_type = 'conversation'
  ), customers AS (
    SELECT DISTINCT c.customer_id AS id FROM touched JOIN conversations_conversation c ON c.id = touched.id
  ), told AS (
    SELECT unnest(%(moved)s::text[]) AS id
    UNION SELECT customer_id FROM conversations_interaction WHERE id >= %(itr)s AND source <> 'message'
  )
  SELECT id FROM touched
  UNION SELECT f.conversation_id FROM analytics_casefact f JOIN customers ON customers.id = f.customer_id
    WHERE f.answered_at >= %(recent)s AND NOT f.is_demo
  UNION SELECT c.id FROM conversations_conversation c JOIN told ON told.id = c.customer_id
  UNION SELECT conversation_id FROM analytics_casefact
    WHERE is_provisional AND window_until <= %(now)s AND NOT is_demo"""
_MOVED = """
  SELECT coalesce(c.merged_into_id, c.id) FROM conversations_customer c JOIN (
    SELECT object_id AS id FROM common_auditevent WHERE at >= %(since)s AND object_type = 'customer'
      AND action IN ('customer.merged', 'customer.split')
    UNION SELECT details->>'created' FROM common_auditevent WHERE at >= %(since)s AND object_type = 'customer'
      AND action = 'customer.split'
  ) changed ON changed.id = c.id"""


@dataclass(frozen=True)
class Changes:
    """Ids, sorted."""

    queries: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    escalations: list[str] = field(default_factory=list)
    insights: list[str] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(ids) for ids in vars(self).values())


def changes_since(since: datetime, *, now: datetime, judged: bool) -> Changes:
    """Everything whose fact may have to be written again. `judged`: whether there is a judge whose scores count."""
    known: dict[str, Any] = {"since": since, "now": now, "recent": now - _RECENT, **_first_ids(since)}
    known["moved"] = _found(_MOVED, known)
    known["queries"] = queries = _found(_QUERIES + (_JUDGED if judged else ""), known)
    return Changes(
        queries=queries,
        cases=_found(_CASES, known),
        escalations=_found(_ESCALATIONS, known),
        insights=_found(_INSIGHTS, known),
        attempts=_found(_ATTEMPTS, known),
    )


def _first_ids(since: datetime) -> dict[str, str]:
    """The smallest id of each kind that can have been made at `since`."""
    moment = str(ULID.from_datetime(since)).lower()[:10]
    return {prefix: f"{prefix}_{moment}{'0' * 16}" for prefix in ("qry", "esc", "msg", "itr", "att", "ins")}


def _found(sql: str, values: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return sorted(_column(cursor.fetchall()))


def _column(rows: Iterable[tuple[str | None]]) -> set[str]:
    return {value for (value,) in rows if value}
