"""Daily sums: what figures add up to on every local day, by the dimensions that people mostly ask for.

A dashboard over 90 days reads a few thousand of them instead of some hundred thousand facts. The database keeps them
itself: whatever statement changes facts, a trigger computes the sums of the days it touched anew in the same
transaction. So they never say anything else than the facts, whoever wrote those and whatever died half-way.

Like the views they are code, not migrations, and made again whenever the catalogue or `TIME_ZONE` changes.
"""

import hashlib
from collections.abc import Mapping
from functools import cache

from analytics.catalogue.metrics import METRICS
from analytics.catalogue.summing import metric_summed
from analytics.reporting.views import SCHEMA, VIEWS

SUMS = "analytics_sums"
# By view: few enough that a day has many facts and few sums. All others are read from the facts.
KEPT_BY: Mapping[str, tuple[str, ...]] = {
    "queries": ("channel", "category", "model", "prompt_version"),
    "cases": ("channel", "category", "model", "prompt_version"),
    "escalations": ("channel", "category", "reason"),
    "attempts": ("area", "scope", "model", "provider", "purpose", "outcome", "channel", "category", "prompt_version"),
    "insights": ("model", "prompt_version", "cache", "ivr_intent", "rating_reason"),
}
_TABLES = {
    "queries": "analytics_queryfact",
    "cases": "analytics_casefact",
    "escalations": "analytics_escalationfact",
    "attempts": "analytics_attemptfact",
    "insights": "analytics_insightfact",
}
# One writer at a time: it sees what the one before it left, or two would each leave out what the other wrote.
_LOCK = "pg_advisory_xact_lock(hashtextextended('analytics sums', 0))"
_TOUCHED = {
    "INSERT": ("NEW TABLE AS new_rows", "SELECT at FROM new_rows"),
    "DELETE": ("OLD TABLE AS old_rows", "SELECT at FROM old_rows"),
    "UPDATE": (
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "SELECT at FROM old_rows UNION ALL SELECT at FROM new_rows",
    ),
}


@cache
def sums_columns(view: str) -> Mapping[str, str]:
    """The column that keeps an aggregate, by the aggregate."""
    kept = [
        sql for metric in METRICS.values() if metric.view == view for one in metric_summed(metric) for sql in one.kept
    ]
    return {sql: f"sum_{number}" for number, sql in enumerate(dict.fromkeys(kept), start=1)}


def daily_view(view: str) -> str:
    """The name of the view over the daily sums of `view`."""
    return f"{view}_daily"


@cache
def sums_statements(zone: str) -> tuple[str, ...]:
    """Makes and fills all of it, for days of `zone`."""
    return (
        f"LOCK TABLE {', '.join(_TABLES.values())} IN SHARE ROW EXCLUSIVE MODE",  # what is written now is not left out
        f"CREATE SCHEMA {SUMS}",
        *(statement for view in VIEWS for statement in (*_table(view, zone), *_triggers(view, zone))),
    )


@cache
def sums_fingerprint(zone: str) -> str:
    """Changes with anything about them."""
    return hashlib.sha256("\n".join(sums_statements(zone)).encode()).hexdigest()[:16]


def _table(view: str, zone: str) -> tuple[str, ...]:
    """The table and the view of it, and where a day's sums come from."""
    names = ", ".join(["day", *KEPT_BY[view], *sums_columns(view).values(), "is_demo"])
    sums = [f"{sql} AS {name}" for sql, name in sums_columns(view).items()]
    by = ["day", *(f"part.{name}" for name in KEPT_BY[view])]
    source = (
        f"SELECT {', '.join([*by, *sums, 'bool_or(part.is_demo) AS is_demo'])}"
        f" FROM (SELECT *, (at AT TIME ZONE '{zone}')::date AS day FROM ({VIEWS[view]}) seen) part"
        f" WHERE {{where}} GROUP BY {', '.join(by)}"
    )
    # The margin is for days whose midnight is left out, or that have two of them.
    of_day = (
        f"at >= (touched.day::timestamp AT TIME ZONE '{zone}') - interval '3 hours'"
        f" AND at < ((touched.day + 1)::timestamp AT TIME ZONE '{zone}') + interval '3 hours'"
        " AND part.day = touched.day"
    )
    return (
        f"CREATE TABLE {SUMS}.{view} AS {source.format(where='true')}",
        f"CREATE INDEX ON {SUMS}.{view} (day)",
        f"CREATE FUNCTION {SUMS}.{view}_of(days date[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
        f" IF days IS NULL THEN RETURN; END IF;"
        f" PERFORM {_LOCK};"
        f" DELETE FROM {SUMS}.{view} WHERE day = ANY(days);"
        f" INSERT INTO {SUMS}.{view} ({names}) SELECT found.* FROM unnest(days) touched(day)"
        f" CROSS JOIN LATERAL ({source.format(where=of_day)}) found; END $$",
        f"CREATE VIEW {SCHEMA}.{daily_view(view)} AS SELECT {names} FROM {SUMS}.{view}",
    )


def _triggers(view: str, zone: str) -> list[str]:
    made = []
    for event, (tables, touched) in _TOUCHED.items():
        name = f"{view}_{event.lower()}"
        made += [
            f"CREATE FUNCTION {SUMS}.{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" PERFORM {SUMS}.{view}_of((SELECT array_agg(DISTINCT (at AT TIME ZONE '{zone}')::date)"
            f" FROM ({touched}) touched)); RETURN NULL; END $$",
            f"CREATE TRIGGER analytics_sums_{event.lower()} AFTER {event} ON {_TABLES[view]} REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {SUMS}.{name}()",
        ]
    return [
        *made,
        f"CREATE FUNCTION {SUMS}.{view}_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" PERFORM {_LOCK}; DELETE FROM {SUMS}.{view}; RETURN NULL; END $$",
        f"CREATE TRIGGER analytics_sums_truncate AFTER TRUNCATE ON {_TABLES[view]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {SUMS}.{view}_truncate()",
    ]
