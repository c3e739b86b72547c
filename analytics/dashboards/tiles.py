"""One figure with everything that is needed to read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.catalogue.definition import Metric
from analytics.dashboards.figures import (
    change_figure,
    change_tone,
    figure,
    period_figure,
    sample_figure,
    target_figure,
)
from analytics.querying import Result
from analytics.querying.results import Value

WIDTH, HEIGHT = 100, 24  # of the small line, in its own units
_LIVELY = {"good": "better", "bad": "worse", "": ""}


@dataclass(frozen=True)
class Tile:
    """`tone` of the change: good, bad or empty; `verdict` says the same in a word. `met` None: there is no target, or
    too little to say. `line` has the points of an SVG polyline, empty when there is nothing to draw."""

    metric: Metric
    text: str
    enough: bool
    note: str
    change: str
    tone: str
    before: str
    target: str
    met: bool | None
    provisional: int
    line: str
    ignored: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        return _LIVELY[self.tone]


def tile_make(result: Result, ignored: tuple[str, ...]) -> Tile:
    """Of an answer with steps in time."""
    metric, total = result.metric, result.total
    said = total.value is not None and total.enough
    change = change_figure(total.value, total.compare, metric.unit) if said else ""
    differs = bool(change) and not change.startswith("±")  # what rounds to nothing is neither better nor worse
    return Tile(
        metric=metric,
        text=figure(total.value, metric.unit) if said else "Not enough data",
        enough=said,
        note="" if said else sample_figure(metric, total.n) if metric.sample else "",
        change=change,
        tone=change_tone(total.value, total.compare, metric.direction) if differs else "",
        before=_before(result) if said else "",
        target=target_figure(metric.target, metric.unit) if metric.target else "",
        met=metric.target.met(float(total.value)) if said and metric.target and total.value is not None else None,
        provisional=total.provisional,
        line=_line([row.value for row in result.rows]) if said else "",
        ignored=ignored,
    )


def _before(result: Result) -> str:
    if not result.compare_period:
        return ""
    value = figure(result.total.compare, result.metric.unit)
    return f"{value} in {period_figure(result.compare_period)}"


def _line(values: Sequence[Value]) -> str:
    points = [(place, float(value)) for place, value in enumerate(values) if value is not None]
    if len(points) < 2:
        return ""
    low, high = min(value for _, value in points), max(value for _, value in points)
    step, span = WIDTH / (len(values) - 1), (high - low) or 1
    heights = [(place, HEIGHT - 2 - (value - low) / span * (HEIGHT - 4)) for place, value in points]
    return " ".join(f"{place * step:.1f},{height:.1f}" for place, height in heights)
