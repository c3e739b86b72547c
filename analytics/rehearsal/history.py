"""The cases of a category as a rehearsal needs them: their runs' factor vectors, and what is known of their replies.

Cases that are alike are one group with a count, so that a hundred thousand runs are some hundred groups.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from agents.gate import SUPPORT_FLOOR
from agents.judging.grading import DOUBTFUL_FROM
from agents.types import Autonomy, Decision
from agents.vectors import Vector, vector_read
from conversations.selectors import channel_limits
from feedback.learning.diffs import REWRITTEN_BELOW
from omnicqm.common.cache import kept

Counts = NDArray[np.int64]
MOST_CASES = 100_000
KEPT_SECONDS = 120
_BETWEEN_RUNS, _BETWEEN_PARTS = "\x1e", "\x1f"

# A reply was wrong when the judge, as people have put it right, grades an aspect of it bad, a customer said that it did
# not help, a consultant rewrote or rejected it, or in the shadow wrote something else. That a case ended without a
# reply, and so without a use for its draft, says nothing of the draft. What became of drafts is what corrections say,
# run by run; the similarity of a reply is that of whatever was shown, and counts where it is older than corrections.
_GROUPS = """
WITH cases AS (
  SELECT conversation_id, reopened OR came_back OR (person_spoke AND NOT escalated) AS is_lost
  FROM analytics_casefact
  WHERE at >= %(since)s AND at < %(until)s AND category = %(category)s AND involved
  ORDER BY at DESC LIMIT %(most)s
), runs AS (
  SELECT f.conversation_id, f.at, f.query_id, concat_ws(%(part)s,
    run.vector::text, (coalesce(run.support, 0) >= %(floor)s)::int, f.channel, (f.category = %(category)s)::int,
    f.decision,
    (f.decision <> 'escalate' AND (f.status = 'escalated' OR f.answered_by = 'consultant'))::int,
    CASE
      WHEN least(f.relevance, f.accuracy, f.safety) < %(bad)s OR f.not_helpful > 0 OR e.draft_similarity < %(rewritten)s
        OR run.id IN (SELECT run_id FROM feedback_correction
                      WHERE kind IN ('rewritten', 'rejected') AND run_id IS NOT NULL)
        OR run.id IN (SELECT run_id FROM feedback_shadowcomparison WHERE NOT agrees) THEN 'wrong'
      WHEN f.relevance IS NOT NULL OR f.helpful > 0 OR e.draft_similarity IS NOT NULL
        OR run.id IN (SELECT run_id FROM feedback_correction
                      WHERE kind IN ('as_is', 'edited') AND run_id IS NOT NULL)
        OR run.id IN (SELECT run_id FROM feedback_shadowcomparison WHERE agrees) THEN 'right'
      ELSE 'unknown' END) AS told
  FROM cases
  JOIN analytics_queryfact f USING (conversation_id)
  JOIN agents_run run ON run.id = f.run_id
  LEFT JOIN analytics_escalationfact e ON e.query_id = f.query_id AND NOT EXISTS (
    SELECT FROM feedback_correction c WHERE c.escalation_id = e.escalation_id AND c.message_id IS NOT NULL)
  WHERE f.has_run AND NOT f.is_covered AND f.decision <> '' AND f.status <> 'ignored'
), told AS (
  SELECT conversation_id, string_agg(told, %(run)s ORDER BY at, query_id) AS runs FROM runs GROUP BY conversation_id
)
SELECT told.runs, cases.is_lost, count(*) FROM told JOIN cases USING (conversation_id) GROUP BY 1, 2"""


@dataclass(frozen=True)
class RunKind:
    """Runs that are alike. `vector` is None for one that ended before vectors were kept.

    `is_own` says that it is of the category; `held` that something but the score kept its reply back; `floor` and
    `limit` are what its channel demands and allows.
    """

    vector: Vector | None
    decision: Decision
    is_own: bool
    held: bool
    reply: Literal["right", "wrong", "unknown"]
    floor: int = 0
    limit: Autonomy = Autonomy.AUTO


@dataclass(frozen=True, eq=False)
class History:
    """The cases of a category that were opened from `since` until before `until`: `cases` of them, with `times` runs of
    each kind.

    Those that can be resolved at all, because nobody wrote in them of their own accord and the customer did not come
    back, are rows of `runs`, `counts` cases each: the places of their runs in `kinds`, in order, filled up at the front
    with a place behind the last.
    """

    category: str
    since: datetime
    until: datetime
    kinds: tuple[RunKind, ...]
    cases: int
    times: Counts
    runs: Counts
    counts: Counts

    @property
    def days(self) -> float:
        return max((self.until - self.since) / timedelta(days=1), 1.0)

    @property
    def is_cut(self) -> bool:
        """Whether older cases of the period were left out."""
        return self.cases >= MOST_CASES


def history_load(category: str, *, days: int, now: datetime | None = None) -> History:
    """The cases of `category` opened in the last `days`, kept for two minutes."""
    if now is not None:
        return history_read(category, since=now - timedelta(days=days), until=now)

    def read() -> History:
        until = timezone.now()
        return history_read(category, since=until - timedelta(days=days), until=until)

    return kept(f"rehearsal:{category}:{days}", KEPT_SECONDS, read)


def history_read(category: str, *, since: datetime, until: datetime) -> History:
    """As `history_load`, anew."""
    values: dict[str, Any] = {
        "category": category,
        "since": since,
        "until": until,
        "most": MOST_CASES,
        "floor": SUPPORT_FLOOR,
        "bad": DOUBTFUL_FROM,
        "rewritten": REWRITTEN_BELOW,
        "part": _BETWEEN_PARTS,
        "run": _BETWEEN_RUNS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, values)
        rows = cursor.fetchall()
    return _history(category, since, until, rows)


def _history(category: str, since: datetime, until: datetime, rows: list[tuple[str, bool, int]]) -> History:
    limits = channel_limits()
    places: dict[str, int] = {}
    groups = [
        ([places.setdefault(told, len(places)) for told in runs.split(_BETWEEN_RUNS)], is_lost, count)
        for runs, is_lost, count in rows
    ]
    times = np.zeros(len(places), dtype=np.int64)
    for of_case, _, count in groups:
        np.add.at(times, of_case, count)
    resolvable = [(runs, count) for runs, is_lost, count in groups if not is_lost]
    most = max((len(runs) for runs, _ in resolvable), default=1)
    filled = [[len(places)] * (most - len(runs)) + runs for runs, _ in resolvable]
    return History(
        category=category,
        since=since,
        until=until,
        kinds=tuple(_kind(told, limits) for told in places),
        cases=sum(count for *_, count in groups),
        times=times,
        runs=np.array(filled, dtype=np.int64).reshape(len(filled), most),
        counts=np.array([count for _, count in resolvable], dtype=np.int64),
    )


def _kind(told: str, limits: Mapping[str, tuple[int, Autonomy]]) -> RunKind:
    vector, supported, channel, own, decision, held, reply = told.split(_BETWEEN_PARTS)
    stored = json.loads(vector)
    floor, limit = limits.get(channel, (0, Autonomy.AUTO))
    return RunKind(
        vector=vector_read(stored, support=float(supported)) if stored else None,
        decision=Decision(decision),
        is_own=own == "1",
        held=held == "1",
        reply=reply,  # type: ignore[arg-type]
        floor=floor,
        limit=limit,
    )
