"""What must be said beside a figure so that nobody reads more out of it than is in it."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from analytics.catalogue.definition import Metric
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import metric_define
from analytics.querying.days import bucket_of
from analytics.querying.results import Result
from analytics.querying.spec import Grain, QuerySpec

DEMO = "Contains the demo's invented history."


def definitions_of(metric: Metric, spec: QuerySpec) -> tuple[Mapping[str, str], ...]:
    """The metric (`metric_define`) and the dimensions ({name, title, text}) in words."""
    named = dict.fromkeys([*spec.dimensions, *(kept.dimension for kept in spec.filters)])
    return (
        metric_define(metric),
        *({"name": name, "title": DIMENSIONS[name].title, "text": DIMENSIONS[name].description} for name in named),
    )


def notes_of(result: Result, *, has_demo: bool) -> tuple[str, ...]:
    """Sentences, the most important first."""
    notes = [_little(result), _provisional(result), _cut(result), _unfinished(result)]
    return tuple(note for note in [*notes, DEMO if has_demo else "", _stale(result)] if note)


def _little(result: Result) -> str:
    metric, total = result.metric, result.total
    if total.value is None or (metric.sample and not total.n):
        return "Not enough data: there is nothing in this period that it could be computed from."
    if not metric.sample:
        return ""
    if not total.enough:
        return f"Not enough data: it rests on {total.n}, and below {metric.min_sample} chance decides."
    few = sum(not row.enough for row in result.rows)
    return f"In {few} of {len(result.rows)} rows n is below {metric.min_sample}: not enough data there." if few else ""


def _provisional(result: Result) -> str:
    count = result.total.provisional
    if not count:
        return ""
    one = count == 1
    return f"Provisional: the 7 days of {count:,} {'case' if one else 'cases'} are not over yet."


def _cut(result: Result) -> str:
    grain, period = result.spec.grain, result.spec.period
    if grain not in (Grain.WEEK, Grain.MONTH):
        return ""
    begins, ends = bucket_of(period.first, grain) < period.first, not _ends_step(result)
    if not begins and not ends:
        return ""
    which = " and ".join(name for name, is_cut in (("first", begins), ("last", ends)) if is_cut)
    return f"The {which} {grain} is cut by the period."


def _ends_step(result: Result) -> bool:
    grain, last = result.spec.grain, result.spec.period.last
    return grain is None or bucket_of(last, grain) != bucket_of(last + timedelta(days=1), grain)


def _unfinished(result: Result) -> str:
    return "Today is not over yet." if result.spec.period.last >= timezone.localdate() else ""


def _stale(result: Result) -> str:
    if result.as_of is None:
        return "The facts have not been built yet: run 'manage.py facts_rebuild', or wait a minute."
    minutes = (timezone.now() - result.as_of).total_seconds() / 60
    return f"The facts are {minutes:.0f} minutes old: they are not being refreshed." if minutes > 10 else ""
