"""Bringing the facts up to date: a little every minute, all of them when they have to be built."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from agents.selectors import category_titles
from analytics.catalogue.dimensions import RATING_REASONS
from analytics.facts.attempts import ATTEMPTS
from analytics.facts.cases import CASES, PAUSE, WINDOW
from analytics.facts.changes import OVERLAP, Changes, changes_since
from analytics.facts.drafts import drafts_compare
from analytics.facts.escalations import ESCALATIONS
from analytics.facts.insights import INSIGHTS, TRANSFER
from analytics.facts.queries import JUDGED, JUDGED_TABLE, QUERIES
from analytics.facts.upserts import Upsert
from analytics.facts.values import values_forget, values_note
from analytics.models import CaseFact, FactsState
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

AT_ONCE = 5_000  # rows of one statement
LOOK_BACK_EVERY, LOOK_BACK = timedelta(days=1), WINDOW + timedelta(days=1)
_LOCK = "pg_try_advisory_xact_lock(hashtextextended('analytics facts', 0))"
_WAIT = "pg_advisory_xact_lock(hashtextextended('analytics facts', 0))"
_BUILD, _BUILT = (
    f"pg_{name}(hashtextextended('analytics facts are built', 0))" for name in ("try_advisory_lock", "advisory_unlock")
)
_SOURCES = {  # table with the ids, by the fact they are of, in the order in which facts rest on each other
    "queries": "conversations_query",
    "cases": "conversations_conversation",
    "escalations": "conversations_escalation",
    "insights": "conversations_insight",
    "attempts": "common_attempt",
}


def facts_refresh() -> int:
    """Write again what changed since the last time; how many facts say something new.

    All of it in one transaction: killed half-way, nothing has happened, and twice changes nothing. Does nothing while
    another process is at it. Once a day the last week is gone through again, for what nobody told of. The first time
    all facts are built.
    """
    state = FactsState.objects.filter(pk=FactsState.ONLY).first()
    if state is None or state.through is None:
        return _build_alone()
    return _refresh()


def _build_alone() -> int:
    """It takes a while, and the next one who wants it done is not far."""
    if not _asked(_BUILD):
        return 0
    try:
        return facts_rebuild()
    finally:
        _asked(_BUILT)


@transaction.atomic
def _refresh() -> int:
    if not _asked(_LOCK):
        return 0
    state = FactsState.objects.get(pk=FactsState.ONLY)
    now = timezone.now()
    assert state.through is not None
    since = state.through - OVERLAP
    if state.looked_back_at is None or now - state.looked_back_at >= LOOK_BACK_EVERY:
        since, state.looked_back_at = min(since, now - LOOK_BACK), now
    changes = changes_since(since, now=now, judged=_has_judge())
    written = _write(changes) + _invented_settle()
    if state.looked_back_at == now:
        values_forget()
    state.through = now
    state.save()
    if written:
        log.info("facts_refreshed", looked_at=changes.count, written=written)
    return written


def facts_rebuild() -> int:
    """Build all facts anew from what is there now; how many were written. The demo's invented history stays.

    Piece by piece, each in a transaction of its own; killed half-way, the next call does it all again.
    """
    begun, written = timezone.now(), 0
    state, _ = FactsState.objects.get_or_create(pk=FactsState.ONLY)
    for name, table in _SOURCES.items():
        for ids in _pieces(table):
            with transaction.atomic():
                _asked(_WAIT)
                written += _WRITERS[name](ids)
    with transaction.atomic():
        _asked(_WAIT)
        _forgotten_delete()
        values_forget()
        values_note(None)
        state.through, state.looked_back_at = begun, begun
        state.save()
    log.info("facts_rebuilt", written=written)
    return written


def _asked(function: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}")
        return bool(cursor.fetchone()[0])


def _pieces(table: str) -> Iterator[list[str]]:
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s", [last, AT_ONCE])
            ids = [key for (key,) in cursor.fetchall()]
        if not ids:
            return
        yield ids
        last = ids[-1]


def _write(changes: Changes) -> int:
    written = 0
    for name in _SOURCES:
        ids = getattr(changes, name)
        for start in range(0, len(ids), AT_ONCE):
            written += _WRITERS[name](ids[start : start + AT_ONCE])
    if written:
        values_note({fact.table: getattr(changes, name) for name, fact in _FACTS.items()})
    return written


def _invented_settle() -> int:
    """The demo's cases are made of nothing that could be looked at again: their days pass all the same."""
    passed = CaseFact.objects.filter(is_demo=True, is_provisional=True, window_until__lte=timezone.now())
    return passed.update(is_provisional=False)


def _forgotten_delete() -> None:
    """Facts of what is not there any more."""
    with connection.cursor() as cursor:
        for name, fact in _FACTS.items():
            gone = f"NOT EXISTS (SELECT FROM {_SOURCES[name]} source WHERE source.id = fact.{fact.key})"
            cursor.execute(f"DELETE FROM {fact.table} fact WHERE NOT is_demo AND {gone}")


def _has_judge() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [JUDGED_TABLE])
        return bool(cursor.fetchone()[0])


def _queries_write(ids: Sequence[str]) -> int:
    written = QUERIES.run(ids)
    if _has_judge():
        with connection.cursor() as cursor:
            cursor.execute(JUDGED, {"ids": list(ids)})
            written += cursor.rowcount
    return written


_NO_CASE = """
DELETE FROM analytics_casefact fact WHERE conversation_id = ANY(%s) AND NOT is_demo AND NOT EXISTS (
  SELECT FROM conversations_query q WHERE q.conversation_id = fact.conversation_id
    AND NOT (q.status = 'ignored' AND q.run_id IS NULL))"""


def _cases_write(ids: Sequence[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NO_CASE, [list(ids)])
    titles = {key: title.lower() for key, title in category_titles().items()}
    return CASES.run(ids, now=timezone.now(), pause=PAUSE, window=WINDOW, titles=json.dumps(titles))


def _escalations_write(ids: Sequence[str]) -> int:
    written = ESCALATIONS.run(ids)
    drafts_compare(ids)
    return written


def facts_hold() -> None:
    """Nobody else writes facts until this transaction ends; waits for who does."""
    _asked(_WAIT)


def insights_write(ids: Sequence[str]) -> int:
    """Write the facts of these insights again; how many say something new."""
    return INSIGHTS.run(ids, transfer=TRANSFER, reasons=list(RATING_REASONS))


_FACTS: dict[str, Upsert] = {
    "queries": QUERIES,
    "cases": CASES,
    "escalations": ESCALATIONS,
    "insights": INSIGHTS,
    "attempts": ATTEMPTS,
}
_WRITERS: dict[str, Callable[[Sequence[str]], int]] = {
    "queries": _queries_write,
    "cases": _cases_write,
    "escalations": _escalations_write,
    "insights": insights_write,
    "attempts": ATTEMPTS.run,
}
