"""The last seven days in four small lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from analytics.dashboards.figures import change_figure, change_tone, figure
from analytics.errors import SpecInvalid
from analytics.querying import Grain, Period, QuerySpec, Result, specs_run
from analytics.querying.results import Value
from analytics.querying.spec import Compare
from omnicqm.common.cache import kept
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

DAYS = 7
KEPT_SECONDS = 60
WIDTH, HEIGHT, EDGE = 120, 32, 3
_SHOWN = {  # metric: title, dashboard
    "queries": ("Messages", "volume"),
    "alpha": ("Solved without a person (α)", "performance"),
    "escalations": ("Escalations", "volume"),
    "first_answer_time_p50": ("First answer, median", "performance"),
}


@dataclass(frozen=True)
class Trend:
    """One figure of the week: the whole in words, a line of its days (points of an SVG polyline, empty when there is
    nothing to draw), how it differs from the week before, and all of it as a sentence."""

    title: str
    text: str
    change: str
    tone: str
    line: str
    area: str
    words: str
    board: str

    @property
    def url(self) -> str:
        return f"{reverse('dashboards:page', args=[self.board])}?period=7d"


def trends_read() -> Sequence[Trend]:
    """None at all when the figures cannot be had at the moment."""
    today = timezone.localdate()
    return kept(f"console:trends:{today}", KEPT_SECONDS, lambda: _read(today))


def _read(today: date) -> list[Trend]:
    period = Period(today - timedelta(days=DAYS - 1), today)
    specs = [QuerySpec(name, period, grain=Grain.DAY, compare=Compare.PREVIOUS) for name in _SHOWN]
    try:
        return [_trend(result, period) for result in specs_run(specs)]
    except (OmniError, SpecInvalid) as error:
        log.warning("console_trends_not_read", error=type(error).__name__)
        return []


def _trend(result: Result, period: Period) -> Trend:
    (title, board), unit, total = _SHOWN[result.spec.metric], result.metric.unit, result.total
    said = total.value is not None and total.enough
    change = change_figure(total.value, total.compare, unit) if said else ""
    days = [period.first + timedelta(days=number) for number in range(period.days)]
    values = _by_day(result, days)
    points = _points(values) if said else []
    return Trend(
        title=title,
        text=figure(total.value, unit) if said else "–",
        change=change,
        tone=change_tone(total.value, total.compare, result.metric.direction) if change[:1] in "+−" else "",
        line=" ".join(points),
        area=f"0,{HEIGHT} {' '.join(points)} {WIDTH},{HEIGHT}" if points else "",
        words=_words(result, days, values, change) if said else f"{title}: not enough data in the last {DAYS} days.",
        board=board,
    )


def _by_day(result: Result, days: Sequence[date]) -> list[Value]:
    found = {row.bucket: row.value for row in result.rows}
    return [found.get(day) for day in days]


def _points(values: Sequence[Value]) -> list[str]:
    known = [(place, float(value)) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return []
    low, high = min(value for _, value in known), max(value for _, value in known)
    step, span = WIDTH / (len(values) - 1), (high - low) or 1
    return [
        f"{place * step:.1f},{HEIGHT - EDGE - (value - low) / span * (HEIGHT - 2 * EDGE):.1f}" for place, value in known
    ]


def _words(result: Result, days: Sequence[date], values: Sequence[Value], change: str) -> str:
    title, unit = _SHOWN[result.spec.metric][0], result.metric.unit
    each = ", ".join(f"{day:%A} {figure(value, unit)}" for day, value in zip(days, values, strict=True))
    against = f" ({change} against the week before)" if change else ""
    return f"{title}: {figure(result.total.value, unit)} in the last {DAYS} days{against}. {each}."
