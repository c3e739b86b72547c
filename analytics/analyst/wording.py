"""Values, periods and specs in words."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from analytics.catalogue.definition import Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS
from analytics.catalogue.values import dimension_values
from analytics.querying import Compare, Filter, Grain, Period, QuerySpec
from analytics.querying.results import change_of, change_unit
from omnicqm.common.text import line_clean

Value = int | float | Decimal | None
MAX_LABEL_CHARS = 80
COMPARED = {
    Compare.PREVIOUS: "the period before",
    Compare.WEEK: "the week before",
    Compare.MONTH: "the month before",
    Compare.YEAR: "the year before",
}


def value_say(value: Value, unit: Unit) -> str:
    """``82.4 %``, ``$1.20``, ``3 min 20 s``; a dash where there is none."""
    if value is None:
        return "–"
    match unit:
        case Unit.SHARE:
            return f"{100 * float(value):.1f} %"
        case Unit.USD:
            return usd_say(value)
        case Unit.SECONDS:
            return _duration(float(value))
        case Unit.MILLISECONDS:
            return f"{value:,.0f} ms" if abs(float(value)) < 1000 else f"{float(value) / 1000:,.1f} s"
        case Unit.COUNT:
            return f"{value:,.0f}"
        case Unit.TOKENS:
            return f"{value:,.0f} tokens"
    return f"{float(value):,.2f}"


def usd_say(value: Value) -> str:
    """Two decimals, and as many more as a small amount needs to show."""
    amount = float(value or 0)
    places = 2 if not amount or abs(amount) >= 0.1 else 4 if abs(amount) >= 0.001 else 8
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{places}f}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    for size, name, small, part in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            whole, rest = divmod(round(seconds / small) * small, size)
            return f"{whole:,.0f} {name}" + (f" {rest / small:.0f} {part}" if rest else "")
    return f"{seconds:.1f} s"


def change_say(value: Value, before: Value, unit: Unit) -> str:
    """How `value` differs: of shares and scores in points, of everything else in percent of what was before."""
    if value is None or before is None:
        return ""
    if value == before:
        return "the same"
    word, change = "up" if value > before else "down", change_of(value, before, unit)
    if change is None:
        return f"{word} from nothing"
    if change_unit(unit) is not Unit.POINTS:
        return f"{word} {abs(change):.1%}".replace("%", " %")
    points = f"{abs(change):.1f} {'percentage ' if unit is Unit.SHARE else ''}points"
    return f"{word} {points}" if round(change, 1) else "the same"


def period_say(period: Period) -> str:
    """``in October 2026``, ``on 17 November 2026``, ``from 9 to 15 November 2026``."""
    if period.first == period.last:
        return f"on {day_say(period.first)}"
    is_month = period.first.day == 1 and (period.last + timedelta(days=1)).day == 1
    if is_month and period.first.month == period.last.month and period.first.year == period.last.year:
        return f"in {period.first:%B %Y}"
    return f"from {stretch_say(period, 'to')}"


def stretch_say(period: Period, joined: str = "–") -> str:
    between = f" {joined} " if joined.isalpha() else joined
    if period.first == period.last:
        return day_say(period.first)
    if period.first.year != period.last.year:
        return f"{day_say(period.first)}{between}{day_say(period.last)}"
    if period.first.month != period.last.month:
        return f"{period.first.day} {period.first:%B}{between}{day_say(period.last)}"
    return f"{period.first.day}{between}{day_say(period.last)}"


def day_say(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def bucket_say(bucket: date | datetime, grain: Grain) -> str:
    """``12 November 2026``, ``the week of 9 November 2026``, ``October 2026``, ``12 November 2026, 14:00``."""
    if isinstance(bucket, datetime):
        local = timezone.localtime(bucket) if timezone.is_aware(bucket) else bucket
        return f"{day_say(local.date())}, {local:%H:%M}"
    if grain is Grain.WEEK:
        return f"the week of {day_say(bucket)}"
    return f"{bucket:%B %Y}" if grain is Grain.MONTH else day_say(bucket)


def label_say(label: str) -> str:
    """A label, which may be of somebody else's making, on one line and not too long."""
    text = line_clean(label)
    return text if len(text) <= MAX_LABEL_CHARS else f"{text[: MAX_LABEL_CHARS - 1]}…"


def filter_say(kept: Filter) -> str:
    """``channel Website chat``, ``not weekday Saturday or Sunday``."""
    labels = dimension_values(DIMENSIONS[kept.dimension])
    named = [label_say(labels.get(value, value)) for value in kept.values]
    title = DIMENSIONS[kept.dimension].title.lower()
    return f"{'not ' if kept.negated else ''}{title} {list_say(named, 'or')}"


def list_say(parts: Iterable[str], joined: str = "and") -> str:
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} {joined} {last}" if first else last


def spec_say(spec: QuerySpec) -> str:
    """The whole spec in words, for those who check whether they were understood."""
    compared = [f"compared with {COMPARED[spec.compare]}"] if spec.compare else []
    parts = [METRICS[spec.metric].title, period_say(spec.period), *_split_say(spec), *compared, *_top_say(spec)]
    return ", ".join(parts)


def spec_name(spec: QuerySpec) -> str:
    """What is asked whatever the period and what it is held against, both of which a dashboard may change: a title."""
    return ", ".join([METRICS[spec.metric].title, *_split_say(spec), *_top_say(spec)])


def _split_say(spec: QuerySpec) -> list[str]:
    by = [DIMENSIONS[name].title.lower() for name in spec.dimensions] + ([spec.grain.value] if spec.grain else [])
    kept = [f"only {filter_say(one)}" if not one.negated else filter_say(one) for one in spec.filters]
    return [*([f"by {list_say(by)}"] if by else []), *kept]


def _top_say(spec: QuerySpec) -> list[str]:
    return [f"the {abs(spec.top)} {'largest' if spec.top > 0 else 'smallest'}"] if spec.top else []
