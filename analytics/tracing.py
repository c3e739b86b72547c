"""What a day or a release was like by the catalogue's figures, for its run in MLflow: numbers, and two pictures.

The figures are those of dashboards: of whole days, provisional until their cases are over, and as fresh as the facts.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.template.loader import render_to_string
from django.utils import timezone

from analytics.dashboards.figures import figure
from analytics.querying import Grain, Period, QuerySpec, Result, specs_run
from analytics.querying.noting import DEMO

SCORES = ("alpha", "judge_relevance", "judge_accuracy", "judge_safety", "thumbs_down_rate")  # 0 to 1
METRICS = (*SCORES, "judged_rate", "reply_ratings", "escalations", "escalation_rate", "cost", "cost_per_reply")
LEAST_DAYS, MOST_DAYS = 14, 60  # of a picture
LEFT, WIDTH, TOP, FLOOR = 40, 620, 60, 210  # pixels
LEGEND_WIDTH = 124
_COLOURS = ("#0f766e", "#2f5fb3", "#7a4fb3", "#5b6470", "#d98b3a")


def period_tell(start: datetime, end: datetime) -> dict[str, float]:
    """The figures of the days from `start` until before `end` by their names in the catalogue, as far as there is
    anything to compute them from. ``<name>_n`` is how many cases one rests on, ``<name>_provisional`` how many may
    still change it; ``demo_history`` is 1 where the demo's invented history is among them."""
    first, last = _days(start, end)
    told: dict[str, float] = {}
    for result in specs_run([QuerySpec(name, Period(first, last)) for name in METRICS]):
        told |= _figures(result)
    return told


def period_draw(start: datetime, end: datetime) -> dict[str, str]:
    """Pictures (SVG) by the names of their files: α, the judge's scores and thumbs down, and what was paid, by day. A
    short span is drawn with the days before it, of a long one the last days."""
    first, last = _days(start, end)
    first = max(min(first, last - timedelta(days=LEAST_DAYS - 1)), last - timedelta(days=MOST_DAYS - 1))
    results = specs_run([QuerySpec(name, Period(first, last), grain=Grain.DAY) for name in (*SCORES, "cost")])
    return {
        "quality.svg": _picture("α, the judge's scores and thumbs down", results[:-1], most=1.0),
        "cost.svg": _picture("What models cost, in US dollars", results[-1:]),
    }


def _days(start: datetime, end: datetime) -> tuple[date, date]:
    return timezone.localdate(start), timezone.localdate(end - timedelta(microseconds=1))


def _figures(result: Result) -> dict[str, float]:
    name, total = result.spec.metric, result.total
    if total.value is None:
        return {}
    found = {name: float(total.value)}
    if total.n is not None:
        found[f"{name}_n"] = float(total.n)
    if result.metric.provisional:
        found[f"{name}_provisional"] = float(total.provisional)
    return found | ({"demo_history": 1.0} if DEMO in result.notes else {})


def _picture(title: str, results: Sequence[Result], *, most: float | None = None) -> str:
    """Lines over the same days, from 0 to `most`, by default to the highest value."""
    period, unit = results[0].spec.period, results[0].metric.unit
    top = most or max((float(row.value or 0) for row in results[0].rows), default=0.0) or 1.0
    lines = [
        {
            "title": result.metric.title,
            "colour": _COLOURS[number],
            "x": LEFT + number * LEGEND_WIDTH,
            "points": _points(result, period, top),
        }
        for number, result in enumerate(results)
    ]
    shown = {"title": title, "first": f"{period.first}", "last": f"{period.last}", "most": figure(top, unit)}
    return render_to_string("analytics/days.svg", {**shown, "lines": lines, "top": TOP, "floor": FLOOR})


def _points(result: Result, period: Period, top: float) -> list[tuple[float, float]]:
    """Days on which there was nothing to compute it from have none."""
    step = WIDTH / max(period.days - 1, 1)
    return [
        (round(LEFT + place * step, 1), round(FLOOR - (FLOOR - TOP) * float(row.value) / top, 1))
        for place, row in enumerate(result.rows)
        if row.value is not None
    ]
